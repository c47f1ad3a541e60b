internal import ZeroMQ

/// Carries the messages of a test network: DEALER and ROUTER sockets in memory, joined by connections on which faults are
/// injected. Everything happens in the time of the simulated loop.
///
/// The order of locks is that of calls: a connection's, then this one. So sources are visited after it is released.
final class Wire: Sendable {
  struct State: Sendable {
    var nodes: [Int32: Node] = [:]
    var nextNode: Int32 = -2
    var pipes: [Int: Pipe] = [:]
    var nextPipe = 0
    /// The socket that is bound to an endpoint.
    var listeners: [String: Int32] = [:]
    var nextPort = 49_152
    var faults: [RPCTestNetwork.Direction: RPCFaults] = [:]
    var counts: [RPCTestNetwork.Direction: RPCTestNetwork.Counts] = [:]
    var losesNext: [RPCTestNetwork.Direction: Int] = [:]
    /// Endpoints with a fault of the whole way; the empty name stands for all.
    var cut: Set<String> = []
    var held: Set<String> = []
    /// Sources to visit once the lock is released.
    var ready: [Int32] = []
    /// Distinguishes one run from another.
    var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
    var observer: (@Sendable (RPCTestNetwork.Direction, [[UInt8]], Bool) -> Void)?

    func isCut(_ endpoint: String) -> Bool { !cut.isEmpty && (cut.contains("") || cut.contains(endpoint)) }
    func isHeld(_ endpoint: String) -> Bool { !held.isEmpty && (held.contains("") || held.contains(endpoint)) }
  }

  let seed: UInt64
  private let state = Guarded(State())
  /// Weak, because the loop's context makes the sockets.
  private let attachment = Guarded(Attachment())

  private struct Attachment: Sendable {
    weak var loop: EventLoop?
  }

  init(seed: UInt64) { self.seed = seed }

  func attach(to loop: EventLoop) { attachment.withLock { $0.loop = loop } }

  private var loop: EventLoop? { attachment.withLock { $0.loop } }

  /// The time.
  var now: UInt64 { loop?.now() ?? 0 }

  private func plan(at time: UInt64, _ action: @escaping @Sendable () -> Void) { loop?.plan(at: time, action) }

  /// Changes the state, then has the sockets served that became ready.
  func change<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var ready: [Int32] = []
    defer { if !ready.isEmpty { signal(ready) } }
    return try state.withLock { state throws(Failure) in
      defer { swap(&ready, &state.ready) }
      return try body(&state)
    }
  }

  private func signal(_ ready: [Int32]) {
    guard let loop else { return }
    for descriptor in ready { loop.signal(descriptor) }
  }

  // MARK: Connections

  /// Joins a socket to the one that listens at an endpoint, if there is one and a way to it.
  func join(_ connector: Int32, _ endpoint: String, _ state: inout State) {
    guard let listener = state.listeners[endpoint], let one = state.nodes[connector], !one.isDead,
      one.targets[endpoint] != nil, let other = state.nodes[listener], !other.isDead, !state.isCut(endpoint),
      !one.pipes.contains(where: { state.pipes[$0]?.endpoint == endpoint })
    else { return }
    let number = state.nextPipe
    state.nextPipe += 1
    let lane = { (receiver: Int32, direction: UInt64) in
      Lane(receiver: receiver, plan: FaultPlan(seed: self.seed, stream: UInt64(number) * 2 + direction))
    }
    // As libzmq makes them: a zero and a number.
    let routing = [0] + withUnsafeBytes(of: UInt32(truncatingIfNeeded: number + 1).bigEndian) { Array($0) }
    let capacity = min(
      one.sendHighWaterMark + other.receiveHighWaterMark, other.sendHighWaterMark + one.receiveHighWaterMark)
    state.pipes[number] = Pipe(
      endpoint: endpoint, connector: connector, listener: listener, routing: routing,
      lanes: [lane(connector, 0), lane(listener, 1)], capacity: max(2, capacity))
    state.nodes[connector]?.targets[endpoint] = true
    for socket in [connector, listener] {
      state.nodes[socket]?.pipes.append(number)
      state.ready.append(socket)
    }
  }

  /// Has a socket try to connect: at once for the first time, later after its interval.
  func joinSoon(_ connector: Int32, _ endpoint: String, _ state: inout State) {
    guard let node = state.nodes[connector], let wasJoined = node.targets[endpoint] else { return }
    if !wasJoined { return join(connector, endpoint, &state) }
    plan(at: now &+ node.reconnectInterval) { self.change { self.join(connector, endpoint, &$0) } }
  }

  /// Joins whoever waits for an endpoint.
  func joinAll(_ endpoint: String?, _ state: inout State) {
    // In the order of their making, so that a run depends on nothing else.
    for (socket, node) in state.nodes.sorted(by: { $0.key > $1.key }) {
      for target in node.targets.keys.sorted() where endpoint == nil || endpoint == target {
        joinSoon(socket, target, &state)
      }
    }
  }

  /// Breaks a connection: what is under way is lost, and the connecting end tries again.
  func sever(_ number: Int, _ state: inout State) {
    guard let pipe = state.pipes.removeValue(forKey: number) else { return }
    for socket in [pipe.connector, pipe.listener] {
      state.nodes[socket]?.pipes.removeAll { $0 == number }
      if state.nodes[socket]?.way == number { state.nodes[socket]?.way = nil }
      state.ready.append(socket)
      forgetIfGone(socket, &state)
    }
    joinSoon(pipe.connector, pipe.endpoint, &state)
  }

  /// Forgets a closed socket that nobody is connected with any more.
  func forgetIfGone(_ socket: Int32, _ state: inout State) {
    if let node = state.nodes[socket], node.isDead, node.pipes.isEmpty { state.nodes[socket] = nil }
  }

  // MARK: Messages

  /// Whether a socket may send on a connection; a no is remembered.
  func hasRoom(_ number: Int, from socket: Int32, _ state: inout State) -> Bool {
    guard let pipe = state.pipes[number] else { return false }
    let lane = pipe.laneFrom(socket)
    guard pipe.lanes[lane].unread < pipe.capacity else {
      state.pipes[number]?.lanes[lane].hasBlocked = true
      return false
    }
    return true
  }

  /// Sends a message on a connection.
  func transmit(_ parts: [[UInt8]], on number: Int, from socket: Int32, _ state: inout State) {
    guard let pipe = state.pipes[number] else { return }
    let lane = pipe.laneFrom(socket)
    state.pipes[number]?.lanes[lane].unread += 1
    dispatch(.message(parts), on: number, lane, &state)
  }

  /// Decides when and whether a parcel arrives.
  func dispatch(_ parcel: Parcel, on number: Int, _ lane: Int, _ state: inout State) {
    guard let pipe = state.pipes[number] else { return }
    if state.isHeld(pipe.endpoint) {
      state.pipes[number]?.lanes[lane].held.append(parcel)
      return
    }
    let direction = state.direction(pipe.lanes[lane].receiver)
    let faults = state.faults[direction] ?? RPCFaults()
    var copies = 1
    var delay = Duration.zero
    var mayBeOvertaken = false
    if case .message(let parts) = parcel {
      var fate = FaultPlan.Fate.arrives(copies: 1, after: .zero)
      if faults.concern(parts.last ?? []) {
        fate = state.pipes[number]?.lanes[lane].plan.fate(under: faults) ?? .lost
        if let left = state.losesNext[direction], left > 0 {
          state.losesNext[direction] = left - 1
          fate = .lost
        }
      }
      if state.isCut(pipe.endpoint) {
        fate = .lost
        state.pipes[number]?.hasGap = true
      }
      state.count(fate, direction)
      guard case .arrives(let number, let after, let isLoose) = fate else {
        state.observer?(direction, parts, false)
        return took(number, lane, &state)
      }
      (copies, delay, mayBeOvertaken) = (number, after, isLoose)
    } else if state.isCut(pipe.endpoint) {
      return
    }
    let now = self.now
    var arrival = now &+ delay.clampedNanoseconds
    if !mayBeOvertaken {
      arrival = max(arrival, pipe.lanes[lane].lastArrival)
      state.pipes[number]?.lanes[lane].lastArrival = arrival
    }
    state.pipes[number]?.lanes[lane].unread += copies - 1
    for _ in 0..<copies {
      plan(at: arrival) { self.change { self.arrive(parcel, on: number, lane, &$0) } }
    }
  }

  /// Puts a parcel where its receiver finds it.
  private func arrive(_ parcel: Parcel, on number: Int, _ lane: Int, _ state: inout State) {
    guard let pipe = state.pipes[number] else { return }
    guard case .message(let parts) = parcel else { return sever(number, &state) }
    let receiver = pipe.lanes[lane].receiver
    let direction = state.direction(receiver)
    guard let node = state.nodes[receiver], !node.isDead else { return took(number, lane, &state) }
    state.observer?(direction, parts, true)
    state.note(now, UInt64(number) << 1 | UInt64(lane), parts)
    state.nodes[receiver]?.append(node.type == .router ? [pipe.routing] + parts : parts, from: number)
    state.ready.append(receiver)
  }

  /// Makes room on a lane, because a message of it was read or lost.
  func took(_ number: Int, _ lane: Int, _ state: inout State) {
    guard let pipe = state.pipes[number] else { return }
    state.pipes[number]?.lanes[lane].unread -= 1
    guard pipe.lanes[lane].hasBlocked else { return }
    state.pipes[number]?.lanes[lane].hasBlocked = false
    state.ready.append(pipe.lanes[1 - lane].receiver)
  }
}

extension Wire.State {
  /// Servers have ROUTER sockets, clients DEALER sockets.
  func direction(_ receiver: Int32) -> RPCTestNetwork.Direction {
    nodes[receiver]?.type == .router ? .toServer : .toClient
  }

  mutating func count(_ fate: FaultPlan.Fate, _ direction: RPCTestNetwork.Direction) {
    switch fate {
    case .lost: counts[direction, default: .init()].lost += 1
    case .arrives(let copies, _, let isLoose):
      counts[direction, default: .init()].delivered += copies
      counts[direction, default: .init()].doubled += copies - 1
      counts[direction, default: .init()].reordered += isLoose ? 1 : 0
    }
  }

  /// Takes a delivery into the fingerprint: when, where and how large; ids in it are random.
  mutating func note(_ time: UInt64, _ lane: UInt64, _ parts: [[UInt8]]) {
    for value in [time, lane, UInt64(parts.reduce(0) { $0 + $1.count })] {
      fingerprint = (fingerprint ^ value) &* 0x0000_0100_0000_01B3
      fingerprint ^= fingerprint >> 29
    }
  }
}
