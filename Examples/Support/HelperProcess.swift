internal import Foundation

/// Runs another program beside an example, passes its process to a closure, and ends it afterwards.
///
/// The program ends with the example, however that ends: it runs below a shell, which ends it when its input is closed.
///
/// - Parameters:
///   - command: the program and its arguments.
///   - body: what is done while it runs.
public func withProgram<Result>(_ command: [String], _ body: () async throws -> Result) async throws -> Result {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = ["-c", #""$@" </dev/null & cat >/dev/null; kill $!; wait $! 2>/dev/null"#, "sh"] + command
  let input = Pipe()
  process.standardInput = input
  let (ends, end) = AsyncStream.makeStream(of: Void.self)
  process.terminationHandler = { _ in end.finish() }
  try process.run()
  func stop() async {
    try? input.fileHandleForWriting.close()
    for await _ in ends {}
  }
  do {
    let result = try await body()
    await stop()
    return result
  } catch {
    await stop()
    throw error
  }
}

/// Runs a Python script that serves at the endpoint which it is given, in the environment of the project's peers.
///
/// - Parameters:
///   - script: its path, from the directory of the file that calls this.
///   - body: what is done while it runs; gets the endpoint. The script need not listen yet: calls wait for it.
public func withPythonService<Result>(
  _ script: String, arguments: [String] = [], calledFrom file: String = #filePath,
  _ body: (_ endpoint: String) async throws -> Result
) async throws -> Result {
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
  // Short, because the path of an ipc endpoint may have about a hundred bytes.
  let endpoint = "ipc:///tmp/zerorpc-example-\(UInt32.random(in: 0 ... .max))"
  defer { try? FileManager.default.removeItem(atPath: String(endpoint.dropFirst("ipc://".count))) }
  return try await withProgram(
    [try pythonOfThePeers(), "-u", folder.appendingPathComponent(script).path, endpoint] + arguments
  ) {
    try await body(endpoint)
  }
}

/// A Python that has zerorpc: that of `ZERORPC_PEER_PYTHON`, else the one that `make bootstrap` makes.
private func pythonOfThePeers() throws -> String {
  if let path = ProcessInfo.processInfo.environment["ZERORPC_PEER_PYTHON"], !path.isEmpty { return path }
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let path = root.appendingPathComponent(".peers/venv/bin/python").path
  guard FileManager.default.isExecutableFile(atPath: path) else {
    throw Unexpected(description: "this example needs a Python with zerorpc: run 'make bootstrap' first")
  }
  return path
}
