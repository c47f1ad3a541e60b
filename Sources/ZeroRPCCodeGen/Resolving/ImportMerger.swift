/// Decides what the generated file imports: `ZeroRPC`, and what the files that declare services import.
///
/// Imports are repeated as written, access level included. So the generated file is right under `InternalImportsByDefault`
/// and without it, and never disagrees with the other files of the target.
struct ImportMerger {
  let files: [SourceFileModel]
  let serviceFiles: [(file: SourceFileModel, services: [ProtocolDeclaration])]

  /// The imports by module.
  ///
  /// - Parameter access: The widest level of the services, for an import of `ZeroRPC` that no file writes.
  func imports(access: AccessLevel) -> [ImportModel] {
    guard !serviceFiles.isEmpty else { return [] }
    let declared = files.reduce(into: Set<String>()) { $0.formUnion($1.typeNames) }
    let imports = serviceFiles.flatMap { file, services in
      needed(of: file.imports, for: services.reduce(into: Set()) { $0.formUnion($1.foreignTypes(declared: declared)) })
    }
    let merged = merge(imports)
    if merged.contains(where: { $0.modules.contains("ZeroRPC") }) { return merged }
    // Some other import brings ZeroRPC along.
    let level = access == .internal ? nil : access.rawValue
    return merge([.single(SingleImport(access: level, path: "ZeroRPC"))] + merged)
  }

  /// Leaves out imports that the services surely do not need, because an unneeded `public import` is a warning.
  private func needed(of imports: [ImportModel], for names: Set<String>) -> [ImportModel] {
    let unknown = names.subtracting(KnownTypes.standard)
    let isOnlyFoundation = unknown.isSubset(of: KnownTypes.foundation)
    guard isOnlyFoundation else { return imports }
    let wanted = unknown.isEmpty ? [] : imports.filter { $0.modules.contains(where: KnownTypes.isFoundation) }
    let runtime = imports.filter { $0.modules.contains("ZeroRPC") }
    // Foundation comes by way of some other module.
    if !unknown.isEmpty && wanted.isEmpty { return imports }
    return runtime + wanted.filter { !runtime.contains($0) }
  }

  private func merge(_ imports: [ImportModel]) -> [ImportModel] {
    var singles: [String: SingleImport] = [:]
    var conditionals: [ImportModel] = []
    for item in imports {
      switch item {
      case .single(let single):
        guard let known = singles[single.path] else {
          singles[single.path] = single
          continue
        }
        singles[single.path] = union(known, single)
      case .conditional:
        if !conditionals.contains(item) { conditionals.append(item) }
      }
    }
    let sorted = singles.values.sorted { ($0.module, $0.path) < ($1.module, $1.path) }
    return sorted.map { .single($0) } + conditionals
  }

  /// Two imports of a module in one file must agree: the wider level wins, and all attributes stay.
  private func union(_ one: SingleImport, _ other: SingleImport) -> SingleImport {
    let order = ["private", "fileprivate", "internal", "package", "public"]
    let levels = [one.access, other.access].compactMap { $0 }
    let widest = levels.max { (order.firstIndex(of: $0) ?? 0) < (order.firstIndex(of: $1) ?? 0) }
    let attributes = one.attributes + other.attributes.filter { !one.attributes.contains($0) }
    return SingleImport(attributes: attributes, access: widest, path: one.path)
  }
}

extension ProtocolDeclaration {
  /// The names of the error types that the directives declare.
  private var errorNames: Set<String> {
    var ignored: [Diagnostic] = []
    let own = ServiceDirectives(directives, diagnostics: &ignored).errors
    let all = own + methods.flatMap { MethodDirectives($0.directives, diagnostics: &ignored).errors }
    return Set(all.map { $0.text })
  }

  /// The type names of the requirements and directives that no declaration of the target explains.
  ///
  /// A target may declare a `Data` of its own somewhere; what the standard library or Foundation might mean is kept.
  fileprivate func foreignTypes(declared: Set<String>) -> Set<String> {
    let scopes = enclosingTypes.indices.map { enclosingTypes[...$0].joined(separator: ".") + "." } + [""]
    return typeNames.union(errorNames).filter { name in
      KnownTypes.foundation.contains(name) || !scopes.contains { declared.contains($0 + name) }
    }
  }
}
