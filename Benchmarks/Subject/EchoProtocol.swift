public import Foundation
public import ZeroRPC

// zerorpc: pusher, publisher
/// What the benchmark calls: the smallest typed service there is.
public protocol Echo: RPCService {
  /// Sends back what it gets.
  func call(_ body: Data) async throws -> Data
  /// Sends so many items of a size.
  func stream(count: Int, size: Int) async throws -> RPCStream<Data>
  /// Takes what is pushed or published; an event as large as that of a call.
  func take(_ body: Data) async throws
}

struct EchoService: Echo {
  func call(_ body: Data) -> Data { body }

  func stream(count: Int, size: Int) -> RPCStream<Data> {
    RPCStream { writer in
      let item = Data(count: size)
      for _ in 0..<count { try await writer.write(item) }
    }
  }

  func take(_ body: Data) {}
}
