import ZeroRPC

/// Somebody in the room: calls it, and hears its news.
actor Member: ChatNews {
  let name: String
  private let chat: ChatClient
  private let hear: @Sendable (Message) -> Void
  /// What the member has heard, without gaps.
  private(set) var transcript: [Message] = []

  init(name: String, client: RPCClient, hear: @escaping @Sendable (Message) -> Void = { _ in }) {
    (self.name, chat, self.hear) = (name, ChatClient(client), hear)
  }

  /// Joins the room, does something there, and leaves it.
  nonisolated func visit(_ body: (Member) async throws -> Void) async throws {
    let subscriber = Subscriber(self)
    try await subscriber.connect(try await chat.news())
    let listening = Task { try await subscriber.run() }
    defer { listening.cancel() }
    await catchUp(with: try await chat.join(as: name))
    try await body(self)
    try await chat.leave(as: name)
  }

  nonisolated func say(_ text: String) async throws { try await chat.say(text, as: name) }

  /// The room's news. Publishing loses what somebody is too slow or too late for; a number that is not the next one says so,
  /// and a call brings what is missing.
  func said(_ message: Message) async throws {
    if message.number > transcript.count + 1 { catchUp(with: try await chat.history(after: transcript.count)) }
    catchUp(with: [message])
  }

  private func catchUp(with messages: [Message]) {
    for message in messages where message.number == transcript.count + 1 {
      transcript.append(message)
      hear(message)
    }
  }
}
