internal import BenchmarkSupport
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportHTTP2

/// grpc-swift-2 as a peer of the benchmark. Benchmarks/README.md describes the protocol of its two roles.
@main
struct Peer {
  static let name = "grpc-swift"

  static func main() async {
    do {
      let (command, _) = try SubjectCommand.parse(CommandLine.arguments.dropFirst())
      switch command {
      case .serve(let endpoint, _, _, _): try await serve(endpoint)
      case .load(let options): try await load(options)
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
    let (host, port) = try address(of: endpoint)
    let server = GRPCServer(
      transport: .http2NIOPosix(address: .ipv4(host: host, port: port), transportSecurity: .plaintext),
      services: [EchoService()])
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      _ = try await server.listeningAddress
      print("ready \(endpoint)")
      fflush(nil)
      await StopRequest.wait()
      // Not a graceful shutdown: that waits for clients which may keep their connections.
      group.cancelAll()
    }
  }

  private static func load(_ options: LoadOptions) async throws {
    guard [.sequential, .pipelined, .stream].contains(options.mode) else {
      throw LoadError.unsupportedMode(options.mode)
    }
    StopRequest.exitWithParent()
    let (host, port) = try address(of: options.endpoint)
    let clients = try (0..<options.connections).map { _ in
      GRPCClient(
        transport: try .http2NIOPosix(target: .ipv4(address: host, port: port), transportSecurity: .plaintext))
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in clients { group.addTask { try await client.runConnections() } }
      let result = try await measure(options, clients)
      print(try result.line)
      fflush(nil)
      for client in clients { client.beginGracefulShutdown() }
      group.cancelAll()
    }
  }

  private static func measure<Transport: ClientTransport>(
    _ options: LoadOptions, _ clients: [GRPCClient<Transport>]
  ) async throws -> LoadResult {
    let load = LoadGenerator(subject: name, options: options)
    if options.mode == .stream {
      return try await load.runStream { limit, item in
        let order = StreamOrder(count: limit, size: options.size)
        try await clients[0].serverStreaming(
          request: ClientRequest(message: order.bytes), descriptor: EchoService.stream, serializer: RawBytes(),
          deserializer: RawBytes(), options: .defaults
        ) { response in
          for try await message in response.messages where try !item(message.count) { break }
        }
      }
    }
    let payload = [UInt8](repeating: 0, count: options.size)
    return try await load.run { connection in
      try await clients[connection].unary(
        request: ClientRequest(message: payload), descriptor: EchoService.call, serializer: RawBytes(),
        deserializer: RawBytes(), options: .defaults
      ) { response in
        try response.message.count
      }
    }
  }

  private static func address(of endpoint: String) throws -> (host: String, port: Int) {
    let parts = endpoint.split(separator: ":")
    guard parts.count == 3, parts[0] == "tcp", let port = Int(parts[2]) else {
      throw SubjectCommand.Problem(description: "--endpoint is '\(endpoint)', but must be like tcp://127.0.0.1:4242")
    }
    return (String(parts[1].dropFirst(2)), port)
  }

  private static func stop(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data("\(name): \(message)\n".utf8))
    exit(status)
  }
}
