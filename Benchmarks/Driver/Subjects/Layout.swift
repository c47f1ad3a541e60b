internal import Foundation

/// Where things are: our own programs beside this one, everything else under the root of the repository.
struct Layout {
  private var root: URL
  private var programs: URL

  /// Takes the given root, or the nearest directory above this program or the working directory that has `Benchmarks`.
  init(root given: String?) {
    let program = URL(fileURLWithPath: Bundle.main.executablePath ?? CommandLine.arguments[0]).resolvingSymlinksInPath()
    programs = program.deletingLastPathComponent()
    let workingDirectory = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    root =
      given.map { URL(fileURLWithPath: $0) } ?? Self.repository(above: programs) ?? Self.repository(
        above: workingDirectory)
      ?? workingDirectory
  }

  /// The path of a program that was built together with this one.
  func sibling(_ name: String) -> String { programs.appendingPathComponent(name).path }

  /// A path in the repository.
  func path(_ relative: String) -> String { root.appendingPathComponent(relative).path }

  private static func repository(above start: URL) -> URL? {
    var directory = start
    while directory.path != "/" {
      let hasMark = ["Package.swift", "Benchmarks/README.md"].allSatisfy {
        FileManager.default.fileExists(atPath: directory.appendingPathComponent($0).path)
      }
      if hasMark { return directory }
      directory.deleteLastPathComponent()
    }
    return nil
  }
}
