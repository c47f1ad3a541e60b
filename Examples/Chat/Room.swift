import ZeroRPC

/// The room: it knows who is in and what was said, and publishes the news.
actor Room: Chat {
  private let publisher: RPCPublisher
  private let endpoint: String
  private var members: Set<String> = []
  private var messages: [Message] = []

  init(publishingAt endpoint: String) throws {
    publisher = RPCPublisher()
    self.endpoint = try publisher.bind(endpoint)
  }

  func news() -> String { endpoint }

  func join(as name: String) async throws -> [Message] {
    guard members.insert(name).inserted else { throw NameTaken(name: name) }
    // A subscription takes a moment to arrive, and what is published before is missed. Who misses something all the same
    // notices by the numbers.
    try? await publisher.waitForSubscribers(members.count, timeout: .seconds(2))
    return messages
  }

  func say(_ text: String, as name: String) throws {
    guard members.contains(name) else {
      throw RemoteError(name: "NotInTheRoom", message: "\(name) has to join first")
    }
    let message = Message(number: messages.count + 1, author: name, text: text)
    messages.append(message)
    try ChatNewsPublisher(publisher).said(message)
  }

  func history(after number: Int) -> [Message] { Array(messages.dropFirst(max(0, number))) }

  func leave(as name: String) { members.remove(name) }
}
