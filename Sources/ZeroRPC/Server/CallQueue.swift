/// Queues the calls that wait for a handler, and deals them out one peer after the other, so that a peer that floods the
/// server waits for itself only. Everything takes the same time however many calls and peers there are, and allocates
/// nothing once the tables have grown.
///
/// Calls are known by their keys in the connection's table. A peer is known from its first call until none of its calls
/// waits and none of its handlers runs.
struct CallQueue: Sendable {
  /// A queued call, in the slot of its key.
  private struct Link: Sendable {
    var next: Int32 = -1
    var previous: Int32 = -1
    /// Negative when the call is not queued.
    var peer: Int32 = -1
    var bytes = 0
  }

  private struct Peer: Sendable {
    var routing: InlineBytes
    let hash: UInt64
    var head: Int32 = -1
    var tail: Int32 = -1
    var waiting = 0
    var running = 0
    var bytes = 0
    /// Its neighbours among the peers whose calls can run; both are negative too when it is the only one.
    var next: Int32 = -1
    var previous: Int32 = -1
    var hasTurn = false
  }

  private let limits: ServerLimits
  private var links: [Link] = []
  private var peers: [Peer] = []
  private var freePeers: [Int32] = []
  private var index = ChannelIndex()
  /// Whose turn it is, and who comes last.
  private var firstTurn: Int32 = -1
  private var lastTurn: Int32 = -1
  /// Who keeps the turn for a moment, and when that is over.
  private var keeper = -1
  private var keepsUntil: UInt64 = 0
  /// How long a peer keeps the turn, so that the answers of quick handlers travel together, in nanoseconds.
  static let turnNanoseconds: UInt64 = 50_000

  /// Calls that wait for a handler.
  private(set) var count = 0
  /// What their requests take, in bytes.
  private(set) var bytes = 0
  /// Handlers that have begun and not returned, those of cancelled calls included.
  private(set) var running = 0

  init(_ limits: ServerLimits = ServerLimits(RPCServerLimits())) { self.limits = limits }

  /// Whether a call waits that a handler may take.
  var canRun: Bool { firstTurn >= 0 && running < limits.handlers }

  /// Peers of which calls wait or handlers run.
  var peerCount: Int { peers.count - freePeers.count }

  // MARK: Calls

  /// Queues a call behind those of the same peer; returns the limit that is in the way if it may not wait.
  mutating func append(_ key: Int, from routing: InlineBytes, bytes size: Int) -> Overload? {
    guard running + count < limits.calls else { return .calls(limits.calls) }
    guard count == 0 || bytes + size <= limits.bytes else { return .bytes(limits.bytes) }
    let peer = peer(routing)
    if let overload = overload(of: peers[peer], size) {
      releaseIfIdle(peer)
      return overload
    }
    while links.count <= key { links.append(Link()) }
    links[key] = Link(previous: peers[peer].tail, peer: Int32(truncatingIfNeeded: peer), bytes: size)
    let slot = Int32(truncatingIfNeeded: key)
    if peers[peer].tail >= 0 { links[Int(peers[peer].tail)].next = slot } else { peers[peer].head = slot }
    peers[peer].tail = slot
    peers[peer].waiting &+= 1
    peers[peer].bytes &+= size
    count &+= 1
    bytes &+= size
    if !peers[peer].hasTurn, peers[peer].running < limits.handlersPerPeer { takeTurn(peer) }
    return nil
  }

  private func overload(of peer: Peer, _ size: Int) -> Overload? {
    guard peer.running + peer.waiting < limits.callsPerPeer else { return .callsOfPeer(limits.callsPerPeer) }
    guard peer.waiting == 0 || peer.bytes + size <= limits.bytesPerPeer else {
      return .bytesOfPeer(limits.bytesPerPeer)
    }
    return nil
  }

  /// Whether calls of several peers wait that handlers may take.
  var hasTurns: Bool { firstTurn != lastTurn }

  /// Takes the call that is next, for a handler that begins now; ``finish(_:)`` says when it has returned.
  ///
  /// - Parameter now: with it, and while half of the handlers are free, a peer keeps the turn for a moment instead of one call.
  mutating func popFirst(now: UInt64? = nil) -> (key: Int, peer: Int)? {
    guard canRun else { return nil }
    let keepsTurn = now.map { keepTurn($0) } ?? false
    let peer = Int(firstTurn)
    let key = Int(peers[peer].head)
    unlink(key)
    peers[peer].running &+= 1
    running &+= 1
    if peers[peer].waiting == 0 || peers[peer].running >= limits.handlersPerPeer {
      loseTurn(peer)
    } else if !keepsTurn, firstTurn != lastTurn {
      loseTurn(peer)
      takeTurn(peer)
    }
    return (key, peer)
  }

  /// Whether the first peer stays the first; one whose time is over is the last from now on.
  private mutating func keepTurn(_ now: UInt64) -> Bool {
    guard running < limits.handlers / 2 else {
      keeper = -1
      return false
    }
    if keeper == Int(firstTurn) {
      if now < keepsUntil { return true }
      loseTurn(keeper)
      takeTurn(keeper)
    }
    keeper = Int(firstTurn)
    keepsUntil = now &+ CallQueue.turnNanoseconds
    return true
  }

  /// Says that a handler of this peer has returned.
  mutating func finish(_ peer: Int) {
    running &-= 1
    peers[peer].running &-= 1
    if peers[peer].waiting > 0 {
      if !peers[peer].hasTurn, peers[peer].running < limits.handlersPerPeer { takeTurn(peer) }
    } else {
      releaseIfIdle(peer)
    }
  }

  /// Removes a call that still waits; does nothing to any other.
  mutating func remove(_ key: Int) {
    guard links.indices.contains(key), links[key].peer >= 0 else { return }
    let peer = Int(links[key].peer)
    unlink(key)
    guard peers[peer].waiting == 0 else { return }
    if peers[peer].hasTurn { loseTurn(peer) }
    releaseIfIdle(peer)
  }

  private mutating func unlink(_ key: Int) {
    let link = links[key]
    let peer = Int(link.peer)
    if link.previous >= 0 { links[Int(link.previous)].next = link.next } else { peers[peer].head = link.next }
    if link.next >= 0 { links[Int(link.next)].previous = link.previous } else { peers[peer].tail = link.previous }
    links[key].peer = -1
    peers[peer].waiting &-= 1
    peers[peer].bytes &-= link.bytes
    count &-= 1
    bytes &-= link.bytes
  }

  // MARK: Turns

  private mutating func takeTurn(_ peer: Int) {
    let slot = Int32(truncatingIfNeeded: peer)
    peers[peer].hasTurn = true
    peers[peer].previous = lastTurn
    peers[peer].next = -1
    if lastTurn >= 0 { peers[Int(lastTurn)].next = slot } else { firstTurn = slot }
    lastTurn = slot
  }

  private mutating func loseTurn(_ peer: Int) {
    let (previous, next) = (peers[peer].previous, peers[peer].next)
    if previous >= 0 { peers[Int(previous)].next = next } else { firstTurn = next }
    if next >= 0 { peers[Int(next)].previous = previous } else { lastTurn = previous }
    peers[peer].hasTurn = false
  }

  // MARK: Peers

  private mutating func peer(_ routing: InlineBytes) -> Int {
    // Requests come in bursts, and often from the peer whose calls wait already.
    if lastTurn >= 0, peers[Int(lastTurn)].routing == routing { return Int(lastTurn) }
    let hash = routing.withUnsafeBytes { index.hash($0, UnsafeRawBufferPointer(start: nil, count: 0)) }
    if let known = index.find(hash, matches: { peers[$0].routing == routing }) { return known }
    let slot: Int
    if let free = freePeers.popLast() {
      slot = Int(free)
      peers[slot] = Peer(routing: routing, hash: hash)
    } else {
      slot = peers.count
      peers.append(Peer(routing: routing, hash: hash))
    }
    index.insert(hash, slot: slot)
    return slot
  }

  private mutating func releaseIfIdle(_ peer: Int) {
    guard peers[peer].waiting == 0, peers[peer].running == 0 else { return }
    index.remove(peers[peer].hash, slot: peer)
    freePeers.append(Int32(truncatingIfNeeded: peer))
    // A long routing id is an array of its own.
    peers[peer].routing = InlineBytes()
  }
}
