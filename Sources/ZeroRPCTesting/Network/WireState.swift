internal import ZeroMQ

// What a test network is made of: sockets, connections between two of them, and what is under way on each.

/// Is what travels in one direction of a connection.
enum Parcel: Sendable {
  case message([[UInt8]])
  /// The other end has closed; nothing comes after it.
  case end
}

/// Is one direction of a connection.
struct Lane: Sendable {
  /// The socket that receives.
  let receiver: Int32
  var plan: FaultPlan
  /// When the last parcel that keeps its order arrives.
  var lastArrival: UInt64 = 0
  /// Messages that have not been read, wherever they are.
  var unread = 0
  /// What waits until the lane is not held any more.
  var held: [Parcel] = []
  /// Whether the sender found the lane full, and must be told of room.
  var hasBlocked = false
}

/// Is a connection between a socket that has connected and one that is bound.
struct Pipe: Sendable {
  let endpoint: String
  let connector: Int32
  let listener: Int32
  /// By which a ROUTER at either end knows the other.
  let routing: [UInt8]
  /// To the connector, and to the listener.
  var lanes: [Lane]
  /// What both ends may leave unread together, in messages.
  let capacity: Int
  /// Whether something was lost because the way was cut: then the connection does not live on when it is restored.
  var hasGap = false

  /// Which lane leads away from a socket.
  func laneFrom(_ socket: Int32) -> Int { socket == connector ? 1 : 0 }
}

/// Is a socket of a test network.
struct Node: Sendable {
  let type: ZMQSocketType
  var sendHighWaterMark = 1_000
  var receiveHighWaterMark = 1_000
  var reconnectInterval: UInt64 = 100_000_000
  var pipes: [Int] = []
  var next = 0
  var inbox: [(pipe: Int, parts: [[UInt8]])] = []
  var inboxHead = 0
  /// The rest of the message that is being read.
  var reading: ArraySlice<[UInt8]> = []
  /// The message that is being written, and its way.
  var writing: [[UInt8]] = []
  var isWriting = false
  var way: Int?
  /// Endpoints to connect to, and whether a connection to each was there before.
  var targets: [String: Bool] = [:]
  /// Whether it was killed: it does nothing any more, and nobody hears of it.
  var isDead = false

  var isReadable: Bool { inboxHead < inbox.count }

  mutating func append(_ parts: [[UInt8]], from pipe: Int) { inbox.append((pipe, parts)) }

  mutating func popFirst() -> (pipe: Int, parts: [[UInt8]])? {
    guard inboxHead < inbox.count else { return nil }
    let first = inbox[inboxHead]
    inbox[inboxHead].parts = []
    inboxHead += 1
    if inboxHead > 64, inboxHead * 2 > inbox.count {
      inbox.removeFirst(inboxHead)
      inboxHead = 0
    }
    return first
  }
}
