import ZeroRPC

/// Something that was said.
struct Message: Codable, Sendable, Hashable {
  /// Counts what was said in the room, from 1.
  var number: Int
  var author: String
  var text: String
}

/// The name is in use.
struct NameTaken: Error, Codable {
  var name: String
}

/// What members ask of the room, and get an answer to.
protocol Chat: RPCService {
  /// Where the room publishes what is said.
  func news() async throws -> String

  /// Comes in; subscribe to the news before. Returns what was said so far.
  // zerorpc: throws = NameTaken
  func join(as name: String) async throws -> [Message]

  /// Says something to everybody.
  func say(_ text: String, as name: String) async throws

  /// What was said behind a number.
  func history(after number: Int) async throws -> [Message]

  /// Goes.
  func leave(as name: String) async throws
}

/// What the room tells everybody, whether they hear it or not.
// zerorpc: publisher
protocol ChatNews: RPCService {
  /// Somebody has said something.
  func said(_ message: Message) async throws
}
