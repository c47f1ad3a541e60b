#if os(Linux)
  internal import CZeroMQ
  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #endif

  /// Is a DEALER or ROUTER whose connections are served on the event loop, instead of by libzmq's I/O threads.
  ///
  /// It speaks ZMTP with any other implementation, and behaves as libzmq's socket with the options `ZMQ_IMMEDIATE` and
  /// `ZMQ_ROUTER_MANDATORY`. A message costs no switch to another thread and none of libzmq's queues: what is sent is written by
  /// who sends it, and what is received is read where it is wanted. What it does not know itself, as `inproc`, a ROUTER leaves to a
  /// socket of libzmq beside it, which it opens when it is needed.
  ///
  /// Everything happens in the owner's calls and none of it waits; the owner serialises them. ``descriptor`` is readable while
  /// something wants to be looked at, so that no edge can be missed.
  final class ZMTPSocket: @unchecked Sendable {  // the owner's lock serialises every use
    /// Sets how the socket behaves; the meaning is that of libzmq's options.
    struct Options: Sendable {
      var sendHighWaterMark = 1_000
      var linger: Duration = .seconds(1)
      var reconnectInterval: Duration = .milliseconds(100)
      var maximumMessageSize: Int?
      var handshakeTimeout: Duration = .seconds(30)
      var backlog: Int32 = 100
    }

    /// What one descriptor of the socket is.
    enum Entry {
      case listener(ZMTPListener)
      case connector(ZMTPConnector)
      case connection(ZMTPConnection)
      /// libzmq's socket.
      case other(SocketHandle)
    }

    let type: ZMQSocketType
    let options: Options
    /// The largest frame that is accepted, in bytes.
    let frameLimit: UInt64
    /// Opens the socket of libzmq for what this one does not know.
    let openOther: () throws(ZMQError) -> SocketHandle

    let epoll: Int32
    let timer: Int32
    /// When the timer fires.
    var timerDue = UInt64.max

    /// By the low half of a token; the high half tells entries at the same place apart.
    var entries: [(entry: Entry?, generation: UInt32)] = []
    var freeEntries: [Int] = []
    @exclusivity(unchecked) var other: SocketHandle?
    var monitor: ZMTPMonitor?

    // MARK: Peers

    /// Those to which messages flow.
    @exclusivity(unchecked) var peers: [ZMTPConnection] = []
    /// Of a ROUTER, by the routing ids that the peers have chosen.
    var peersByID: [[UInt8]: ZMTPConnection] = [:]
    /// Of a ROUTER, the others, by the numbers in their routing ids.
    @exclusivity(unchecked) var peersByNumber: [UInt32: ZMTPConnection] = [:]
    /// Of those the one to which something was sent last.
    @exclusivity(unchecked) var lastPeer: ZMTPConnection?
    /// The number in the routing id of the next peer that has not chosen one.
    var nextRoutingNumber = UInt32.random(in: 0 ... .max)

    // MARK: Sending

    /// Where the rest of the message goes whose beginning was sent.
    enum Destination {
      case connection(ZMTPConnection)
      case other(SocketHandle)
    }

    @exclusivity(unchecked) var destination: Destination?
    /// The peer that a DEALER serves next.
    @exclusivity(unchecked) var turn = 0
    /// While above zero, what is sent is collected.
    @exclusivity(unchecked) var holds = 0
    @exclusivity(unchecked) var dirty: [ZMTPConnection] = []

    // MARK: Receiving

    /// What was read and not received yet, of one connection at a time.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ZMTPSocket.bufferSize, alignment: 16)
    @exclusivity(unchecked) var bufferStart = 0
    @exclusivity(unchecked) var bufferEnd = 0
    /// Whose bytes these are.
    @exclusivity(unchecked) var reading: ZMTPConnection?
    /// Where the frames of the message come from that is being received.
    @exclusivity(unchecked) var source = Source.none
    /// Whether another frame of it follows.
    @exclusivity(unchecked) var hasMore = false
    /// What the system has reported and was not looked at yet.
    let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 64)
    @exclusivity(unchecked) var nextEvent = 0
    @exclusivity(unchecked) var eventCount = 0
    /// Whether the system was asked since nothing was left last.
    @exclusivity(unchecked) var hasPolled = false
    /// How often a lone peer was read without asking for anything else.
    @exclusivity(unchecked) var readsWithoutPolling = 0

    enum Source { case none, buffer, assembly, other }

    static let bufferSize = 64 * 1024
    static let timerToken = UInt64.max
    static let acceptPause: UInt64 = 100_000_000

    /// Makes a socket.
    ///
    /// - Throws: ``ZMQError`` with `tooManySockets` when the process has no descriptors left.
    init(
      _ type: ZMQSocketType, _ options: Options, openOther: @escaping () throws(ZMQError) -> SocketHandle
    ) throws(ZMQError) {
      self.type = type
      self.options = options
      frameLimit = UInt64(max(0, options.maximumMessageSize ?? .max >> 1))
      self.openOther = openOther
      epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
      timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
      guard epoll >= 0, timer >= 0 else {
        throw ZMQError(
          code: .tooManySockets,
          message:
            "cannot open a \(type) socket: \(ZMQError.Code(number: errno)); raise the limit of descriptors (ulimit -n)")
      }
      control(EPOLL_CTL_ADD, timer, EPOLLIN.rawValue, ZMTPSocket.timerToken)
    }

    deinit {
      if timer >= 0 { closeDescriptor(timer) }
      if epoll >= 0 { closeDescriptor(epoll) }
      buffer.deallocate()
      events.deallocate()
    }

    /// What the event loop waits for.
    var descriptor: Int32 { epoll }

    // MARK: Entries

    /// Has a descriptor reported.
    func add(_ entry: Entry, _ descriptor: Int32, _ events: UInt32) -> UInt64 {
      let index = freeEntries.popLast() ?? entries.count
      if index == entries.count { entries.append((nil, 0)) }
      entries[index].entry = entry
      entries[index].generation &+= 1
      let token = UInt64(entries[index].generation) << 32 | UInt64(index)
      if descriptor >= 0 { control(EPOLL_CTL_ADD, descriptor, events, token) }
      return token
    }

    /// Forgets an entry; its descriptor must not be reported any more, or be closed next.
    func remove(_ token: UInt64) {
      let index = Int(token & 0xFFFF_FFFF)
      guard index < entries.count, entries[index].generation == UInt32(token >> 32), entries[index].entry != nil
      else { return }
      entries[index].entry = nil
      freeEntries.append(index)
    }

    func entry(_ token: UInt64) -> Entry? {
      let index = Int(token & 0xFFFF_FFFF)
      guard index < entries.count, entries[index].generation == UInt32(token >> 32) else { return nil }
      return entries[index].entry
    }

    func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ token: UInt64) {
      var event = epoll_event()
      event.events = events
      event.data.u64 = token
      _ = epoll_ctl(epoll, operation, descriptor, &event)
    }

    // MARK: Time

    /// Has the socket looked at, at a time.
    func wake(at time: UInt64) {
      guard time < timerDue else { return }
      timerDue = time
      zrpc_arm_timer(timer, max(1, time))
    }

    /// Does what is due.
    func timerFired() {
      var count: UInt64 = 0
      _ = read(timer, &count, 8)
      timerDue = .max
      let now = MonotonicTime.now()
      var next = UInt64.max
      for (entry, _) in entries {
        switch entry {
        case .connector(let connector):
          guard case .waiting(let due) = connector.state else { continue }
          if due <= now { connect(connector) } else { next = min(next, due) }
        case .connection(let connection) where connection.handshake != nil:
          if connection.handshakeDeadline <= now {
            report(.handshakeFailedNoDetail, connection.endpoint, UInt32(ETIMEDOUT))
            lose(connection)
          } else {
            next = min(next, connection.handshakeDeadline)
          }
        case .listener(let listener) where listener.resumption != .max:
          if listener.resumption <= now {
            listener.resumption = .max
            control(EPOLL_CTL_MOD, listener.descriptor, EPOLLIN.rawValue, listener.token)
          } else {
            next = min(next, listener.resumption)
          }
        default: continue
        }
      }
      wake(at: next)
    }

    func report(_ kind: ZMQMonitorEvent.Kind, _ endpoint: String, _ value: UInt32) {
      monitor?.post(ZMQMonitorEvent(kind: kind, endpoint: endpoint, value: value))
    }
  }
#endif
