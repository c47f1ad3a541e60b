/// Checks what can only be seen with all methods of a service at hand.
struct ServiceValidator {
  /// The beginning of the names that the protocol itself uses.
  static let reservedPrefix = "_zerorpc"
  /// Members of every generated client.
  private static let clientMembers = ["client", "options"]
  private static let definition = "zeroRPCGenerated"

  let service: ProtocolDeclaration
  /// The places of the methods that each inherited service has. What is wrong among them, that service reports.
  let inherited: [Set<SourcePosition>]

  /// Describes a reserved name.
  static func reservedName(_ name: String, at position: SourcePosition) -> Diagnostic {
    Diagnostic(
      "the name '\(name)' is reserved: names that begin with '\(reservedPrefix)' belong to the zerorpc protocol",
      at: position, hint: "choose another name")
  }

  /// Checks the methods, inherited ones included.
  func diagnostics(for methods: [MethodModel]) -> [Diagnostic] {
    own + service.methods.flatMap { names(of: $0.method) } + duplicates(among: methods)
  }

  private var own: [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    if service.access == nil {
      diagnostics.append(
        Diagnostic(
          "service '\(service.name)' is private: code generated into another file cannot see it",
          at: service.position, hint: "make it internal by removing 'private' or 'fileprivate'"))
    }
    for type in service.inherited where ["AnyObject", "Actor", "DistributedActor", "AnyActor"].contains(type.name) {
      diagnostics.append(
        Diagnostic(
          "service '\(service.name)' cannot inherit from '\(type.name)': its client is a struct", at: type.position,
          hint: "remove '\(type.name)'; a class or an actor can implement the service without it"))
    }
    return diagnostics
  }

  private func names(of method: MethodModel) -> [Diagnostic] {
    if method.name.hasPrefix(Self.reservedPrefix) {
      return [Self.reservedName(method.name, at: method.position)]
    }
    if method.name == Self.definition {
      return [
        Diagnostic(
          "the name '\(method.name)' is reserved for generated code", at: method.position, hint: "choose another name")
      ]
    }
    if Self.clientMembers.contains(method.name) {
      return [
        Diagnostic(
          "the name '\(method.name)' is reserved: '\(service.name)Client' has a property of that name",
          at: method.position,
          hint: "rename the method; `// zerorpc: name = \"\(method.name)\"` above it keeps the name on the wire")
      ]
    }
    return []
  }

  private func duplicates(among methods: [MethodModel]) -> [Diagnostic] {
    var first: [String: MethodModel] = [:]
    return methods.compactMap { method in
      guard let other = first[method.wireName] else {
        first[method.wireName] = method
        return nil
      }
      if inherited.contains(where: { $0.contains(method.position) && $0.contains(other.position) }) { return nil }
      return Diagnostic(
        "two methods of service '\(service.name)' have the wire name '\(method.wireName)'", at: method.position,
        hint: "rename one of them, or give it a name on the wire: `// zerorpc: name = \"…\"`",
        notes: [Diagnostic.Note("the other one is here", at: other.position)])
    }
  }
}
