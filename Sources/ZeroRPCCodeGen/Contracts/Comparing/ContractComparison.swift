/// Finds what has changed between recorded contracts and the current ones.
///
/// The rule behind all rules: a caller that was built with the recorded contract calls a service of the current one. What the
/// caller writes the service must read, and the other way round.
public struct ContractComparison: Sendable {
  private let recorded: [DeclaredContract]
  private let current: [DeclaredContract]

  /// Creates a comparison of all services of a target.
  public init(recorded: [DeclaredContract], current: [DeclaredContract]) {
    self.recorded = recorded
    self.current = current
  }

  /// What has changed: service by service, and method by method.
  public func changes() -> [ContractChange] {
    func isSame(_ one: DeclaredContract, _ other: DeclaredContract) -> Bool {
      one.contract.protocolName == other.contract.protocolName
    }
    let removed = recorded.filter { old in !current.contains { isSame($0, old) } }.map { old in
      ContractChange(
        .serviceRemoved, "service '\(old.contract.protocolName)' was removed",
        hint: "restore the protocol under this name", at: old.position)
    }
    return removed
      + current.flatMap { new -> [ContractChange] in
        if let old = recorded.first(where: { isSame($0, new) }) { return Self.changes(from: old, to: new) }
        return [ContractChange(.serviceAdded, "service '\(new.contract.protocolName)' is new", at: new.position)]
      }
  }

  private static func changes(from old: DeclaredContract, to new: DeclaredContract) -> [ContractChange] {
    let service = "service '\(new.contract.protocolName)'"
    var changes: [ContractChange] = []
    var brokenTypes: Set<String> = []
    if old.contract.service != new.contract.service {
      let message = "\(service) is named '\(new.contract.service)' on the wire, and was '\(old.contract.service)'"
      changes.append(ContractChange(.serviceName, message, at: new.position))
    }
    changes += changedNames(from: old, to: new)
    for (name, method) in new.contract.methods.sorted(by: { $0.key < $1.key }) {
      guard let before = old.contract.methods[name] else { continue }
      var comparison = MethodComparison(name, recorded: old, current: new)
      for change in comparison.compare(before, method)
      where !changes.contains(where: { $0.kind == change.kind && $0.isAbout(sameAs: change) }) {
        changes.append(change)
      }
      brokenTypes.formUnion(comparison.brokenTypes)
    }
    changes += changedTypes(from: old, to: new, except: brokenTypes)
    if old.contract != new.contract && old.contract.undocumented == new.contract.undocumented {
      changes.append(ContractChange(.documentation, "the documentation of \(service) has changed", at: new.position))
    }
    return changes
  }

  /// The methods that are there under their name on one side only.
  private static func changedNames(from old: DeclaredContract, to new: DeclaredContract) -> [ContractChange] {
    let before = old.contract.methods.filter { new.contract.methods[$0.key] == nil }.sorted { $0.key < $1.key }
    var added = new.contract.methods.filter { old.contract.methods[$0.key] == nil }
    let service = "of service '\(new.contract.protocolName)'"
    let removed = before.map { name, method in
      let notes = old.methods[name].map { [Diagnostic.Note("the recorded contract of the method", at: $0)] } ?? []
      let alike = added.filter { $0.value.hasShape(of: method) }.keys.sorted()
      if alike.count == 1, let newName = alike.first {
        added[newName] = nil
        return ContractChange(
          .methodRenamed, "method '\(name)' \(service) was renamed to '\(newName)'",
          hint: "`// zerorpc: name = \"\(name)\"` above it keeps the name on the wire",
          at: new.methods[newName] ?? new.position, notes: notes)
      }
      return ContractChange(
        .methodRemoved, "method '\(name)' \(service) was removed",
        hint: "restore '\(method.swiftName)', and mark it `@available(*, deprecated)` until nobody calls it",
        at: new.position, notes: notes)
    }
    return removed
      + added.sorted { $0.key < $1.key }.map { name, _ in
        ContractChange(.methodAdded, "method '\(name)' \(service) is new", at: new.methods[name] ?? new.position)
      }
  }

  private static func changedTypes(
    from old: DeclaredContract, to new: DeclaredContract, except broken: Set<String>
  ) -> [ContractChange] {
    new.contract.types.sorted { $0.key < $1.key }.compactMap { name, definition in
      guard let before = old.contract.types[name], before.undocumented != definition.undocumented,
        !broken.contains(name)
      else { return nil }
      return ContractChange(
        .typeChanged, "type '\(name)' has changed", at: new.types[name] ?? new.position)
    }
  }
}

extension ContractChange {
  /// Whether both report the same place in a type, which several methods use.
  fileprivate func isAbout(sameAs other: ContractChange) -> Bool {
    func subject(_ change: ContractChange) -> Substring? {
      change.message.hasPrefix("field ") || change.message.hasPrefix("case ")
        ? change.message.prefix { $0 != ";" } : nil
    }
    return subject(self) != nil && subject(self) == subject(other)
  }
}

extension ContractMethod {
  /// Whether both take and answer the same.
  fileprivate func hasShape(of other: ContractMethod) -> Bool {
    arguments.map(\.type) == other.arguments.map(\.type) && result == other.result && stream == other.stream
  }
}

extension Contract {
  /// The contract without its texts.
  fileprivate var undocumented: Contract {
    var copy = self
    copy.documentation = nil
    copy.methods = methods.mapValues { method in
      var method = method
      method.documentation = nil
      return method
    }
    copy.types = types.mapValues(\.undocumented)
    return copy
  }
}

extension ContractDefinition {
  fileprivate var undocumented: ContractDefinition {
    var copy = self
    copy.documentation = nil
    return copy
  }
}
