internal import MessagePack
internal import ZeroRPC

/// Holds what a service tells about itself.
struct ServiceDescription: Equatable {
  /// Its name; empty if it has told none.
  var name: String
  var methods: [MethodDescription]

  /// Reads the answer to `_zerorpc_inspect`; nil if it is none.
  init?(_ answer: MessagePackValue) {
    guard let methods = answer["methods"]?.mapValue else { return nil }
    name = answer["name"]?.stringValue ?? ""
    self.methods = methods.compactMap { pair in
      guard let name = pair.key.stringValue else { return nil }
      return MethodDescription(name: name, answer: pair.value, types: answer["types"]?[name])
    }
  }

  /// Asks a service.
  ///
  /// - Throws: what the calls throw.
  init(asking client: RPCClient) async throws {
    do {
      let answer = try await client.remote["_zerorpc_inspect"]()
      guard let description = ServiceDescription(answer) else {
        throw RPCError(
          code: .invalidResult,
          message: "\(client.endpoints.joined(separator: ", ")) answers _zerorpc_inspect with \(answer.json), "
            + "which does not describe a service")
      }
      self = description
    } catch let error as RemoteError {
      // zerorpc for Python fails at this on Python 3.11 and later, but answers the smaller questions.
      do {
        try await self.init(askingInParts: client)
      } catch is RemoteError {
        throw error
      }
    }
  }

  private init(askingInParts client: RPCClient) async throws {
    let names: [String] = try await client.remote["_zerorpc_list"]()
    name = try await client.remote["_zerorpc_name"]()
    methods = []
    var tellsArguments = true
    for method in names {
      let help = try await client.remote["_zerorpc_help"](method)
      var parameters: [ParameterDescription]?
      if tellsArguments {
        do {
          let specification = try await client.remote["_zerorpc_args"](method)
          parameters = ParameterDescription.list(argumentSpecification: specification)
        } catch is RemoteError {
          // Whoever cannot tell those of one method cannot tell those of another.
          tellsArguments = false
        }
      }
      methods.append(MethodDescription(name: method, listed: parameters, text: help.stringValue))
    }
  }
}

/// Holds what a service tells about one method.
struct MethodDescription: Equatable {
  var name: String
  /// The parameters as the service lists them, `self` included; nil if it does not tell.
  var listed: [ParameterDescription]?
  /// The documentation as the service has it.
  var text: String?
  /// The Swift type of the result, or of the items of a stream, if the service tells; empty if it returns nothing.
  var result: String?
  /// Whether it streams; nil if the service does not tell.
  var isStream: Bool?

  init(
    name: String, listed: [ParameterDescription]? = nil, text: String? = nil, result: String? = nil,
    isStream: Bool? = nil
  ) {
    (self.name, self.listed, self.text, self.result, self.isStream) = (name, listed, text, result, isStream)
  }

  /// Reads what `_zerorpc_inspect` has for a method, of which anything may be missing or nil, and the types that services of
  /// Swift add.
  init(name: String, answer: MessagePackValue, types: MessagePackValue?) {
    var listed = answer["args"]?.arrayValue.map { $0.map(ParameterDescription.init) }
    for index in listed?.indices ?? 0..<0 { listed?[index].type = types?["args"]?[index]?.stringValue }
    self.init(
      name: name, listed: listed, text: answer["doc"]?.stringValue, result: types?["returns"]?.stringValue,
      isStream: types?["stream"]?.boolValue)
  }

  /// The parameters that callers pass; nil if the service does not tell.
  var parameters: [ParameterDescription]? {
    // Python lists it, but callers do not pass it.
    listed.map { $0.first?.name == "self" ? Array($0.dropFirst()) : $0 }
  }

  /// The documentation without the indentation of its source; nil if there is none.
  var documentation: String? {
    let text = text.map(Self.withoutIndentation) ?? ""
    return text.isEmpty ? nil : text
  }

  /// Removes the space that all lines but the first have in common, as Python's `inspect.cleandoc` does.
  private static func withoutIndentation(_ text: String) -> String {
    var lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.trimmingSuffix(while: \.isWhitespace)
    }
    let indentation =
      lines.dropFirst().filter { !$0.isEmpty }.map { $0.prefix(while: { $0 == " " || $0 == "\t" }).count }.min() ?? 0
    for index in lines.indices {
      lines[index] = index == 0 ? lines[0].drop(while: \.isWhitespace) : lines[index].dropFirst(indentation)
    }
    while lines.first?.isEmpty == true { lines.removeFirst() }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }
}

/// Holds what a service tells about one parameter of a method.
struct ParameterDescription: Equatable {
  /// Says what a parameter takes.
  enum Kind: Equatable { case single, remainder, named }

  var name: String
  /// What the method assumes if it is not passed.
  var defaultValue: MessagePackValue?
  /// Its Swift type, if the service tells.
  var type: String?
  /// `*args` takes all that remain, and `**kwargs` cannot be passed at all.
  var kind = Kind.single

  init(_ name: String, defaultValue: MessagePackValue? = nil, type: String? = nil, kind: Kind = .single) {
    (self.name, self.defaultValue, self.type, self.kind) = (name, defaultValue, type, kind)
  }

  /// Reads an element of what `_zerorpc_inspect` lists.
  init(_ answer: MessagePackValue) {
    self.init(answer["name"]?.stringValue ?? "?", defaultValue: answer["default"])
  }

  /// Reads the answer to `_zerorpc_args`, which is Python's `getargspec`: names, that of `*args`, that of `**kwargs`, defaults.
  static func list(argumentSpecification answer: MessagePackValue) -> [ParameterDescription]? {
    guard let names = answer[0]?.arrayValue else { return nil }
    var parameters = names.map { ParameterDescription($0.stringValue ?? "?") }
    let defaults = answer[3]?.arrayValue ?? []
    for (offset, value) in defaults.reversed().enumerated() where offset < parameters.count {
      parameters[parameters.count - 1 - offset].defaultValue = value
    }
    if let name = answer[1]?.stringValue { parameters.append(ParameterDescription(name, kind: .remainder)) }
    if let name = answer[2]?.stringValue { parameters.append(ParameterDescription(name, kind: .named)) }
    return parameters
  }
}
