/// Finds what has changed between the recorded and the current form of a method.
struct MethodComparison {
  let name: String
  let recorded: DeclaredContract
  let current: DeclaredContract
  private var changes: [ContractChange] = []
  /// The types of the target that callers of the recorded contract cannot exchange with the current service any more.
  private(set) var brokenTypes: Set<String> = []

  init(_ name: String, recorded: DeclaredContract, current: DeclaredContract) {
    self.name = name
    self.recorded = recorded
    self.current = current
  }

  /// Compares two forms of the method.
  mutating func compare(_ old: ContractMethod, _ new: ContractMethod) -> [ContractChange] {
    if old.swiftName != new.swiftName {
      add(.swiftName, "is '\(new.swiftName)' in Swift and was '\(old.swiftName)'")
    }
    compareArguments(old, new)
    compareResults(old, new)
    compareErrors(old, new)
    if old.isIdempotent && !new.isIdempotent {
      add(
        .idempotentRemoved, "is no longer idempotent, and callers of the recorded contract may call it twice",
        hint: "keep `// zerorpc: idempotent` and make the method bear it, or add a method under another name")
    } else if new.isIdempotent && !old.isIdempotent {
      add(.idempotentAdded, "is idempotent now")
    }
    return changes
  }

  private mutating func add(
    _ kind: ContractChange.Kind, _ message: String, hint: String? = nil, at position: SourcePosition? = nil,
    notes: [Diagnostic.Note] = []
  ) {
    let here = current.methods[name] ?? current.position
    var notes = notes
    if position != nil { notes.append(Diagnostic.Note("\(subject) is here", at: here)) }
    if let place = recorded.methods[name] {
      notes.append(Diagnostic.Note("the recorded contract of the method", at: place))
    }
    changes.append(
      ContractChange(
        kind, position == nil ? "\(subject) \(message)" : message, hint: hint, at: position ?? here, notes: notes))
  }

  private var subject: String { "method '\(name)' of service '\(current.contract.protocolName)'" }

  // MARK: Arguments

  private mutating func compareArguments(_ old: ContractMethod, _ new: ContractMethod) {
    let (before, after) = (old.arguments.map(\.name), new.arguments.map(\.name))
    let hint = "every caller sends the arguments that it knows: add a method under another name beside this one"
    if after.count > before.count {
      return add(.argumentAdded, "has the new argument\(named(after, not: before))", hint: hint)
    }
    if after.count < before.count {
      return add(.argumentRemoved, "has lost the argument\(named(before, not: after))", hint: hint)
    }
    if before != after && before.sorted() == after.sorted() {
      let order = "takes \(list(after)) in this order, and took \(list(before))"
      return add(.argumentOrder, order, hint: "arguments travel by position: restore the order")
    }
    for (one, other) in zip(old.arguments, new.arguments) { compare(one, other) }
  }

  private func named(_ names: [String], not others: [String]) -> String {
    let different = names.filter { !others.contains($0) }
    let shown = different.isEmpty ? Array(names.suffix(names.count - others.count)) : different
    return "\(shown.count == 1 ? "" : "s") \(list(shown))"
  }

  private mutating func compare(_ old: ContractMethod.Argument, _ new: ContractMethod.Argument) {
    if old.name != new.name { add(.argumentName, "calls an argument '\(new.name)' that was '\(old.name)'") }
    // The callers write, the service reads.
    var types = TypeComparison(readers: current.contract.types, writers: recorded.contract.types)
    let change = "takes '\(new.name)' as '\(new.type)', and took '\(old.type)'"
    switch types.cause(reader: new.type, writer: old.type) {
    case .type:
      brokenTypes.formUnion(new.type.names)
      add(.argumentType, change, hint: "restore the type, or add a method under another name")
    case .optional:
      add(
        .argumentRequired, "\(change): callers of the recorded contract may send nil",
        hint: "keep it optional, and treat nil in the service")
    case nil:
      if old.type != new.type && types.mismatches.isEmpty { add(.argumentWidened, change) }
    }
    for mismatch in types.mismatches {
      report(mismatch, toService: true, place: "argument '\(new.name)' of method '\(name)'")
    }
  }

  // MARK: Results and errors

  private mutating func compareResults(_ old: ContractMethod, _ new: ContractMethod) {
    if old.stream != new.stream {
      let words: [ContractMethod.Stream: String] = [.none: "one value", .server: "a stream"]
      return add(
        .streamChanged, "answers \(words[new.stream] ?? ""), and answered \(words[old.stream] ?? "")",
        hint: "restore it, or add a method under another name")
    }
    switch (old.result, new.result) {
    case (nil, nil): break
    case (nil, let type?): add(.resultAdded, "answers '\(type)', and answered nothing")
    case (let type?, nil):
      add(.resultRemoved, "answers nothing, and answered '\(type)'", hint: "go on answering a value of the type")
    case (let before?, let after?):
      // The service writes, the callers read.
      var types = TypeComparison(readers: recorded.contract.types, writers: current.contract.types)
      let change = "answers '\(after)', and answered '\(before)'"
      switch types.cause(reader: before, writer: after) {
      case .type:
        brokenTypes.formUnion(after.names)
        add(.resultType, change, hint: "restore the type, or add a method under another name")
      case .optional:
        add(
          .resultOptional, "\(change): callers of the recorded contract cannot read nil",
          hint: "throw an error where there is no value, or add a method under another name")
      case nil:
        if before != after && types.mismatches.isEmpty { add(.resultNarrowed, change) }
      }
      for mismatch in types.mismatches { report(mismatch, toService: false, place: "the answer of method '\(name)'") }
    }
  }

  private mutating func compareErrors(_ old: ContractMethod, _ new: ContractMethod) {
    for error in old.errors {
      guard new.errors.contains(error) else {
        add(
          .errorRemoved, "no longer declares the error '\(error)', which arrives as a 'RemoteError' now",
          hint: "restore it in `// zerorpc: throws = …`")
        continue
      }
      var types = TypeComparison(readers: recorded.contract.types, writers: current.contract.types)
      let cause = types.cause(reader: error, writer: error)
      guard cause != nil || !types.mismatches.isEmpty else { continue }
      brokenTypes.formUnion(types.mismatches.map(\.type) + ["\(error)"])
      let details = types.mismatches.map { text(of: $0, toService: false).message }
      let reason = details.isEmpty ? "is declared in another way" : "has changed: \(details.joined(separator: "; "))"
      add(
        .errorType, "throws '\(error)', which \(reason)",
        hint: "callers of the recorded contract would get a 'RemoteError': keep what they read")
    }
    for error in new.errors where !old.errors.contains(error) { add(.errorAdded, "declares the error '\(error)'") }
  }

  // MARK: Inside types

  /// Reports what is wrong in a type of the target, at the type.
  private mutating func report(_ mismatch: TypeComparison.Mismatch, toService: Bool, place: String) {
    brokenTypes.insert(mismatch.type)
    if case .type(let reader, let writer) = mismatch.problem { brokenTypes.formUnion(reader.names.union(writer.names)) }
    let (kind, message, hint) = text(of: mismatch, toService: toService)
    let notes = recorded.types[mismatch.type].map { [Diagnostic.Note("the recorded contract of the type", at: $0)] }
    add(
      kind, "\(message); it travels in \(place)", hint: hint,
      at: current.types[mismatch.type] ?? current.methods[name] ?? current.position, notes: notes ?? [])
  }

  private func text(
    of mismatch: TypeComparison.Mismatch, toService: Bool
  ) -> (kind: ContractChange.Kind, message: String, hint: String) {
    let field = "field '\(mismatch.member)' of '\(mismatch.type)'"
    let item = "case '\(mismatch.member)' of '\(mismatch.type)'"
    let callers = "callers of the recorded contract"
    switch (mismatch.problem, toService) {
    case (.missing, true):
      return (.fieldRequired, "\(field) is new, and \(callers) do not send it", "make it optional")
    case (.missing, false): return (.fieldRemoved, "\(field) was removed, and \(callers) need it", "go on sending it")
    case (.optional, true):
      return (.fieldRequired, "\(field) is no longer optional, and \(callers) may not send it", "keep it optional")
    case (.optional, false):
      return (.fieldOptional, "\(field) is optional now, and \(callers) need it", "go on sending it")
    case (.type(let reader, let writer), _):
      let (new, old) = toService ? (reader, writer) : (writer, reader)
      return (.fieldType, "\(field) is '\(new)' and was '\(old)'", "add an optional field under another name")
    case (.unknownCase, true):
      return (.caseRemoved, "\(item) was removed, and \(callers) may send it", "restore the case")
    case (.unknownCase, false):
      return (
        .caseAdded, "\(item) is new, and \(callers) cannot read it", "send it from a method under another name only"
      )
    }
  }
}
