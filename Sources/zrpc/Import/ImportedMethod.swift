internal import MessagePack
internal import ZeroRPCCodeGen

/// Holds a method as the written protocol has it.
struct ImportedMethod {
  struct Parameter {
    var name: String
    var type: String
    var defaultValue: MessagePackValue?
    var text: String

    /// The default as Swift writes it.
    var literal: String? { defaultValue.flatMap { SwiftLiteral.text($0, as: type) } }
  }

  /// What a user says who knows better than the service.
  enum Pattern { case stream, value }

  /// The name that travels.
  var wireName: String
  /// The base name in Swift, without backticks.
  var name: String
  /// Nil if neither the service nor its documentation tells.
  var parameters: [Parameter]?
  /// The type of the result, or of a stream's items; nil for nothing.
  var result: String?
  /// Whether the type of the result is known.
  var isResultKnown = true
  var isStream = false
  /// Whether that it streams is read between the lines of its documentation.
  var isStreamGuessed = false
  var documentation: [String] = []
  /// What is returned, in words.
  var resultText = ""

  /// Joins what the service tells with what its documentation says.
  init(_ method: MethodDescription, as pattern: Pattern?) {
    let reader = DocumentationReader(method.documentation ?? "")
    wireName = method.name
    name = SwiftName.member(method.name, or: "method")
    documentation = reader.body
    resolveResult(method, reader, pattern)
    resolveParameters(method, reader)
  }

  private mutating func resolveResult(_ method: MethodDescription, _ reader: DocumentationReader, _ pattern: Pattern?) {
    switch (pattern, method.isStream) {
    case (let pattern?, _): isStream = pattern == .stream
    case (nil, let told?): isStream = told
    case (nil, nil):
      isStream = reader.saysStream
      isStreamGuessed = isStream && reader.item == nil
    }
    let entry = isStream ? reader.item ?? reader.result : reader.result
    resultText = entry?.text ?? ""
    if method.isStream != nil {
      guard var told = method.result, !told.isEmpty else { return result = isStream ? PeerType.any : nil }
      if told.hasPrefix("RPCStream<"), told.hasSuffix(">") { told = String(told.dropFirst(10).dropLast()) }
      note(told, of: "it returns")
      result = PeerType.isKnown(swift: told) ? told : PeerType.any
    } else if let type = entry?.type {
      if !isStream, PeerType.isNone(type) { return }
      let element = isStream ? PeerType.streamElement(type) : nil
      result = element ?? PeerType.swift(type) ?? PeerType.any
    } else {
      (result, isResultKnown) = (PeerType.any, false)
    }
  }

  private mutating func resolveParameters(_ method: MethodDescription, _ reader: DocumentationReader) {
    let entries = Dictionary(reader.parameters.map { ($0.name, $0) }) { first, _ in first }
    // Documentation is all that there is where Python itself does not tell: on Python 3.11 and later.
    let documented = reader.parameters.map { ParameterDescription($0.name) }
    guard let described = method.parameters ?? (documented.isEmpty ? nil : documented) else { return }
    var names: Set<String> = []
    parameters = described.filter { $0.kind == .single }.map { parameter in
      let entry = entries[parameter.name]
      let name = SwiftName.unique(SwiftName.parameter(parameter.name), avoiding: names)
      names.insert(name)
      if let told = parameter.type { note(told, of: "`\(name)` is") }
      let type = Self.type(of: parameter, entry)
      return Parameter(name: name, type: type, defaultValue: parameter.defaultValue, text: entry?.text ?? "")
    }
    for parameter in described where parameter.kind == .remainder {
      documentation.append("It takes any number of arguments more, which zerorpc calls `*\(parameter.name)`.")
    }
  }

  private static func type(of parameter: ParameterDescription, _ entry: DocumentationReader.Entry?) -> String {
    let value = parameter.defaultValue
    if let told = parameter.type { return PeerType.isKnown(swift: told) ? told : PeerType.any }
    guard let documented = entry?.type.flatMap(PeerType.swift) else {
      return value.map(SwiftLiteral.type) ?? PeerType.any
    }
    guard let value else { return documented }
    if case .nil = value { return PeerType.optional(documented) }
    return SwiftLiteral.text(value, as: documented) == nil ? PeerType.any : documented
  }

  /// Writes down the name of a type that only the other program has.
  private mutating func note(_ type: String, of what: String) {
    guard !PeerType.isKnown(swift: type) else { return }
    if documentation.last?.isEmpty == false { documentation.append("") }
    documentation.append("For the service, \(what) of the type `\(type.withoutControls)`.")
  }
}
