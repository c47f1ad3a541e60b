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

  // Run-time checks of exclusive access cost more than the access; the lock, and then the end of the call, leave one user at a
  // time to each of these.

  /// What the events of the call mean, and the passing of time.
  @exclusivity(unchecked) var machine: ClientCallMachine
  /// The packed request, until the call is opened.
  @exclusivity(unchecked) var request: MessagePackPacker?
  var key = -1
  var generation: UInt32 = 0
  /// Whether the request waits in the outbox.
  var isInOutbox = false
  /// Events of the call that wait in the outbox: its request, and grants.
  var waitingEvents = 0
  /// Whether a heartbeat waits until libzmq can take it.
  var owesHeartbeat = false
  var continuation: UnsafeContinuation<Void, Never>?
  var isCancelled = false
  var ending: Ending?
  /// The event that ended the call, or the first item, and where its arguments begin.
  @exclusivity(unchecked) var reply = Frame()
  var replyArguments = 0
  /// Items that arrived and were not asked for yet.
  @exclusivity(unchecked) var items = FrameQueue()
  /// Whether the first item has come, so that the answer is a stream.
  var isStream = false
  /// Whether the call ends as soon as its request is sent.
  var isOneWay = false
  /// Until when the parts of the call must have come; set before the call is opened.
  var limits = CallLimits(timeout: .max, now: 0)
  /// Which of them has passed, when the call ended by one.
  var expiry = ClientCallMachine.Expiry.firstReply
  /// Whether the deadline of the item that the consumer waits for is that of the scope around it.
  var isItemLimitInherited = false

  init(_ machine: ClientCallMachine) { self.machine = machine }

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
