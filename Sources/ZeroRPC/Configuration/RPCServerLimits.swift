/// Sets how much a server takes on. What exceeds a limit is refused at once with the remote error `ServerOverloaded`, whose
/// ``RemoteError/isRetriable`` is true: the method was not called.
///
/// A peer is one connection of a client, or of a broker, which counts as one however many clients stand behind it. Calls of
/// different peers get handlers in turn, so a peer with a thousand calls that wait delays another's call by one, or by some
/// that are quick: while fewer than half of ``handlers`` run, a peer keeps the turn for 50 microseconds. Where a limit per peer
/// is nil, one peer may have three quarters of what the server takes, and a quarter is kept for others.
///
/// Heartbeats, cancellations and credits of calls that are open never wait behind others' calls. An open channel or stream
/// has a handler or waits for one, so ``handlers`` and ``queuedCalls`` together bound them too. The size of one message is
/// bounded by ``RPCTransportOptions/maximumMessageSize``.
public struct RPCServerLimits: Sendable, Hashable {
  /// Connections; nil, the default, leaves a quarter of the descriptors that the process may have (`ulimit -n`, read when the
  /// server is made), and 48 at least, to everything else. More are closed as they come, and try again until there is room;
  /// what they sent into a connection that was closed is lost, as with any that breaks.
  public var connections: Int?
  /// Handlers that have begun and not returned; 8,192. A handler that goes on after its caller was lost or has cancelled
  /// counts until it returns.
  public var handlers = 8_192
  /// Handlers of one peer; nil, the default, is three quarters of ``handlers``. More of its calls wait.
  public var handlersPerPeer: Int?
  /// Calls that wait because as many handlers run as may; 32,768.
  public var queuedCalls = 32_768
  /// Calls of one peer that wait; nil, the default, is three quarters of ``queuedCalls``.
  public var queuedCallsPerPeer: Int?
  /// What the requests of calls that wait may take, in bytes; 256 MiB. A single one may be larger.
  public var queuedBytes = 256 << 20
  /// What the requests of one peer that wait may take, in bytes; nil, the default, is three quarters of ``queuedBytes``.
  public var queuedBytesPerPeer: Int?
  /// What is kept of answers that a peer does not read, beyond ZeroMQ's own queue, in bytes; 64 MiB. What is more is
  /// dropped and its call ended: to the caller, if it is still there, that is a lost peer. Streams wait before that.
  public var unsentBytesPerPeer = 64 << 20

  /// Makes the defaults.
  public init() {}
}
