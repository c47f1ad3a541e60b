internal import ZeroRPCCodeGen

/// Writes a service protocol, as the generator reads it.
struct ProtocolWriter {
  /// Says who may use the protocol.
  enum Access: String, CaseIterable {
    case `public`, package, `internal`

    var modifier: String { self == .internal ? "" : "\(rawValue) " }
  }

  let service: ImportedService
  var access = Access.internal
  /// Where the service was asked.
  let origin: String

  /// The source file.
  var text: String {
    var lines = [
      "// Written by 'zrpc import \(Self.commentText(origin))' from what the service tells about itself. Edit it as you like.",
      "//",
      "// MessagePackValue stands where neither the service nor its documentation tells a type: write the type that you know.",
      "",
    ]
    let types = service.methods.flatMap { ($0.parameters ?? []).map(\.type) + [$0.result ?? ""] }
    if types.contains(where: PeerType.needsFoundation) { lines.append("\(access.modifier)import Foundation") }
    lines += ["\(access.modifier)import ZeroRPC", ""]
    if !service.wireName.isEmpty {
      lines += Self.documentation(["Calls the zerorpc service `\(service.wireName)`."])
    }
    if !service.wireName.isEmpty, service.wireName != service.name, Self.isQuotable(service.wireName) {
      lines.append("// zerorpc: service = \"\(service.wireName)\"")
    }
    if service.naming == .snakeCase { lines.append("// zerorpc: methodNames = snake_case") }
    lines.append("\(access.modifier)protocol \(Identifier.name(service.name)): RPCService {")
    for (index, method) in service.methods.enumerated() {
      if index > 0 { lines.append("") }
      lines += requirement(method).map { $0.isEmpty ? "" : "  \($0)" }
    }
    lines.append("}")
    lines += shorthands
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Methods

  private func requirement(_ method: ImportedMethod) -> [String] {
    let comment = Self.documentation(Self.documentation(of: method))
    guard let parameters = method.parameters else {
      return comment.map { $0.replacing("///", with: "//", maxReplacements: 1) } + [
        "// The service does not tell what this takes. Write its parameters between the parentheses, and remove the slashes.",
        "// func \(Identifier.name(method.name))()\(Self.ending(of: method))",
      ]
    }
    guard Self.isQuotable(method.wireName) else {
      return [
        "// There is also \(Self.commentText(StringLiteral.singleLine(method.wireName))), which no directive can name."
      ]
    }
    var lines = comment
    if service.naming.wireName(for: method.name) != method.wireName {
      lines.append("// zerorpc: name = \"\(method.wireName)\"")
    }
    if !method.isResultKnown && !method.isStream { lines.append("@discardableResult") }
    return lines + Self.signature("func", method, parameters)
  }

  /// The head of a method, with a parameter a line if it is long.
  private static func signature(
    _ keyword: String, _ method: ImportedMethod, _ parameters: [ImportedMethod.Parameter], after ending: String = ""
  ) -> [String] {
    let texts = parameters.map { "\(Identifier.label($0.name)): \($0.type)" }
    let start = "\(keyword) \(Identifier.name(method.name))("
    let end = ")\(self.ending(of: method))\(ending)"
    let line = start + texts.joined(separator: ", ") + end
    if line.count <= 116 || texts.isEmpty { return [line] }
    return [start] + texts.enumerated().map { "  \($1)\($0 < texts.count - 1 ? "," : "")" } + [end]
  }

  private static func ending(of method: ImportedMethod) -> String {
    guard let result = method.result else { return " async throws" }
    return " async throws -> \(method.isStream ? "RPCStream<\(result)>" : result)"
  }

  // MARK: Defaults

  /// Methods without the parameters that have a default, since a protocol can give none.
  private var shorthands: [String] {
    let methods = service.methods.flatMap { method -> [[String]] in
      guard let parameters = method.parameters, Self.isQuotable(method.wireName) else { return [] }
      let count = parameters.reversed().prefix { $0.literal != nil }.count
      return (0..<count).map { shorthand(method, parameters, leavingOut: $0 + 1) }
    }
    guard !methods.isEmpty else { return [] }
    var lines = ["", "extension \(Identifier.name(service.name)) {"]
    for (index, method) in methods.enumerated() {
      if index > 0 { lines.append("") }
      lines += method.map { "  \($0)" }
    }
    return lines + ["}"]
  }

  private func shorthand(
    _ method: ImportedMethod, _ parameters: [ImportedMethod.Parameter], leavingOut count: Int
  ) -> [String] {
    let passed = parameters.dropLast(count)
    let values = parameters.suffix(count).map { ($0.name, $0.literal ?? "") }
    let left = values.map { "`\($0)` as \($1)" }.joined(separator: ", ")
    var lines = Self.documentation(["Calls `\(method.name)` with \(left)."])
    if !method.isResultKnown && !method.isStream { lines.append("@discardableResult") }
    let arguments =
      passed.map { "\(Identifier.label($0.name)): \(Identifier.name($0.name))" }
      + values.map { "\(Identifier.label($0)): \($1)" }
    lines += Self.signature("\(access.modifier)func", method, Array(passed), after: " {")
    lines.append("  try await \(Identifier.name(method.name))(\(arguments.joined(separator: ", ")))")
    return lines + ["}"]
  }

  // MARK: Comments

  private static func documentation(of method: ImportedMethod) -> [String] {
    var lines = method.documentation
    let parameters = (method.parameters ?? []).compactMap { parameter -> String? in
      let value = parameter.literal.map { "\($0) by default" } ?? (parameter.defaultValue == nil ? "" : "has a default")
      let text = [parameter.text, value].filter { !$0.isEmpty }.joined(separator: "; ")
      return text.isEmpty ? nil : "\(parameter.name): \(text)"
    }
    if !lines.isEmpty, !parameters.isEmpty || !method.resultText.isEmpty { lines.append("") }
    if parameters.count == 1 {
      lines.append("- Parameter \(parameters[0])")
    } else if !parameters.isEmpty {
      lines += ["- Parameters:"] + parameters.map { "  - \($0)" }
    }
    if !method.resultText.isEmpty { lines.append("- Returns: \(method.resultText)") }
    if method.isStreamGuessed {
      if !lines.isEmpty { lines.append("") }
      lines.append("That it is a stream is taken from its documentation.")
    }
    return lines
  }

  /// Lines as a documentation comment, whatever they contain.
  private static func documentation(_ lines: [String]) -> [String] {
    lines.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }.map { line in
      let text = commentText(String(line)).trimmingSuffix(while: \.isWhitespace)
      guard !text.isEmpty else { return "///" }
      // The generator would take it for a directive that is misspelt.
      return text.trimmed.lowercased().hasPrefix("zerorpc:") ? "/// “\(text.trimmed)”" : "/// \(text)"
    }
  }

  /// Text that cannot end its line.
  private static func commentText(_ text: String) -> String {
    text.withoutControls.replacing("\n", with: " ").replacing("\t", with: "  ")
  }

  /// Whether a directive can carry a name: it has no escapes.
  private static func isQuotable(_ name: String) -> Bool {
    !name.isEmpty && !name.unicodeScalars.contains { $0 == "\"" || $0.isTerminalControl || $0.value == 0x2028 }
  }
}
