import Testing
import ZeroMQ

/// Messages, frames, topics and envelopes, apart from sockets and through them.
@Suite struct MessageTests {
  @Test func envelopesComeOffAndGoBackExactly() {
    let original = ZMQMessage(parts: [[0, 1], [2], [3, 3], [], [], [9]])
    var message = original
    let envelope = message.popEnvelope()
    #expect(envelope?.routingIDs == [[0, 1], [2], [3, 3]])
    #expect(message.parts == [[], [9]])
    if let envelope { message.push(envelope) }
    #expect(message == original)
    var plain: ZMQMessage = ["no", "delimiter"]
    #expect(plain.popEnvelope() == nil)
    #expect(plain == ["no", "delimiter"])
    #expect(plain.popFrame() == Array("no".utf8))
    plain.push(frame: [1])
    #expect(plain.parts.first == [1])
  }

  @Test func subscriptionsAreMessages() {
    #expect(ZMQMessage(ZMQSubscription(to: "ab")).parts == [[1, 97, 98]])
    #expect(ZMQMessage(ZMQSubscription(to: .everything, isWanted: false)).parts == [[0]])
    #expect(ZMQMessage(parts: [[1]]).subscription == ZMQSubscription(to: .everything))
    #expect(ZMQMessage(parts: [[2, 1]]).subscription == nil)
    #expect(ZMQMessage(parts: [[1], [1]]).subscription == nil)
    #expect(ZMQMessage(parts: [[]]).subscription == nil)
  }

  @Test func aReplyReturnsThroughThreeBrokers() async throws {
    // Each broker is a ROUTER towards the clients and a DEALER towards the servers, moving frames one to one.
    let context = ZMQContext()
    var endpoint = "inproc://servers"
    let server = try ZMQSocket(.reply, context: context)
    try server.bind(endpoint)
    var brokers: [Task<Void, any Error>] = []
    for number in 0..<3 {
      let front = try ZMQSocket(.router, context: context)
      let back = try ZMQSocket(.dealer, context: context)
      try back.connect(endpoint)
      endpoint = "inproc://broker-\(number)"
      try front.bind(endpoint)
      brokers.append(Task { while true { try await back.send(try await front.receiveFrames()) } })
      brokers.append(Task { while true { try await front.send(try await back.receiveFrames()) } })
    }
    defer { for broker in brokers { broker.cancel() } }
    let client = try ZMQSocket(.dealer, context: context)
    try client.connect(endpoint)
    let request: ZMQMessage = ["my", "own", "envelope", "", "question"]
    try await client.send(request)
    #expect(try await server.receive(timeout: .seconds(20)).strings == ["question"])
    try await server.send(["answer"])
    #expect(try await client.receive(timeout: .seconds(20)).strings == ["my", "own", "envelope", "", "answer"])
  }

  @Test func largePartsAreNotCopied() async throws {
    let context = ZMQContext()
    let pull = try ZMQSocket(.pull, context: context)
    try pull.bind("inproc://no-copy")
    let push = try ZMQSocket(.push, context: context)
    try push.connect("inproc://no-copy")
    var part = [UInt8](repeating: 7, count: 1_000_000)
    let address = part.withUnsafeBytes { $0.baseAddress }
    try await push.send(ZMQMessage(parts: [part, [1]]))
    // Writing to the array afterwards makes a copy of it; what was sent stays.
    part[0] = 8
    let frames = try await pull.receiveFrames(timeout: .seconds(20))
    #expect(frames.count == 2)
    #expect(frames[0].withUnsafeBytes { $0.baseAddress } == address)
    #expect(frames[0].bytes == [UInt8](repeating: 7, count: 1_000_000))
    // And passed on, twice, it is still the same memory.
    try await push.send(frames)
    try await push.send(frames)
    for _ in 0..<2 {
      let passed = try await pull.receiveFrames(timeout: .seconds(20))
      #expect(passed == frames)
      #expect(passed[0].withUnsafeBytes { $0.baseAddress } == address)
    }
  }

  @Test func framesKnowTheirConnection() async throws {
    let pull = try ZMQSocket(.pull)
    let push = try ZMQSocket(.push)
    try push.connect(try pull.bind("tcp://127.0.0.1:*"))
    try await push.send(["text"])
    let frame = try #require(try await pull.receiveFrames(timeout: .seconds(20)).first)
    #expect(frame[.peerAddress] == "127.0.0.1")
    #expect(frame[.socketType] == "PUSH")
    #expect(frame[.userID] == nil)
    #expect(ZMQFrame([1, 2])[.peerAddress] == nil)
    #expect(ZMQFrame([1, 2]) == ZMQFrame([1, 2]))
    #expect(ZMQFrame([]).count == 0)
  }

  @Test func messagesAreASequence() async throws {
    let pull = try ZMQSocket(.pull)
    let push = try ZMQSocket(.push)
    try push.connect(try pull.bind("tcp://127.0.0.1:*"))
    for number in 0..<10 { try await push.send(["\(number)"]) }
    var seen: [String] = []
    for try await message in pull.messages {
      seen += message.strings
      if seen.count == 10 { pull.close() }
    }
    #expect(seen == (0..<10).map(String.init))
  }
}
