internal import BenchmarkSupport
internal import Foundation
internal import ZeroMQ
internal import ZeroRPC

/// swift-zerorpc as a subject of the benchmark. Benchmarks/README.md describes the protocol of its two roles.
///
/// Besides the protocol's options the load takes `--caller plain` (async code as anybody writes it) or
/// `--caller executor` (the caller runs on the client's executor).
@main
struct Subject {
  static func main() async {
    do {
      let (command, extra) = try SubjectCommand.parse(CommandLine.arguments.dropFirst(), extra: ["caller"])
      switch command {
      case .serve(let endpoint, let mode, let window, let size) where mode.isOneWay:
        try await OneWaySender(mode: mode, mark: window, size: size).run(at: endpoint)
      case .serve(let endpoint, _, _, _): try await serve(endpoint)
      case .load(let options): try await load(options, caller: extra["caller"] ?? "plain")
      }
    } catch let problem as SubjectCommand.Problem {
      stop(problem.description, status: 64)
    } catch LoadError.unsupportedMode(let mode) {
      stop("--mode \(mode.rawValue) is not supported", status: 3)
    } catch {
      stop("\(error)", status: 1)
    }
  }

  private static func serve(_ endpoint: String) async throws {
    let server = RPCServer(services: [EchoService()])
    try await server.bind(endpoint)
    await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      print("ready \(endpoint)")
      fflush(nil)
      await StopRequest.wait()
      group.cancelAll()
    }
  }

  private static func load(_ options: LoadOptions, caller: String) async throws {
    guard ["plain", "executor"].contains(caller) else {
      throw SubjectCommand.Problem(description: "--caller is '\(caller)', but must be plain or executor")
    }
    StopRequest.exitWithParent()
    if options.mode.isOneWay { return try await OneWayReceiver(options).run() }
    // inproc: the server lives in this process too.
    let server = RPCServer(services: [EchoService()])
    try await withThrowingTaskGroup(of: Void.self) { group in
      if options.endpoint.hasPrefix("inproc://") {
        try await server.bind(options.endpoint)
        group.addTask { try await server.run() }
      }
      var configuration = RPCClientConfiguration()
      if options.mode == .stream { configuration.streamWindow = options.inFlight }
      var clients: [RPCClient] = []
      for _ in 0..<options.connections {
        clients.append(try RPCClient(connectingTo: options.endpoint, configuration: configuration))
      }
      let result = try await measure(options, stubs: clients.map { EchoClient($0) }, onExecutor: caller == "executor")
      print(try result.line)
      fflush(nil)
      group.cancelAll()
    }
  }

  @concurrent
  private static func measure(
    _ options: LoadOptions, stubs: [EchoClient], onExecutor: Bool
  ) async throws -> LoadResult {
    let name = onExecutor ? "zerorpc-executor" : "zerorpc"
    var load = LoadGenerator(subject: name, options: options)
    #if os(Linux)
      let loop = stubs[0].client.configuration.context.eventLoop
      load.pacer = { LoopPacer($0, on: loop).start() }
    #endif
    let payload = Data(count: Envelope.payloadSize(forEvent: options.size))
    func run() async throws -> LoadResult {
      if options.mode == .stream {
        return try await load.runStream { limit, item in
          for try await body in try await stubs[0].stream(count: Int(clamping: limit), size: payload.count) {
            if try !item(body.count == payload.count ? options.size : -1) { break }
          }
        }
      }
      return try await load.run { connection in
        // The load checks sizes as the options give them: an echo of the right size counts as the event's size.
        try await stubs[connection].call(payload).count == payload.count ? options.size : -1
      }
    }
    // The executor of the first client stands for all: one event loop owns a context's sockets.
    return onExecutor
      ? try await withTaskExecutorPreference(stubs[0].client.executor) { try await run() } : try await run()
  }

  private static func stop(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data("zerorpc-bench-subject: \(message)\n".utf8))
    exit(status)
  }
}
