internal import Logging
internal import MessagePack
internal import Synchronization
internal import ZeroMQ
internal import ZeroRPC

/// Performs what the machine of a broker decides: the sockets, and the messages that wait.
///
/// Everything is guarded by one lock; only the loop's leader receives and sends.
final class BrokerCore: Sendable {
  struct State: ~Copyable {
    var machine: BrokerMachine
    var ids = MessageIDGenerator()
    var frontend: SocketHandle?
    var frontendSource: BrokerSource?
    var control: SocketHandle?
    var controlSource: BrokerSource?
    var links: [BrokerLink] = []
    /// The ways to the workers, by their numbers in the machine.
    var routes: [BrokerRoute?] = []
    /// Messages of channels that wait for a worker.
    var held: [Int: [HeldMessage]] = [:]
    /// Messages for clients that are full, by their routing ids.
    var clientBacklogs: [InlineBytes: Backlog] = [:]
    var buffer = MessageBuffer()
    var key = ChannelKey()
    var touched: [BrokerLink] = []
    var isFrontendTouched = false
    /// Workers that turned out to be gone in this turn.
    var gone: [BrokerRoute] = []
    var traffic = BrokerTraffic()
    var startedAt = MonotonicTime.now()
    var isRunning = false
    var nextTick: UInt64 = 0
    var nextProbes: UInt64 = 0
    /// When the end was asked for; 0 before.
    var drainsSince: UInt64 = 0
    /// When a message was last passed on.
    var lastForward: UInt64 = 0
    var closeWaiters: [UnsafeContinuation<Void, Never>] = []
    var isClosed = false
  }

  /// Messages received in one turn, before other sources and jobs get theirs.
  static let budget = 128

  let configuration: RPCBrokerConfiguration
  let loop: EventLoop
  let logger: Logger
  let probeInterval: UInt64
  /// What the broker's own sockets say on a bound link, so that nobody else's message is taken for theirs.
  let token: [UInt8]
  let state: Guarded<State>

  init(_ configuration: RPCBrokerConfiguration) throws(ZMQError) {
    self.configuration = configuration
    loop = configuration.context.eventLoop
    logger = configuration.logger
    probeInterval = configuration.probeInterval?.clampedNanoseconds ?? 0
    var generator = SystemRandomNumberGenerator()
    token = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let frontend = try configuration.open(.router, for: .frontend)
    do {
      let connections = ConnectionLimit(configuration.connectionLimit, logger: configuration.logger)
      try connections.follow(frontend, in: configuration.context)
    } catch {
      frontend.close()
      throw error
    }
    var state = State(machine: BrokerMachine(configuration.limits))
    state.frontend = frontend
    self.state = Guarded(state)
    let source = BrokerSource(self, .frontend, frontend)
    self.state.withLock { $0.frontendSource = source }
  }

  // MARK: Service

  func service(_ source: BrokerSource, now: UInt64) -> Bool {
    var visits: [BrokerSource] = []
    var due = MonotonicTime.never
    var waiters: [UnsafeContinuation<Void, Never>] = []
    var frontendSource: BrokerSource?
    let hasMore = state.withLock { state in
      guard !state.isClosed, let frontend = state.frontend else { return false }
      var hasMore = false
      var isFrontend = false
      var own: BrokerLink?
      switch source.role {
      case .frontend:
        isFrontend = true
        hasMore = pumpClients(&state, frontend, now)
        if now >= state.nextTick || now >= state.machine.nextDue { tick(&state, now) }
      case .link(let number):
        own = state.links[number]
        hasMore = pumpWorkers(&state, state.links[number], now)
      case .monitor(let number): readMonitor(&state, state.links[number], now)
      case .control:
        if let control = state.control { hasMore = pumpControl(&state, control, now) }
      }
      if !state.gone.isEmpty { loseGone(&state, now) }
      while state.machine.mayAssign, let (channel, worker) = state.machine.assign(now: now) {
        deliverHeld(&state, channel, to: worker, now)
      }
      // Sending may have consumed the edges that told of input.
      for link in state.touched {
        link.isTouched = false
        if link === own, hasMore { continue }
        if link.socket.isReadable, let source = link.source {
          if link === own { hasMore = true } else { visits.append(source) }
        }
      }
      state.touched.removeAll(keepingCapacity: true)
      if state.isFrontendTouched {
        state.isFrontendTouched = false
        if !(isFrontend && hasMore), frontend.isReadable, let source = state.frontendSource {
          if isFrontend { hasMore = true } else { visits.append(source) }
        }
      }
      due = min(state.nextTick, state.machine.nextDue)
      frontendSource = state.frontendSource
      if isFrontend { source.registration.deadline.store(due, ordering: .sequentiallyConsistent) }
      if state.drainsSince > 0, isDrained(&state, frontend, now) {
        waiters = shut(&state)
        return false
      }
      return hasMore
    }
    for visit in visits { loop.visit(visit) }
    if let frontendSource, frontendSource !== source { loop.schedule(frontendSource, at: due) }
    for waiter in waiters { waiter.resume() }
    return hasMore
  }

  /// Notes that a link was sent to.
  func touch(_ link: BrokerLink, _ state: inout State) {
    guard !link.isTouched else { return }
    link.isTouched = true
    state.touched.append(link)
  }

  /// Has ``tick(_:_:)`` run at a time, or earlier.
  func hasten(_ state: inout State, to time: UInt64) { state.nextTick = min(state.nextTick, time) }
}
