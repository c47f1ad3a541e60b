internal import MessagePack
internal import ZeroMQ

/// Holds what the caller's task and its connection share of one call.
///
/// The connection's lock guards every property until `ending` is set; from then on only the caller's task reads them,
/// and the resumption of its continuation orders the two.
final class ClientCall: @unchecked Sendable {  // guarded by the connection's lock, see above
  /// Says how a call ended.
  enum Ending {
    case value
    case remoteError
    case endOfStream
    case timedOut(wasSent: Bool)
    case lost(wasSent: Bool)
    case cancelled
    case closed
    case violation(ClientCallMachine.Violation, event: String)
    case unsendable(String)
  }

  /// The name on the wire.
  let method: String
  /// What carries the call. It holds the call, too, while that is open.
  let connection: ClientConnection

  // Run-time checks of exclusive access cost more than the access; the lock, and then the end of the call, leave one user at a
  // time to each of these.

  /// What the events of the call mean, and the passing of time.
  @exclusivity(unchecked) var machine: ClientCallMachine
  var continuation: UnsafeContinuation<Void, Never>?
  /// The event that ended the call, or the first item, and where its arguments begin.
  @exclusivity(unchecked) var reply = Frame()
  var replyArguments = 0
  var ending: Ending?
  var key = -1
  var generation: UInt32 = 0
  var isCancelled = false
  /// Whether the request waits in the outbox.
  var isInOutbox = false
  /// Whether a heartbeat waits until libzmq can take it.
  var owesHeartbeat = false
  /// Whether the first item has come, so that the answer is a stream.
  var isStream = false
  /// Whether the call ends as soon as its request is sent.
  var isOneWay = false
  /// Whether the deadline of the item that the consumer waits for is that of the scope around it.
  var isItemLimitInherited = false
  /// Which deadline has passed, when the call ended by one.
  var expiry = ClientCallMachine.Expiry.firstReply
  /// Events of the call that wait in the outbox: its request, and grants.
  var waitingEvents = 0
  /// The packed request, until the call is opened.
  @exclusivity(unchecked) var request: MessagePackPacker?
  /// Items that arrived and were not asked for yet.
  @exclusivity(unchecked) var items = FrameQueue()
  /// Until when the parts of the call must have come; set before the call is opened.
  var limits = CallLimits(timeout: .max, now: 0)

  init(_ method: String, _ machine: ClientCallMachine, on connection: ClientConnection) {
    self.method = method
    self.machine = machine
    self.connection = connection
  }

  /// Sends the request, and waits until the first reply is there or the call has ended.
  // Inlined, because every layer of async functions costs a look at the executor on the way back. Its closures capture nothing but
  // the call, and so need no memory of their own in the frame of what waits.
  @inline(__always)
  func answer() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in connection.open(self, continuation) }
    } onCancel: {
      cancel()
    }
  }

  /// Ends the call from this side.
  func cancel() { connection.cancel(self) }

  /// The entries of the last reply's header that are not the protocol's own. Only after the call has ended.
  var replyHeaders: [String: MessagePackValue] {
    switch ending {
    case .value, .remoteError, .endOfStream: break
    default: return [:]
    }
    return reply.withUnsafeBytes { bytes in
      guard let layout = try? EventReader.read(bytes), layout.foreignEntries > 0 else { return [:] }
      return HeaderEntries.read(UnsafeRawBufferPointer(rebasing: bytes[layout.header]))
    }
  }
}
