/// Decides whether one side can read what the other writes.
///
/// What is wrong with an argument or a result as a whole is returned; what is wrong inside a type of the target is collected,
/// so that it is reported where it stands.
struct TypeComparison {
  /// Why a value cannot be read.
  enum Cause {
    /// The types differ.
    case type
    /// The writer may send nil.
    case optional
  }

  /// What is wrong inside a type of the target.
  struct Mismatch: Equatable {
    enum Problem: Equatable {
      /// The reader needs a field that the writer does not know.
      case missing
      /// The reader needs a field that the writer may leave out.
      case optional
      /// The types of a field differ.
      case type(reader: ContractType, writer: ContractType)
      /// The writer may send a case that the reader does not know.
      case unknownCase
    }

    var problem: Problem
    /// The name of the type.
    var type: String
    /// The name of the field or the case; a field of a case as `case.field`.
    var member: String
  }

  private struct Pair: Hashable {
    var reader: ContractType
    var writer: ContractType
  }

  /// The types of the side that reads.
  let readers: [String: ContractDefinition]
  /// The types of the side that writes.
  let writers: [String: ContractDefinition]
  private(set) var mismatches: [Mismatch] = []
  /// What is known of pairs of named types; a type that contains itself is taken for readable meanwhile.
  private var known: [Pair: Cause?] = [:]

  init(readers: [String: ContractDefinition], writers: [String: ContractDefinition]) {
    self.readers = readers
    self.writers = writers
  }

  /// Why a value that is written as one type cannot be read as another; `nil` if it can.
  mutating func cause(reader: ContractType, writer: ContractType) -> Cause? {
    let (reader, writer) = (Self.resolved(reader, readers), Self.resolved(writer, writers))
    if reader == .named("MessagePackValue") { return nil }
    switch (reader, writer) {
    case (.optional(let inner), .optional(let other)): return cause(reader: inner, writer: other)
    case (.optional(let inner), _): return cause(reader: inner, writer: writer)
    case (_, .optional(let inner)): return cause(reader: reader, writer: inner) ?? .optional
    case (.array(let element), .array(let other)): return cause(reader: element, writer: other)
    case (.array(let element), .named("Set", let arguments)) where arguments.count == 1:
      return cause(reader: element, writer: arguments[0])
    case (.dictionary(let key, let value), .dictionary(let otherKey, let otherValue)):
      return cause(reader: key, writer: otherKey) ?? cause(reader: value, writer: otherValue)
    case (.named(let name, let arguments), .named(let other, let otherArguments)):
      return cause(reader: name, arguments, writer: other, otherArguments)
    default: return reader == writer ? nil : .type
    }
  }

  private mutating func cause(
    reader: String, _ arguments: [ContractType], writer: String, _ otherArguments: [ContractType]
  ) -> Cause? {
    switch (readers[reader], writers[writer]) {
    case (let definition?, let other?):
      let pair = Pair(
        reader: .named(reader, arguments: arguments), writer: .named(writer, arguments: otherArguments))
      if let cause = known[pair] { return cause }
      known[pair] = .some(nil)
      let cause = cause(
        reader: definition.specialized(arguments), writer: other.specialized(otherArguments), reader, writer)
      known[pair] = .some(cause)
      return cause
    case (nil, let other?):
      guard case .enumeration(let raw, _) = other.form else { return .type }
      return cause(reader: .named(reader, arguments: arguments), writer: raw)
    case (_?, nil): return .type
    case (nil, nil):
      if Scalar.canRead(reader, writtenAs: writer) { return nil }
      guard reader == writer, arguments.count == otherArguments.count else { return .type }
      for (argument, other) in zip(arguments, otherArguments) {
        if let cause = cause(reader: argument, writer: other) { return cause }
      }
      return nil
    }
  }

  private mutating func cause(
    reader: ContractDefinition, writer: ContractDefinition, _ name: String, _ writerName: String
  ) -> Cause? {
    let count = mismatches.count
    switch (reader.form, writer.form) {
    case (.structure(let fields), .structure(let written)): compare(fields, written, in: name)
    case (.enumeration(let raw, let values), .enumeration(let writtenRaw, let written)):
      if cause(reader: raw, writer: writtenRaw) != nil { return .type }
      for item in written where !values.contains(where: { $0.value == item.value }) {
        mismatches.append(Mismatch(problem: .unknownCase, type: name, member: item.name))
      }
    case (.choice(let choices), .choice(let written)):
      for item in written {
        if let choice = choices.first(where: { $0.name == item.name }) {
          compare(choice.fields, item.fields, in: name, prefix: "\(item.name).")
        } else {
          mismatches.append(Mismatch(problem: .unknownCase, type: name, member: item.name))
        }
      }
    case (.opaque, .opaque): return name == writerName ? nil : .type
    default: return .type
    }
    // Another type in its place: its parts are not what has changed.
    guard name != writerName, mismatches.count > count else { return nil }
    mismatches.removeSubrange(count...)
    return .type
  }

  private mutating func compare(
    _ fields: [ContractDefinition.Field], _ written: [ContractDefinition.Field], in type: String, prefix: String = ""
  ) {
    for field in fields {
      func mismatch(_ problem: Mismatch.Problem) -> Mismatch {
        Mismatch(problem: problem, type: type, member: prefix + field.name)
      }
      guard let other = written.first(where: { $0.name == field.name }) else {
        if case .optional = Self.resolved(field.type, readers) { continue }
        mismatches.append(mismatch(.missing))
        continue
      }
      switch cause(reader: field.type, writer: other.type) {
      case .type: mismatches.append(mismatch(.type(reader: field.type, writer: other.type)))
      case .optional: mismatches.append(mismatch(.optional))
      case nil: break
      }
    }
  }

  /// The type that an alias stands for.
  private static func resolved(_ type: ContractType, _ types: [String: ContractDefinition]) -> ContractType {
    var (type, steps) = (type, 0)
    // An alias of itself: the compiler says so.
    while case .named(let name, let arguments) = type, steps <= types.count,
      case .alias(let target)? = types[name]?.specialized(arguments).form
    {
      type = target
      steps += 1
    }
    return type
  }
}

extension ContractDefinition {
  /// The definition with generic arguments in the place of its parameters.
  fileprivate func specialized(_ arguments: [ContractType]) -> ContractDefinition {
    if parameters.isEmpty || parameters.count != arguments.count { return self }
    let replacements = Dictionary(zip(parameters, arguments), uniquingKeysWith: { first, _ in first })
    return mapTypes { $0.mapNames { replacements[$0] ?? .named($0) } }
  }
}

/// Knows which numbers and texts can be read as others.
enum Scalar {
  private static let widths: [String: (isSigned: Bool, bits: Int)] = [
    "Int8": (true, 8), "Int16": (true, 16), "Int32": (true, 32), "Int64": (true, 64), "Int": (true, 64),
    "UInt8": (false, 8), "UInt16": (false, 16), "UInt32": (false, 32), "UInt64": (false, 64), "UInt": (false, 64),
  ]
  /// The bits of whole numbers that a type holds without loss, and its order by precision.
  private static let precisions = ["Float16": 11, "Float": 24, "Double": 53, "TimeInterval": 53, "CGFloat": 53]
  private static let texts: Set<String> = ["String", "Character", "URL", "UUID", "Substring"]

  /// Whether every value of the written type has the same meaning when it is read.
  static func canRead(_ reader: String, writtenAs writer: String) -> Bool {
    if let to = widths[reader], let from = widths[writer] {
      return to.isSigned == from.isSigned ? to.bits >= from.bits : to.isSigned && to.bits > from.bits
    }
    if let to = precisions[reader] {
      if let from = precisions[writer] { return to >= from }
      return widths[writer].map { $0.bits <= to } ?? false
    }
    return reader == "String" && texts.contains(writer)
  }
}
