import Foundation
import TestSupport
import Testing
import ZeroMQ

/// `zrpc proxy` as a process.
@Suite(.serialized) struct ProxyCommandIntegration {
  /// Is a process of the built tool, with what it prints.
  final class Tool: Sendable {
    let process: Process
    private let output: URL
    private let errors: URL

    init(_ arguments: [String]) throws {
      let directory = FileManager.default.temporaryDirectory
      let name = "zrpc-\(UUID())"
      output = directory.appending(path: name + ".out")
      errors = directory.appending(path: name + ".err")
      for file in [output, errors] { try Data().write(to: file) }
      process = Process()
      let executable: URL = try #require(Tool.executable, "build the product zrpc before the tests")
      process.executableURL = executable
      process.arguments = ["proxy"] + arguments
      // Files, not pipes: a pipe that nobody empties would stop the tool.
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
    }

    deinit {
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      for file in [output, errors] { try? FileManager.default.removeItem(at: file) }
    }

    /// The tool lies in the build directory, beside the test bundle or some folders above it.
    private static let executable: URL? = {
      for argument in CommandLine.arguments where argument.contains(".xctest") {
        var directory = URL(fileURLWithPath: argument)
        while directory.path != "/" {
          directory.deleteLastPathComponent()
          let candidate = directory.appending(path: "zrpc")
          if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
        }
      }
      return nil
    }()

    var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
    var complaints: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    /// The endpoint in the line that begins with a text.
    func endpoint(after beginning: String) async throws -> String {
      var found: String?
      try await eventually("'\(beginning)' among what zrpc prints") {
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().first {
          $0.hasPrefix(beginning)
        }
        found = line.map { String($0.dropFirst(beginning.count + 1)) }
        if found == nil, !process.isRunning { throw NeverHappened("zrpc has ended: \(complaints)") }
        return found != nil
      }
      return found ?? ""
    }

    /// Waits for the end and returns the exit code, negative for a signal.
    func status() async throws -> Int32 {
      try await eventually("the end of zrpc") { !process.isRunning }
      return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func aQueueUntilItIsSignalled(_ signal: Int32) async throws {
    let server = try ZMQSocket(.reply)
    let back = try server.bind("tcp://127.0.0.1:*")
    let tool = try Tool([
      "queue", "--frontend", "tcp://127.0.0.1:*", "--frontend", "@ipc://*", "--backend", back, "--control",
      "tcp://127.0.0.1:*",
    ])
    let front = try await tool.endpoint(after: "frontend listens at")
    let serving = Task { while true { try await server.send(try await server.receive()) } }
    defer { serving.cancel() }
    let client = try ZMQSocket(.request)
    try client.connect(front)
    for number in 0..<20 {
      try await client.send(["\(number)"])
      #expect(try await client.receive(timeout: .seconds(20)).strings == ["\(number)"])
    }
    let control = try ZMQSocket(.request)
    try control.connect(try await tool.endpoint(after: "control listens at"))
    try await control.send(["STATISTICS"])
    let answer = try await control.receive(timeout: .seconds(20))
    #expect(ZMQProxyStatistics(parts: answer.parts)?.frontendSent.messages == 20)
    kill(tool.process.processIdentifier, signal)
    #expect(try await tool.status() == 0)
    #expect(tool.complaints.isEmpty)
  }

  @Test func aForwarderAndAStreamer() async throws {
    let publisher = try ZMQSocket(.extendedPublish)
    let upstream = try publisher.bind("tcp://127.0.0.1:*")
    let forwarder = try Tool(["forwarder", "--frontend-connect", upstream, "--backend-bind", "tcp://127.0.0.1:*"])
    let subscriber = try ZMQSocket(.subscribe)
    try subscriber.subscribe(to: "t")
    try subscriber.connect(try await forwarder.endpoint(after: "backend listens at"))
    #expect(try await publisher.receive(timeout: .seconds(20)).subscription?.topic == "t")
    try await publisher.send(["t", "text"])
    #expect(try await subscriber.receive(timeout: .seconds(20)).strings == ["t", "text"])

    let streamer = try Tool([
      "streamer", "--frontend", "tcp://127.0.0.1:*", "--backend", "@tcp://127.0.0.1:*", "--capture",
      "tcp://127.0.0.1:*", "--capture-type", "push",
    ])
    let push = try ZMQSocket(.push)
    try push.connect(try await streamer.endpoint(after: "frontend listens at"))
    let pull = try ZMQSocket(.pull)
    try pull.connect(try await streamer.endpoint(after: "backend listens at"))
    let watcher = try ZMQSocket(.pull)
    try watcher.connect(try await streamer.endpoint(after: "capture listens at"))
    try await push.send(["work"])
    #expect(try await pull.receive(timeout: .seconds(20)).strings == ["work"])
    #expect(try await watcher.receive(timeout: .seconds(20)).strings == ["work"])
  }

  @Test func mistakesAreSaidAndEndIt() async throws {
    let taken = try ZMQSocket(.reply)
    let endpoint = try taken.bind("tcp://127.0.0.1:*")
    let cases: [([String], String, Int32)] = [
      (["queue", "--backend", "tcp://127.0.0.1:1"], "a proxy needs a frontend", 64),
      (["queue", "--frontend", "tcp://127.0.0.1:*"], "a proxy needs a backend", 64),
      (["queue", "--frontend", "nonsense", "--backend", "tcp://127.0.0.1:1"], "cannot bind 'nonsense'", 64),
      (["queue", "--frontend", "epgm://lo;239.1.1.1:1", "--backend", "tcp://127.0.0.1:1"], "this transport", 64),
      (["queue", "--frontend", endpoint, "--backend", "tcp://127.0.0.1:1"], "cannot bind '\(endpoint)'", 1),
      (["carousel"], "carousel", 64),
    ]
    for (arguments, complaint, status) in cases {
      let tool = try Tool(arguments)
      #expect(try await tool.status() == status, "\(arguments)")
      #expect(tool.complaints.contains(complaint), "\(arguments): \(tool.complaints)")
    }
  }
}
