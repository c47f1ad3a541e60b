import Testing
import ZeroMQ

/// Sockets as a user of the ZeroMQ module meets them.
@Suite struct SocketTests {
  @Test(arguments: ["tcp://127.0.0.1:*", "ipc://@zeromq-socket-tests", "inproc://socket-tests"])
  func requestAndReply(_ endpoint: String) async throws {
    let server = try ZMQSocket(.reply)
    let client = try ZMQSocket(.request)
    try client.connect(try server.bind(endpoint))
    for number in 0..<100 {
      try await client.send(["hello", "\(number)"])
      let request = try await server.receive(timeout: .seconds(10))
      #expect(request.strings == ["hello", "\(number)"])
      try await server.send(request)
      #expect(try await client.receive(timeout: .seconds(10)) == request)
    }
  }

  @Test(arguments: [0, 1, 255, 256, 70_000, 5_000_000])
  func partsOfAnySizeArriveWhole(_ size: Int) async throws {
    let receiver = try ZMQSocket(.pull)
    let sender = try ZMQSocket(.push)
    try sender.connect(try receiver.bind("tcp://127.0.0.1:*"))
    let message = ZMQMessage(parts: [[1], [UInt8](repeating: 7, count: size), []])
    try await sender.send(message)
    #expect(try await receiver.receive(timeout: .seconds(20)) == message)
  }

  @Test func routersAddressTheirPeers() async throws {
    let router = try ZMQSocket(.router)
    let endpoint = try router.bind("tcp://127.0.0.1:*")
    var options = ZMQSocketOptions()
    options.routingID = Array("one".utf8)
    let dealer = try ZMQSocket(.dealer, options: options)
    try dealer.connect(endpoint)
    try await dealer.send(["", "question"])
    var request = try await router.receive(timeout: .seconds(10))
    let id = request.popRouting()
    #expect(id == Array("one".utf8))
    #expect(request.strings == ["question"])
    var answer: ZMQMessage = ["answer"]
    answer.push(routing: id ?? [])
    try await router.send(answer)
    #expect(try await dealer.receive(timeout: .seconds(10)).strings == ["", "answer"])
  }

  @Test func subscribersGetTheirTopics() async throws {
    let publisher = try ZMQSocket(.extendedPublish)
    let subscriber = try ZMQSocket(.subscribe)
    try subscriber.subscribe(to: Array("b".utf8))
    try subscriber.connect(try publisher.bind("tcp://127.0.0.1:*"))
    // The subscription arrives as a message, so that nothing is published before it is known.
    #expect(try await publisher.receive(timeout: .seconds(10)).parts == [[1, UInt8(ascii: "b")]])
    try await publisher.send(["a", "not wanted"])
    try await publisher.send(["b", "wanted"])
    #expect(try await subscriber.receive(timeout: .seconds(10)).strings == ["b", "wanted"])
  }

  @Test func waitsEndAtTheirTimeOut() async throws {
    let socket = try ZMQSocket(.dealer)
    let reading = await #expect(throws: ZMQError.self) { try await socket.receive(timeout: .milliseconds(20)) }
    #expect(reading?.code == .wouldBlock)
    let writing = await #expect(throws: ZMQError.self) { try await socket.send(["x"], timeout: .milliseconds(20)) }
    #expect(writing?.code == .wouldBlock)
  }

  @Test func waitsAreCancelled() async throws {
    let socket = try ZMQSocket(.pull)
    try socket.bind("inproc://cancelled")
    let waiting = Task { try await socket.receive() }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    // What comes later is not lost to the one that left.
    let sender = try ZMQSocket(.push)
    try sender.connect("inproc://cancelled")
    try await sender.send(["later"])
    #expect(try await socket.receive(timeout: .seconds(10)).strings == ["later"])
  }

  @Test func closingEndsWaits() async throws {
    let socket = try ZMQSocket(.pull)
    let waiting = Task { try await socket.receive() }
    socket.close()
    let error = await #expect(throws: ZMQError.self) { try await waiting.value }
    #expect(error?.code == .notASocket)
  }

  @Test func mistakesNameTheEndpoint() throws {
    let first = try ZMQSocket(.reply)
    let endpoint = try first.bind("tcp://127.0.0.1:*")
    let second = try ZMQSocket(.reply)
    let taken = #expect(throws: ZMQError.self) { try second.bind(endpoint) }
    #expect(taken?.code == .addressInUse)
    #expect(taken?.message.contains(endpoint) == true)
    let unknown = #expect(throws: ZMQError.self) { try second.connect("carrier-pigeon://roof") }
    #expect(unknown?.code == .transportNotSupported)
  }

  @Test func aSecondSendOnRequestIsAnError() async throws {
    let server = try ZMQSocket(.reply)
    let client = try ZMQSocket(.request)
    try client.connect(try server.bind("tcp://127.0.0.1:*"))
    try await client.send(["one"])
    let error = await #expect(throws: ZMQError.self) { try await client.send(["two"]) }
    #expect(error?.code == .wrongState)
  }

  @Test func pushesAreSharedEvenly() async throws {
    let sender = try ZMQSocket(.push)
    let endpoint = try sender.bind("inproc://shared")
    let receivers = [try ZMQSocket(.pull), try ZMQSocket(.pull)]
    for receiver in receivers { try receiver.connect(endpoint) }
    for number in 0..<200 { try await sender.send(["\(number)"]) }
    for receiver in receivers {
      for _ in 0..<100 { _ = try await receiver.receive(timeout: .seconds(10)) }
    }
  }
}
