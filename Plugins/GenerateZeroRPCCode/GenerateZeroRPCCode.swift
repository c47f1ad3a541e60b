import Foundation
import PackagePlugin

/// Writes the client and the server glue of RPC services into the directory of their target, to be committed; or typed
/// Python clients of the services.
@main
struct GenerateZeroRPCCode: CommandPlugin {
  private static let generatedFileName = "ZeroRPC.generated.swift"
  private static let configurationFileName = "zerorpc-config.json"
  private static let usage = """
    Usage: swift package generate-zerorpc-code [--target <name>]... [--check]
           swift package generate-zerorpc-code --python <directory> --target <name>... [--check]

      --target <name>  a target whose services to generate code for; by default each that has committed code
      --check          write nothing, fail when committed code is not up to date
      --python <directory>
                       write typed Python clients of the services into the directory, which is relative to the package
    """

  func performCommand(context: PluginContext, arguments: [String]) async throws {
    var extractor = ArgumentExtractor(arguments)
    let names = extractor.extractOption(named: "target")
    let python = extractor.extractOption(named: "python").last
    let isCheck = extractor.extractFlag(named: "check") > 0
    if extractor.extractFlag(named: "help") > 0 { return print(Self.usage) }
    if let unknown = extractor.remainingArguments.first {
      throw PluginError("unknown argument '\(unknown)'\n\(Self.usage)")
    }
    let tool = try context.tool(named: "zerorpc-generator").url
    var isStale = false
    if let python {
      if names.isEmpty { throw PluginError("--python needs a target: name one with --target <name>") }
      let directory = URL(fileURLWithPath: python, relativeTo: context.package.directoryURL)
      for target in try targets(named: names, in: context.package) {
        isStale = try !generatePython(target, into: directory, with: tool, isCheck: isCheck) || isStale
      }
      if isStale { throw PluginError("see the errors above") }
      return
    }
    for target in try targets(named: names, in: context.package) {
      isStale = try !generate(target, with: tool, isCheck: isCheck) || isStale
    }
    if isStale { throw PluginError("see the errors above") }
  }

  /// The named targets; without a name, those that have committed code already.
  private func targets(named names: [String], in package: Package) throws -> [any SourceModuleTarget] {
    if names.isEmpty {
      let targets = package.targets.compactMap(\.sourceModule).filter { hasCommittedCode($0) }
      if targets.isEmpty {
        throw PluginError("no target has a committed \(Self.generatedFileName) yet: name one with --target <name>")
      }
      return targets
    }
    return try names.map { name in
      guard let target = package.targets.first(where: { $0.name == name }) else {
        let known = package.targets.map(\.name).sorted().joined(separator: ", ")
        throw PluginError("package '\(package.displayName)' has no target '\(name)'; its targets are \(known)")
      }
      guard let module = target.sourceModule else { throw PluginError("target '\(name)' holds no source code") }
      return module
    }
  }

  private func hasCommittedCode(_ target: any SourceModuleTarget) -> Bool {
    target.sourceFiles(withSuffix: ".swift").contains { $0.url.lastPathComponent == Self.generatedFileName }
  }

  /// Runs the tool for a target.
  ///
  /// - Returns: Whether it succeeded. It has printed the reason if not.
  private func generate(_ target: any SourceModuleTarget, with tool: URL, isCheck: Bool) throws -> Bool {
    let swiftFiles = target.sourceFiles(withSuffix: ".swift").map(\.url)
    let committed = swiftFiles.first { $0.lastPathComponent == Self.generatedFileName }
    let output = committed ?? target.directoryURL.appending(path: Self.generatedFileName)
    let succeeded = try run(
      tool, ["--output", output.path] + (isCheck ? ["--check"] : []), on: target, swiftFiles.filter { $0 != output })
    if succeeded { print("\(target.name): \(isCheck ? "up to date" : "wrote \(output.path)")") }
    if succeeded && committed == nil {
      print("\(target.name): commit this file, and take the plugin ZeroRPCGenerator out of the target if it has it")
    }
    return succeeded
  }

  /// Writes the Python clients of a target's services.
  private func generatePython(
    _ target: any SourceModuleTarget, into directory: URL, with tool: URL, isCheck: Bool
  ) throws -> Bool {
    let swiftFiles = target.sourceFiles(withSuffix: ".swift").map(\.url)
    let succeeded = try run(
      tool, ["--python", directory.path] + (isCheck ? ["--check"] : []), on: target,
      swiftFiles.filter { $0.lastPathComponent != Self.generatedFileName })
    if succeeded {
      print("\(target.name): \(isCheck ? "up to date" : "wrote its Python clients into \(directory.path)")")
    }
    return succeeded
  }

  private func run(
    _ tool: URL, _ arguments: [String], on target: any SourceModuleTarget, _ files: [URL]
  ) throws -> Bool {
    let configuration = target.directoryURL.appending(path: Self.configurationFileName)
    let isConfigured = FileManager.default.fileExists(atPath: configuration.path)
    let process = Process()
    process.executableURL = tool
    process.arguments =
      arguments + (isConfigured ? ["--configuration", configuration.path] : []) + files.map(\.path)
    try process.run()
    process.waitUntilExit()
    return process.terminationReason == .exit && process.terminationStatus == 0
  }
}

/// Says why the plugin cannot do its work.
struct PluginError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
