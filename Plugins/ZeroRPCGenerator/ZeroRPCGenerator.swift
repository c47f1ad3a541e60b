import Foundation
import PackagePlugin

/// Generates the client and the server glue of a target's RPC services whenever its sources change.
@main
struct ZeroRPCGenerator: BuildToolPlugin {
  private static let generatedFileName = "ZeroRPC.generated.swift"
  private static let configurationFileName = "zerorpc-config.json"

  func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
    guard let target = target.sourceModule else {
      throw PluginError("target '\(target.name)' holds no source code: remove the plugin ZeroRPCGenerator from it")
    }
    let sources = target.sourceFiles(withSuffix: ".swift").map(\.url)
    if let committed = sources.first(where: { $0.lastPathComponent == Self.generatedFileName }) {
      throw PluginError(
        """
        target '\(target.name)' has committed generated code, \(committed.path), and uses the plugin ZeroRPCGenerator, \
        which generates the same code in every build. Delete the file, or remove the plugin from the target.
        """)
    }
    let configuration = target.directoryURL.appending(path: Self.configurationFileName)
    let isConfigured = FileManager.default.fileExists(atPath: configuration.path)
    let output = context.pluginWorkDirectoryURL.appending(path: Self.generatedFileName)
    return [
      .buildCommand(
        displayName: "Generating RPC code of \(target.name)",
        executable: try context.tool(named: "zerorpc-generator").url,
        arguments: ["--output", output.path] + (isConfigured ? ["--configuration", configuration.path] : [])
          + sources.map(\.path),
        inputFiles: sources + (isConfigured ? [configuration] : []),
        outputFiles: [output])
    ]
  }
}

/// Says why the plugin cannot do its work.
struct PluginError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
