internal import Foundation
internal import ZeroRPCCodeGen

/// Reads and writes the contracts that are recorded in a directory, one file a service.
struct ContractDirectory {
  let path: String

  private var files: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().map { "\(path)/\($0)" }
  }

  /// Reads the contract of a file.
  static func read(_ path: String) throws -> DeclaredContract {
    try ContractReader.read(String(decoding: try SourceSelection.contents(of: path), as: UTF8.self), path: path)
  }

  /// Writes the contracts of a target's services, and removes those of services that are gone.
  func record(_ contracts: [DeclaredContract]) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for declared in contracts {
      try GeneratorCommand.write(declared.contract.json, to: "\(path)/\(declared.contract.fileName)")
    }
    let current = Set(contracts.map { "\(path)/\($0.contract.fileName)" })
    for file in files where !current.contains(file) {
      // A file that is no contract is somebody else's.
      if (try? Self.read(file)) != nil { try FileManager.default.removeItem(atPath: file) }
    }
  }

  /// Compares contracts with the recorded ones, and reports what has changed.
  func check(_ contracts: [DeclaredContract], isStrict: Bool) throws -> GeneratorCommand.ExitStatus {
    var recorded: [DeclaredContract] = []
    do {
      recorded = try files.map { try Self.read($0) }
    } catch let error as Diagnostic {
      GeneratorCommand.report("\(error)")
      return .failure
    }
    let changes = ContractComparison(recorded: recorded, current: contracts).changes()
    for change in changes { GeneratorCommand.report("\(change.diagnostic)") }
    if changes.contains(where: { $0.kind.severity == .breaking }) { return .breakingChange }
    let isCurrent = recorded.map(\.contract) == contracts.map(\.contract).sorted { $0.fileName < $1.fileName }
    return isStrict && !isCurrent ? .unrecordedChange : .success
  }
}
