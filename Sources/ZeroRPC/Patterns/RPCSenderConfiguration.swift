public import Logging
public import ZeroMQ

/// Sets how a pusher or a publisher behaves.
public struct RPCSenderConfiguration: Sendable {
  /// How long a push waits for a consumer that has room unless its options say otherwise; 30 seconds. Publishing never
  /// waits.
  public var timeout: Duration = .seconds(30)
  /// Options of the ZeroMQ socket. ``RPCTransportOptions/sendHighWaterMark`` is how far a consumer may fall behind: then a
  /// push waits or goes to another consumer, and a publication is lost to that subscriber.
  public var transport = RPCTransportOptions()
  /// The ZeroMQ context. The shared one lets `inproc` endpoints of the process meet.
  public var context: ZMQContext = .shared
  /// What adds to the headers of messages a context that lives outside of ``RPCTaskContext``.
  public var propagators: [any RPCContextPropagator] = []
  /// What turns the names of endpoints into endpoints.
  public var resolvers: [any RPCEndpointResolver] = []
  /// Whether messages are recorded as spans of kind `producer`, and carry the trace to their receivers, if the program has
  /// bootstrapped a tracer.
  public var instrumentation = RPCInstrumentation()
  /// Where the sender logs; nothing is logged by default. Every message is shown at trace level, if that is on when the first
  /// endpoint is added.
  public var logger = Logger(label: "zerorpc.sender", factory: { _ in SwiftLogNoOpLogHandler() })

  /// Makes the defaults.
  public init() {}
}
