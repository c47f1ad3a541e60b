public import Logging
public import ZeroMQ

/// Sets how a client behaves. The defaults are zerorpc's.
public struct RPCClientConfiguration: Sendable {
  /// How long a call waits for its first reply unless its options say otherwise; 30 seconds.
  public var timeout: Duration = .seconds(30)
  /// How long the consumer of a stream waits for one item unless the call's options say otherwise; nil, the default, is as
  /// long as the peer sends heartbeats.
  public var itemTimeout: Duration?
  /// How long a stream may take from the call to its end unless the call's options say otherwise; nil, the default, is as
  /// long as it likes.
  public var streamTimeout: Duration?
  /// The interval of heartbeats on every open channel; 5 seconds. Both sides must use the same. Nil sends none and
  /// never declares a peer lost.
  public var heartbeat: Duration? = .seconds(5)
  /// Whether heartbeats start only when the server sends its first; then a server without heartbeats is not lost.
  public var passiveHeartbeat = false
  /// How many items of a stream the server may send ahead of the consumer; 100.
  public var streamWindow = 100
  /// How long a client that is a service of swift-service-lifecycle waits, at a graceful shutdown, for the calls that are
  /// open before it closes; 30 seconds.
  public var shutdownGrace: Duration = .seconds(30)
  /// Options of the ZeroMQ socket.
  public var transport = RPCTransportOptions()
  /// The ZeroMQ context. The shared one lets `inproc` endpoints of the process meet.
  public var context: ZMQContext = .shared
  /// What stands around every call, the outermost first.
  public var interceptors: [any RPCClientInterceptor] = []
  /// What adds to the headers of calls a context that lives outside of ``RPCTaskContext``.
  public var propagators: [any RPCContextPropagator] = []
  /// What turns the names of endpoints into endpoints.
  public var resolvers: [any RPCEndpointResolver] = []
  /// What turns errors of peers into errors of Swift; the first one that does decides.
  public var errorMappers: [any RPCErrorMapper] = []
  /// Errors that arrive as themselves, beside those that generated stubs declare.
  public var errorTypes: [RPCErrorType] = []
  /// Whether metrics and spans are recorded, if the program has bootstrapped backends for them.
  public var instrumentation = RPCInstrumentation()
  /// Where the client logs; nothing is logged by default. The framework logs at trace, where every event is shown, and
  /// debug, where calls that fail are, and at warning what a peer did wrong. Whether the trace level is on is looked at when
  /// an endpoint is added.
  public var logger = Logger(label: "zerorpc.client", factory: { _ in SwiftLogNoOpLogHandler() })

  /// Makes the defaults.
  public init() {}
}
