public import Logging
public import ZeroMQ

/// Sets how a client behaves. The defaults are zerorpc's.
public struct RPCClientConfiguration: Sendable {
  /// How long a call waits for its first reply unless its options say otherwise; 30 seconds.
  public var timeout: Duration = .seconds(30)
  /// The interval of heartbeats on every open channel; 5 seconds. Both sides must use the same. Nil sends none and
  /// never declares a peer lost.
  public var heartbeat: Duration? = .seconds(5)
  /// Whether heartbeats start only when the server sends its first; then a server without heartbeats is not lost.
  public var passiveHeartbeat = false
  /// How many items of a stream the server may send ahead of the consumer; 100.
  public var streamWindow = 100
  /// Options of the ZeroMQ socket.
  public var transport = RPCTransportOptions()
  /// The ZeroMQ context. The shared one lets `inproc` endpoints of the process meet.
  public var context: ZMQContext = .shared
  /// Where the client logs; nothing is logged by default. The framework logs at trace and debug, and at warning what a
  /// peer did wrong.
  public var logger = Logger(label: "zerorpc.client", factory: { _ in SwiftLogNoOpLogHandler() })

  /// Makes the defaults.
  public init() {}
}
