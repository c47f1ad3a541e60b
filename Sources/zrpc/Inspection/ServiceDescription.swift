internal import MessagePack
internal import ZeroRPC

/// Holds what a service tells about itself.
struct ServiceDescription: Equatable {
  var name: String
  var methods: [MethodDescription]

  /// Reads the answer to `_zerorpc_inspect`; nil if it is none.
  init?(_ answer: MessagePackValue) {
    guard let methods = answer["methods"]?.mapValue else { return nil }
    name = answer["name"]?.stringValue ?? ""
    self.methods = methods.compactMap { pair in
      guard let name = pair.key.stringValue else { return nil }
      return MethodDescription(name: name, parameters: pair.value["args"], documentation: pair.value["doc"])
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
    for method in names {
      let help = try await client.remote["_zerorpc_help"](method)
      methods.append(MethodDescription(name: method, parameters: nil, documentation: help))
    }
  }
}

/// Holds what a service tells about one method.
struct MethodDescription: Equatable {
  var name: String
  /// The parameters with their defaults, as text; nil if the service does not tell.
  var parameters: [String]?
  /// The documentation, without the indentation of its source.
  var documentation: String?

  /// Reads the parts of an answer, which may be missing or nil.
  init(name: String, parameters: MessagePackValue?, documentation: MessagePackValue?) {
    self.name = name
    self.parameters = parameters?.arrayValue.map { list in
      var texts = list.map { parameter in
        let name = parameter["name"]?.stringValue ?? "?"
        return parameter["default"].map { "\(name)=\($0.json)" } ?? name
      }
      // Python lists it, but callers do not pass it.
      if texts.first == "self" { texts.removeFirst() }
      return texts
    }
    let text = documentation?.stringValue.map(Self.withoutIndentation) ?? ""
    self.documentation = text.isEmpty ? nil : text
  }

  /// Removes the space that all lines but the first have in common, as Python's `inspect.cleandoc` does.
  private static func withoutIndentation(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
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
