public import Logging
public import ZeroMQ

/// Sets how a puller or a subscriber behaves.
public struct RPCReceiverConfiguration: Sendable {
  /// How many handlers run at once; 1, so that messages are handled in the order in which they come, as zerorpc-python does.
  ///
  /// Messages that no handler is free for wait in ZeroMQ's queues. Those hold their senders back when they are full:
  /// see ``RPCTransportOptions/receiveHighWaterMark``.
  public var concurrency = 1
  /// How long a graceful shutdown waits for the handlers that are running before it cancels them; 30 seconds.
  public var shutdownGrace: Duration = .seconds(30)
  /// Options of the ZeroMQ socket.
  public var transport = RPCTransportOptions()
  /// The ZeroMQ context. The shared one lets `inproc` endpoints of the process meet.
  public var context: ZMQContext = .shared
  /// What stands around every handler, the outermost first. It sees the errors that handlers throw, which no sender does.
  public var interceptors: [any RPCServerInterceptor] = []
  /// What decides which header entries of messages become the task context of handlers.
  public var propagators: [any RPCContextPropagator] = []
  /// What turns the names of endpoints into endpoints.
  public var resolvers: [any RPCEndpointResolver] = []
  /// Whether metrics (`zerorpc.receiver.message.duration` and `zerorpc.receiver.calls_in_flight`) and spans of kind `consumer`
  /// are recorded, if the program has bootstrapped backends for them.
  public var instrumentation = RPCInstrumentation()
  /// Where the receiver logs; nothing is logged by default. The framework logs at trace, where every message is shown, and at
  /// warning: what is no message, names no method or does not fit it, and errors that handlers throw. Whether the trace
  /// level is on is looked at when the first endpoint is added.
  public var logger = Logger(label: "zerorpc.receiver", factory: { _ in SwiftLogNoOpLogHandler() })

  /// Makes the defaults.
  public init() {}
}
