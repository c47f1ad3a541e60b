extension GeneratorConfiguration {
  private static let keys = ["methodNames"] + MessagePattern.allCases.map(\.configurationKey)

  /// Reads the text of a configuration file.
  ///
  /// - Parameters:
  ///   - text: The text of the file.
  ///   - path: The path that diagnostics name.
  /// - Returns: What could be read, with defaults for the rest, and what is wrong.
  public static func read(_ text: String, path: String) -> (GeneratorConfiguration, [Diagnostic]) {
    var configuration = GeneratorConfiguration()
    do throws(JSONReader.Failure) {
      let root = try JSONReader.read(text, path: path)
      guard case .object(let members) = root.content else {
        let hint = "write `{ \"methodNames\": \"snake_case\" }`"
        return (configuration, [Diagnostic("the configuration is not a JSON object", at: root.position, hint: hint)])
      }
      let diagnostics = configuration.apply(members)
      return (configuration, diagnostics)
    } catch {
      let hint = "the configuration must be JSON, such as `{ \"methodNames\": \"snake_case\" }`"
      return (configuration, [Diagnostic("malformed JSON: \(error.message)", at: error.position, hint: hint)])
    }
  }

  private mutating func apply(_ members: [JSONReader.Member]) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    var seen: Set<String> = []
    for member in members {
      if !seen.insert(member.key).inserted {
        diagnostics.append(Diagnostic("duplicate key '\(member.key)'", at: member.position, hint: "keep one of them"))
      } else if member.key == "methodNames" {
        diagnostics += applyMethodNames(member.value)
      } else if let pattern = MessagePattern.allCases.first(where: { $0.configurationKey == member.key }) {
        diagnostics += applyServices(member.value, to: pattern)
      } else {
        let guess = suggestion(for: member.key, among: Self.keys).map { "did you mean '\($0)'? " } ?? ""
        let hint = "\(guess)known keys: \(list(Self.keys))"
        diagnostics.append(Diagnostic("unknown key '\(member.key)'", at: member.position, hint: hint))
      }
    }
    return diagnostics
  }

  private mutating func applyServices(_ value: JSONReader.Value, to pattern: MessagePattern) -> [Diagnostic] {
    let hint = "write `\"\(pattern.configurationKey)\": [\"Calculator\"]`"
    guard case .array(let elements) = value.content else {
      let message = "'\(pattern.configurationKey)' must be a list of services"
      return [Diagnostic(message, at: value.position, hint: hint)]
    }
    var diagnostics: [Diagnostic] = []
    for element in elements {
      if case .string(let name) = element.content, !name.isEmpty {
        self[pattern].append(ServiceReference(name, at: element.position))
      } else {
        let message = "'\(pattern.configurationKey)' must hold the names of services"
        diagnostics.append(Diagnostic(message, at: element.position, hint: hint))
      }
    }
    return diagnostics
  }

  private mutating func applyMethodNames(_ value: JSONReader.Value) -> [Diagnostic] {
    if case .string(let text) = value.content, let naming = MethodNaming(rawValue: text) {
      methodNames = naming
      return []
    }
    let allowed = MethodNaming.allCases.map(\.rawValue)
    return [
      Diagnostic(
        "'methodNames' must be \(list(allowed, conjunction: "or"))", at: value.position,
        hint: "write `\"methodNames\": \"\(MethodNaming.snakeCase.rawValue)\"`")
    ]
  }
}
