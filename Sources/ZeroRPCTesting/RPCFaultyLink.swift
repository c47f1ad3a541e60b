internal import Synchronization
internal import ZeroMQ
internal import ZeroRPC

/// Stands between clients and a server, in memory, and loses, doubles and delays what they send each other, as a seed says.
///
/// ```swift
/// let server = RPCServer(services: [MyCalculator()])
/// let endpoint = try await server.bind("inproc://calculator")
/// …
/// try await withRPCFaultyLink(to: endpoint, seed: 42) { link in
///   try await withRPCClient(connectingTo: link.endpoint) { client in
///     link.toClient = RPCFaults(loss: 0.2)
///     …                                              // what does the code under test do about it?
///     link.cut()                                     // the cable is out
///     link.restore()
///   }
/// }
/// ```
///
/// The fate of each direction's n-th message depends on the seed alone. Heartbeats are messages too, and come by the clock:
/// a test that wants the same run every time limits the faults to other events, or turns heartbeats off.
///
/// Peers of other languages can be tested too: the server may be at any endpoint, and ``endpoint`` may be a `tcp` one.
public final class RPCFaultyLink: Sendable {
  /// Counts what the link did.
  public struct Counts: Sendable, Hashable {
    /// Messages that arrived, doubled ones twice.
    public var delivered = 0
    /// Messages that were lost.
    public var lost = 0
    /// Messages that arrived twice.
    public var doubled = 0
    /// Messages that others could overtake.
    public var reordered = 0
  }

  /// Names a direction.
  public enum Direction: Sendable, Hashable, CaseIterable {
    /// Requests, grants of credit, and heartbeats of clients.
    case toServer
    /// Answers, and heartbeats of the server.
    case toClient
  }

  private struct Lane: Sendable {
    var faults = RPCFaults()
    var plan: FaultPlan
    var losesNext = 0
    var counts = Counts()
  }

  private struct State: Sendable {
    var lanes: [Direction: Lane]
    var isCut = false
  }

  /// Where clients connect to.
  public let endpoint: String
  private let front: ZMQSocket
  private let back: ZMQSocket
  private let state: Mutex<State>

  init(to server: String, at endpoint: String?, seed: UInt64) throws {
    front = try ZMQSocket(.router)
    back = try ZMQSocket(.dealer)
    state = Mutex(
      State(lanes: [
        .toServer: Lane(plan: FaultPlan(seed: seed, stream: 0)),
        .toClient: Lane(plan: FaultPlan(seed: seed, stream: 1)),
      ]))
    try back.connect(server)
    self.endpoint = try front.bind(endpoint ?? "inproc://faulty-link-\(UInt64.random(in: 0 ... .max))")
  }

  // MARK: Faults

  /// What happens to messages to the server.
  public var toServer: RPCFaults {
    get { self[.toServer].faults }
    set { change(.toServer) { $0.faults = newValue } }
  }

  /// What happens to messages to clients.
  public var toClient: RPCFaults {
    get { self[.toClient].faults }
    set { change(.toClient) { $0.faults = newValue } }
  }

  /// Loses the next messages of a direction, of the kinds that its faults concern.
  public func loseNext(_ count: Int = 1, _ direction: Direction) { change(direction) { $0.losesNext += count } }

  /// Loses everything in both directions from now on.
  public func cut() { state.withLock { $0.isCut = true } }

  /// Ends ``cut()``. What was sent meanwhile stays lost.
  public func restore() { state.withLock { $0.isCut = false } }

  /// What has happened in a direction so far.
  public func counts(_ direction: Direction) -> Counts { self[direction].counts }

  private subscript(direction: Direction) -> Lane {
    state.withLock { $0.lanes[direction] ?? Lane(plan: FaultPlan(seed: 0, stream: 0)) }
  }

  private func change(_ direction: Direction, _ edit: (inout Lane) -> Void) {
    state.withLock { state in
      guard var lane = state.lanes[direction] else { return }
      edit(&lane)
      state.lanes[direction] = lane
    }
  }

  // MARK: Running

  /// Passes messages on until the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.carry(.toServer, from: self.front, to: self.back) }
      group.addTask { await self.carry(.toClient, from: self.back, to: self.front) }
    }
    front.close()
    back.close()
  }

  private func carry(_ direction: Direction, from source: ZMQSocket, to destination: ZMQSocket) async {
    typealias Parcel = (due: ContinuousClock.Instant, message: ZMQMessage)
    let deliver: @Sendable (Parcel) async -> Void = { parcel in
      if parcel.due > .now { try? await Task.sleep(until: parcel.due, clock: .continuous) }
      // A peer that has gone is no fault of the link.
      try? await destination.send(parcel.message)
    }
    let (parcels, road) = AsyncStream.makeStream(of: Parcel.self)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await parcel in parcels { await deliver(parcel) }
      }
      while let message = try? await source.receive() {
        guard case .arrives(let copies, let delay, let mayBeOvertaken) = self.fate(of: message, direction) else {
          continue
        }
        let parcel: Parcel = (.now + delay, message)
        for _ in 0..<copies {
          if mayBeOvertaken { group.addTask { await deliver(parcel) } } else { road.yield(parcel) }
        }
      }
      road.finish()
      group.cancelAll()
    }
  }

  private func fate(of message: ZMQMessage, _ direction: Direction) -> FaultPlan.Fate {
    return state.withLock { state in
      guard var lane = state.lanes[direction] else { return .lost }
      defer { state.lanes[direction] = lane }
      let isConcerned = lane.faults.concern(message.parts.last ?? [])
      var fate = isConcerned ? lane.plan.fate(under: lane.faults) : .arrives(copies: 1, after: .zero)
      if isConcerned, lane.losesNext > 0 {
        lane.losesNext -= 1
        fate = .lost
      }
      if state.isCut { fate = .lost }
      switch fate {
      case .lost: lane.counts.lost += 1
      case .arrives(let copies, _, let mayBeOvertaken):
        lane.counts.delivered += copies
        lane.counts.doubled += copies - 1
        lane.counts.reordered += mayBeOvertaken ? 1 : 0
      }
      return fate
    }
  }
}

/// Runs a faulty link to a server, passes it to a closure, and takes it away when the closure returns or throws.
///
/// - Parameters:
///   - server: where the server listens.
///   - endpoint: where clients shall connect to; in memory unless given.
///   - seed: what decides the fates of messages. Print it when a test fails, to have the same run again.
///   - body: the code under test, which gets the link.
/// - Throws: what the closure throws, or `ZMQError` for an endpoint that cannot be used.
public func withRPCFaultyLink<Result>(
  to server: String, at endpoint: String? = nil, seed: UInt64, _ body: (RPCFaultyLink) async throws -> Result
) async throws -> Result {
  let link = try RPCFaultyLink(to: server, at: endpoint, seed: seed)
  let running = Task { await link.run() }
  do {
    let result = try await body(link)
    running.cancel()
    await running.value
    return result
  } catch {
    running.cancel()
    await running.value
    throw error
  }
}
