internal import MessagePack

/// Writes what a service tells about itself as the Python command does.
struct PythonInspection {
  let service: ServiceDescription

  private var title: String { "[\(service.name.isEmpty ? "N/A" : service.name)]" }

  /// The service's name, and each method with the first line of its documentation, or with its signature alone.
  func list(withSignatures: Bool) -> String {
    let lines: [String]
    if withSignatures {
      lines = service.methods.map(Self.signature)
    } else {
      let width = service.methods.map(\.name.unicodeScalars.count).max() ?? 0
      lines = service.methods.map { method in
        let gap = String(repeating: " ", count: width - method.name.unicodeScalars.count)
        return "\(method.name)\(gap) \(Self.documentation(of: method).split(separator: "\n").first ?? "")"
      }
    }
    return ([title] + lines).joined(separator: "\n").withoutControls
  }

  /// The signature of a method and all of its documentation.
  func details(of name: String) -> String {
    guard let method = service.methods.first(where: { $0.name == name }) else {
      return "\(title)\nNo documentation for \"\(name)\".".withoutControls
    }
    return "\(title)\n\(Self.signature(of: method))\n\n\(Self.documentation(of: method))\n".withoutControls
  }

  private static func documentation(of method: MethodDescription) -> String {
    method.text.flatMap { $0.isEmpty ? nil : $0 } ?? "<undocumented>"
  }

  /// A service that lists no parameters may have failed to find them out, and Python says so.
  private static func signature(of method: MethodDescription) -> String {
    guard let listed = method.listed, !listed.isEmpty else { return "\(method.name)(??)" }
    let parameters = listed.map { parameter in
      switch (parameter.kind, parameter.defaultValue) {
      case (.remainder, _): "*\(parameter.name)"
      case (.named, _): "**\(parameter.name)"
      case (.single, nil), (.single, .nil?): parameter.name
      case (.single, let value?): "\(parameter.name)=\(PythonText.str(value))"
      }
    }
    return "\(method.name)(\(parameters.joined(separator: ", ")))"
  }
}
