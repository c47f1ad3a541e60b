extension Contract {
  /// The text of the contract's file.
  public var json: String {
    JSONText.object(
      [
        ("contractVersion", .number(Self.version)),
        ("service", .string(service)),
        ("protocol", .string(protocolName)),
      ] + documented(documentation) + [
        ("methods", .object(methods.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })),
        ("types", .object(types.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })),
      ]
    ).text
  }
}

private func documented(_ text: String?) -> [(String, JSONText)] {
  text.map { [("documentation", .string($0))] } ?? []
}

extension ContractMethod {
  fileprivate var json: JSONText {
    .object(
      [("swiftName", .string(swiftName))] + documented(documentation) + [
        ("arguments", .array(arguments.map { member($0.name, $0.type) })),
        ("result", result.map { .line($0.json) } ?? .null),
        ("stream", .string(stream.rawValue)),
        ("idempotent", .bool(isIdempotent)),
        ("errors", .line(.array(errors.map(\.json)))),
      ])
  }
}

private func member(_ name: String, _ type: ContractType) -> JSONText {
  .line(.object([("name", .string(name)), ("type", type.json)]))
}

extension ContractType {
  fileprivate var json: JSONText {
    switch self {
    case .named(let name, let arguments):
      arguments.isEmpty
        ? .string(name) : .object([("name", .string(name)), ("arguments", .array(arguments.map(\.json)))])
    case .optional(let type): .object([("optional", type.json)])
    case .array(let type): .object([("array", type.json)])
    case .dictionary(let key, let value):
      .object([("dictionary", .object([("key", key.json), ("value", value.json)]))])
    case .unknown(let text): .object([("unknown", .string(text))])
    }
  }
}

extension ContractDefinition {
  /// The word for each form in the file.
  enum Kind: String, CaseIterable {
    case structure = "struct"
    case enumeration = "enum"
    case choice, alias, opaque
  }

  fileprivate var json: JSONText {
    let (kind, members): (Kind, [(String, JSONText)]) =
      switch form {
      case .structure(let fields): (.structure, [("fields", .array(fields.map { member($0.name, $0.type) }))])
      case .enumeration(let raw, let values):
        (
          .enumeration,
          [
            ("raw", .line(raw.json)),
            (
              "cases",
              .array(
                values.map { .line(.object([("name", .string($0.name)), ("value", .string($0.value))])) })
            ),
          ]
        )
      case .choice(let choices):
        (
          .choice,
          [
            (
              "cases",
              .array(
                choices.map { choice in
                  let fields = JSONText.array(choice.fields.map { member($0.name, $0.type) })
                  return .line(.object([("name", .string(choice.name)), ("fields", fields)]))
                })
            )
          ]
        )
      case .alias(let type): (.alias, [("type", .line(type.json))])
      case .opaque: (.opaque, [])
      }
    let generic: [(String, JSONText)] =
      parameters.isEmpty ? [] : [("parameters", .line(.array(parameters.map { .string($0) })))]
    return .object([("kind", .string(kind.rawValue))] + documented(documentation) + generic + members)
  }
}
