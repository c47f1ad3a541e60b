internal import MessagePack

extension ServiceDescription {
  /// The service's name, and a line for every method.
  var overview: String {
    let signatures = methods.map(\.signature)
    // Long signatures do not push the documentation of all others to the right.
    let width = min(signatures.map(\.count).max() ?? 0, 32)
    var lines = [name.isEmpty ? "(a service without a name)" : name, ""]
    for (method, signature) in zip(methods, signatures) {
      let summary = method.documentation?.split(separator: "\n").first ?? ""
      let gap = String(repeating: " ", count: max(0, width - signature.count))
      lines.append("  \(signature)\(gap)  \(summary)".trimmingSuffix(while: \.isWhitespace).description)
    }
    if methods.isEmpty { lines.append("  (no methods)") }
    return lines.joined(separator: "\n").withoutControls
  }

  /// The description as one JSON object.
  var json: String {
    let values = methods.map { method -> MessagePackValue in
      var fields: MessagePackMap = ["name": .string(method.name)]
      fields["args"] = method.parameters.map { .array($0.map(\.json)) } ?? .nil
      fields["doc"] = method.documentation.map { .string($0) } ?? .nil
      if let result = method.result { fields["returns"] = .string(result) }
      if let isStream = method.isStream { fields["stream"] = .bool(isStream) }
      return .map(fields)
    }
    return MessagePackValue.map(["name": .string(name), "methods": .array(values)]).json
  }
}

extension MethodDescription {
  /// The method as one would call it.
  var signature: String { "\(name)(\(parameters?.map(\.text).joined(separator: ", ") ?? "…"))" }

  /// The signature and all of the documentation.
  var details: String {
    let text = documentation ?? "(no documentation)"
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  \($0)" }
    return "\(signature)\n\n\(lines.joined(separator: "\n"))".withoutControls
  }
}

extension ParameterDescription {
  fileprivate var text: String {
    let stars = kind == .remainder ? "*" : kind == .named ? "**" : ""
    return stars + name + (defaultValue.map { "=\($0.json)" } ?? "")
  }

  fileprivate var json: MessagePackValue {
    var fields: MessagePackMap = ["name": .string(name)]
    if let defaultValue { fields["default"] = defaultValue }
    if let type { fields["type"] = .string(type) }
    return .map(fields)
  }
}
