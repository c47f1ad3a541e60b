public import Logging
public import ZeroMQ

/// Sets how a server behaves. The defaults are zerorpc's.
public struct RPCServerConfiguration: Sendable {
  /// The interval of heartbeats on every open channel; 5 seconds. Both sides must use the same. Nil sends none and
  /// never declares a client lost.
  public var heartbeat: Duration? = .seconds(5)
  /// How long a graceful shutdown waits for the calls that are open before it cancels their handlers; 30 seconds.
  public var shutdownGrace: Duration = .seconds(30)
  /// How much the server takes on before it refuses calls.
  public var limits = RPCServerLimits()
  /// Whether peers may ask what the server offers (`_zerorpc_inspect` and the others); true. Otherwise those methods do not
  /// exist.
  public var isIntrospectable = true
  /// Options of the ZeroMQ socket.
  public var transport = RPCTransportOptions()
  /// The ZeroMQ context. The shared one lets `inproc` endpoints of the process meet.
  public var context: ZMQContext = .shared
  /// What stands around every handler, the outermost first.
  public var interceptors: [any RPCServerInterceptor] = []
  /// What decides which header entries of callers become the task context of handlers, and what adds some to replies.
  public var propagators: [any RPCContextPropagator] = []
  /// What turns the names of endpoints into endpoints.
  public var resolvers: [any RPCEndpointResolver] = []
  /// Errors that arrive as themselves, beside those that the services declare.
  public var errorTypes: [RPCErrorType] = []
  /// Whether metrics and spans are recorded, if the program has bootstrapped backends for them.
  public var instrumentation = RPCInstrumentation()
  /// Where the server logs; nothing is logged by default. The framework logs at trace, where every event is shown, and
  /// debug, where calls that fail are, and at warning what a peer did wrong. Whether the trace level is on is looked at when
  /// the first endpoint is added.
  ///
  /// When it is set, handlers find it as swift-log's `Logger.current`, with the metadata `rpc.method`, `rpc.channel` and
  /// `rpc.peer` of their call.
  public var logger = Logger(label: "zerorpc.server", factory: { _ in SwiftLogNoOpLogHandler() })

  /// Makes the defaults.
  public init() {}
}
