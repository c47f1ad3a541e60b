/// Counts what a proxy has passed on. A message of several parts counts once, with the bytes of all of them.
public struct ZMQProxyStatistics: Sendable, Hashable {
  /// Counts messages and their bytes.
  public struct Traffic: Sendable, Hashable {
    /// Whole messages.
    public var messages: UInt64 = 0
    /// Bytes of their parts.
    public var bytes: UInt64 = 0

    /// Counts nothing yet.
    public init() {}

    mutating func add(_ size: Int) {
      messages &+= 1
      bytes &+= UInt64(size)
    }
  }

  /// What the frontend received.
  public var frontendReceived = Traffic()
  /// What the frontend sent.
  public var frontendSent = Traffic()
  /// What the backend received.
  public var backendReceived = Traffic()
  /// What the backend sent.
  public var backendSent = Traffic()
  /// Replies of a queue whose client was gone. libzmq's answer to `STATISTICS` has no place for it.
  public var undeliverable = Traffic()

  /// Counts nothing yet.
  public init() {}

  /// The eight parts of the answer to `STATISTICS`, each an unsigned 64-bit integer in the machine's byte order, as libzmq's
  /// zmq_proxy_steerable(3) gives them: messages and bytes that the frontend received, that it sent, that the backend
  /// received, that it sent.
  public var parts: [[UInt8]] {
    [frontendReceived, frontendSent, backendReceived, backendSent].flatMap { [$0.messages, $0.bytes] }.map { number in
      withUnsafeBytes(of: number) { Array($0) }
    }
  }

  /// Reads the parts of an answer to `STATISTICS`; nil if there are not eight of eight bytes.
  public init?(parts: [[UInt8]]) {
    guard parts.count == 8, parts.allSatisfy({ $0.count == 8 }) else { return nil }
    let numbers = parts.map { part in part.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } }
    func traffic(_ index: Int) -> Traffic {
      var traffic = Traffic()
      (traffic.messages, traffic.bytes) = (numbers[index], numbers[index + 1])
      return traffic
    }
    (frontendReceived, frontendSent) = (traffic(0), traffic(2))
    (backendReceived, backendSent) = (traffic(4), traffic(6))
  }
}
