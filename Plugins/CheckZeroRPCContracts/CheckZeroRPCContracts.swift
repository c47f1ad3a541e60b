import Foundation
import PackagePlugin

/// Compares the contracts of RPC services with the committed ones, or records them.
@main
struct CheckZeroRPCContracts: CommandPlugin {
  private static let generatedFileName = "ZeroRPC.generated.swift"
  private static let configurationFileName = "zerorpc-config.json"
  private static let contractsDirectoryName = "Contracts"
  private static let usage = """
    Usage: swift package zerorpc-check [--target <name>]... [--strict]
           swift package --allow-writing-to-package-directory zerorpc-check --update [--target <name>]...

    Compares the RPC services of targets with the contracts in Contracts/<target>/<service>.json, and fails on changes
    that break callers. Commit the contracts.

      --target <name>  a target whose services to check; by default each with a directory in Contracts
      --strict         fail on compatible changes that are not recorded, too
      --update         record the contracts as they are now, breaking changes included

    Documentation/Evolution.md of swift-zerorpc lists the changes that break callers.
    Exit status: 0 nothing is wrong; 1 a breaking change or another error, which the last line names.
    """

  /// How the tool ends.
  private enum Outcome: Int32 {
    case success = 0
    case breakingChange = 3
    case unrecordedChange = 4
  }

  func performCommand(context: PluginContext, arguments: [String]) async throws {
    var extractor = ArgumentExtractor(arguments)
    let names = extractor.extractOption(named: "target")
    let isStrict = extractor.extractFlag(named: "strict") > 0
    let isUpdate = extractor.extractFlag(named: "update") > 0
    if extractor.extractFlag(named: "help") > 0 { return print(Self.usage) }
    if let unknown = extractor.remainingArguments.first {
      throw PluginError("unknown argument '\(unknown)'\n\(Self.usage)")
    }
    if isUpdate && isStrict { throw PluginError("--strict checks and --update does not: give one of them") }
    let tool = try context.tool(named: "zerorpc-generator").url
    let contracts = context.package.directoryURL.appending(path: Self.contractsDirectoryName)
    let targets = try targets(named: names, in: context.package, contracts: contracts)
    var outcomes: [(name: String, status: Int32)] = []
    for target in targets {
      let directory = contracts.appending(path: target.name)
      let isRecorded = FileManager.default.fileExists(atPath: directory.path)
      guard isUpdate || isRecorded else {
        throw PluginError("target '\(target.name)' has no recorded contracts yet: \(Self.updateHint(target.name))")
      }
      let mode = isUpdate ? ["--record-contracts", directory.path] : ["--check-contracts", directory.path]
      let status = try run(tool, mode + (isStrict ? ["--strict"] : []), on: target)
      if status == 0 {
        print("\(target.name): \(isUpdate ? "recorded in \(directory.path)" : "no breaking change")")
      }
      outcomes.append((target.name, status))
    }
    try report(outcomes)
  }

  private static func updateHint(_ target: String) -> String {
    "run `swift package --allow-writing-to-package-directory zerorpc-check --update --target \(target)`, and commit them"
  }

  private func report(_ outcomes: [(name: String, status: Int32)]) throws {
    let broken = outcomes.filter { $0.status == Outcome.breakingChange.rawValue }.map(\.name)
    let failed = outcomes.filter { Outcome(rawValue: $0.status) == nil }.map(\.name)
    let unrecorded = outcomes.filter { $0.status == Outcome.unrecordedChange.rawValue }.map(\.name)
    if !failed.isEmpty {
      throw PluginError("the contracts of \(failed.joined(separator: ", ")) were not compared: see the errors above")
    }
    if let first = broken.first {
      throw PluginError(
        "breaking changes in \(broken.joined(separator: ", ")): see the errors above. If they are meant, "
          + Self.updateHint(first))
    }
    if let first = unrecorded.first {
      throw PluginError(
        "the recorded contracts of \(unrecorded.joined(separator: ", ")) are not up to date: " + Self.updateHint(first))
    }
  }

  /// The named targets; without a name, those with recorded contracts.
  private func targets(
    named names: [String], in package: Package, contracts: URL
  ) throws -> [any SourceModuleTarget] {
    let recorded = (try? FileManager.default.contentsOfDirectory(atPath: contracts.path)) ?? []
    let chosen = names.isEmpty ? recorded.filter { isDirectory(contracts.appending(path: $0)) }.sorted() : names
    if chosen.isEmpty {
      throw PluginError("no contracts are recorded yet: \(Self.updateHint("<name>"))")
    }
    return try chosen.map { name in
      guard let target = package.targets.first(where: { $0.name == name }) else {
        if names.isEmpty {
          throw PluginError(
            "the target '\(name)' was removed, and its services with it: if that is meant, delete "
              + contracts.appending(path: name).path)
        }
        let known = package.targets.map(\.name).sorted().joined(separator: ", ")
        throw PluginError("package '\(package.displayName)' has no target '\(name)'; its targets are \(known)")
      }
      guard let module = target.sourceModule else { throw PluginError("target '\(name)' holds no source code") }
      return module
    }
  }

  private func isDirectory(_ url: URL) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  /// Runs the tool on a target's sources.
  private func run(_ tool: URL, _ arguments: [String], on target: any SourceModuleTarget) throws -> Int32 {
    let sources = target.sourceFiles(withSuffix: ".swift").map(\.url).filter {
      $0.lastPathComponent != Self.generatedFileName
    }
    let configuration = target.directoryURL.appending(path: Self.configurationFileName)
    let isConfigured = FileManager.default.fileExists(atPath: configuration.path)
    let process = Process()
    process.executableURL = tool
    process.arguments =
      arguments + (isConfigured ? ["--configuration", configuration.path] : []) + sources.map(\.path)
    try process.run()
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }
}

/// Says why the plugin cannot do its work.
struct PluginError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
