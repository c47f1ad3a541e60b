/// Says what part of the protocol a case is about. The order is that of the table.
enum Area: String, CaseIterable, Sendable {
  case frames, events, values, channels, heartbeats, credit, patterns, errors, introspection, malformed
  case referenceBugs = "reference bugs"
  case middleware, endpoints, security
  case oneWay = "push, publish, one-way"
  case crossTests = "crosstests"
}

/// Says which side Swift is.
enum Role: String, Sendable {
  case client, server
  case both = "client, server"
  case pusher, puller, publisher, subscriber
}

/// Says who is on the other side.
enum Peer: String, Sendable {
  case python = "zerorpc-python"
  case raw = "raw libzmq"
  /// A raw socket that writes what zerorpc of Python 2 does: binary where Python 3 has strings.
  case python2 = "like Python 2"
  /// A raw socket that writes what zerorpc-node does.
  case node = "like Node"
  /// Both at once, or the same program in Swift.
  case swift = "Swift"
}

/// Is a line of the interop table, as it is written to the file that `make interop` reads.
struct Row: Codable, Sendable {
  let area: String
  /// The place of the area, by which the table is sorted.
  let order: Int
  let title: String
  let role: String
  let peer: String
  let expected: String
  let seen: String
  let passed: Bool
  /// How the reference fails in this case, if it does.
  let reference: String?
}
