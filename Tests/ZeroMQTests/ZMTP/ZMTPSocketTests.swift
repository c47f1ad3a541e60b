#if os(Linux)
  import TestSupport
  import Testing

  @testable import ZeroMQ

  /// Sockets that the event loop serves, with libzmq's at the other end.
  @Suite(.serialized) struct ZMTPSocketTests {
    /// Opens one that the loop serves.
    private func open(_ type: ZMQSocketType, hwm: Int = 1_000, limit: Int? = nil) throws -> SocketHandle {
      let context = ZMQContext.shared
      let socket = try context.openServedByLoop(
        type, sendHighWaterMark: hwm, linger: .seconds(1), reconnectInterval: .milliseconds(10),
        maximumMessageSize: limit
      ) { () throws(ZMQError) in
        let socket = try context.open(type)
        do throws(ZMQError) { try socket.set(33, 1, named: "routerMandatory") } catch {
          socket.close()
          throw error
        }
        return socket
      }
      return try #require(socket)
    }

    /// A served ROUTER and a DEALER of libzmq that has said its name.
    private func pair(_ endpoint: String) async throws -> (router: RawSocket, dealer: RawSocket, id: [UInt8]) {
      let router = try RawSocket(try open(.router), binding: endpoint)
      let far = try ZMQContext.shared.open(.dealer)
      try far.allowIPv6(for: router.endpoint)
      let dealer = try RawSocket(far, connecting: router.endpoint)
      try await eventually("the hello to be sent") { (try? dealer.send([[], Array("hello".utf8)])) != nil }
      let message = try await router.receive()
      #expect(message.count == 3 && message[2] == Array("hello".utf8))
      return (router, dealer, message[0])
    }

    /// Receives at one socket while the other, which may still have to write, is looked after as the loop would do it.
    private func receive(_ socket: RawSocket, serving other: RawSocket) async throws -> [[UInt8]] {
      var message: [[UInt8]]?
      try await eventually("a message") {
        #expect(other.receiveNow() == nil)
        message = socket.receiveNow()
        return message != nil
      }
      return message ?? []
    }

    private static let sizes = [
      0, 1, 60, 255, 256, 8_191, 8_192, 32_760, 32_768, 65_535, 65_536, 65_537, 131_072, 3_000_001,
    ]

    private func content(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ count) } }

    /// Messages of any number and size of parts arrive as they were sent, in their order, both ways.
    @Test(arguments: [
      "tcp://127.0.0.1:*", "ipc://@zmtp-sizes", "ipc:///tmp/zrpc-zmtp-sizes", "tcp://[::1]:*", "inproc://zmtp-sizes",
    ])
    func messagesOfAllSizes(_ endpoint: String) async throws {
      let (router, dealer, id) = try await pair(endpoint)
      var messages = ZMTPSocketTests.sizes.map { [[], content($0)] }
      messages += zip(ZMTPSocketTests.sizes, ZMTPSocketTests.sizes.reversed()).map {
        [content($0), [], content($1), content(7)]
      }
      for message in messages {
        try dealer.send(message)
        let received = try await router.receive()
        #expect(received.dropFirst().elementsEqual(message))
        #expect(received.first == id)
        try router.send([id] + message)
        #expect(try await receive(dealer, serving: router) == message)
      }
      // And all at once.
      for message in messages { try router.send([id] + message) }
      for message in messages { #expect(try await receive(dealer, serving: router) == message) }
      for message in messages { try dealer.send(message) }
      for message in messages { #expect(try await router.receive() == [id] + message) }
    }

    /// A message of very many parts is as good as any.
    @Test func manyParts() async throws {
      let (router, dealer, id) = try await pair("tcp://127.0.0.1:*")
      for (count, size) in [(300, 200), (3_000, 30), (40, 2_000), (3, 40_000)] {
        let message = (0..<count).map { content(size + $0 % 3) }
        try dealer.send(message)
        #expect(try await router.receive() == [id] + message)
        try router.send([id] + message)
        #expect(try await receive(dealer, serving: router) == message)
      }
    }

    /// However the network cuts a stream of bytes into pieces, the messages are the same.
    @Test(arguments: [1, 3, 64, 1_000, 70_000])
    func piecesOfAnySize(_ piece: Int) async throws {
      let router = try RawSocket(try open(.router), binding: "tcp://127.0.0.1:*")
      let client = try TCPClient(router.endpoint)
      var bytes = ZMTPWire.signature + ZMTPWire.greeting + ZMTPWire.ready(.dealer)
      let sizes = piece < 64 ? [0, 1, 60, 300] : [0, 60, 40_000, 1, 200_000, 300]
      for size in sizes {
        let content = content(size)
        // A PING may stand between the parts of a message too.
        bytes += [1, 0] + ZMTPWire.command("PING", [0, 0, 9])
        bytes += size <= 255 ? [0, UInt8(size)] : [2] + withUnsafeBytes(of: UInt64(size).bigEndian) { Array($0) }
        bytes += content
        bytes += ZMTPWire.command("PING", [0, 0, 1, 2])
      }
      var received: [[[UInt8]]] = []
      var position = 0
      while position < bytes.count {
        let end = min(bytes.count, position + piece)
        try client.write(Array(bytes[position..<end]))
        position = end
        while let message = router.receiveNow() { received.append(message) }
      }
      while received.count < sizes.count { received.append(try await router.receive()) }
      #expect(received.map { Array($0.dropFirst()) } == sizes.map { [[], content($0)] })
    }

    /// A peer that answers no message is held back at the high-water mark, and nothing is lost once it reads.
    @Test func theHighWaterMark() async throws {
      let router = try open(.router, hwm: 10)
      let endpoint = try router.bind("tcp://127.0.0.1:*")
      let near = try RawSocket(router, at: endpoint)
      let dealer = try RawSocket(.dealer, connecting: endpoint)
      try await eventually("the hello to be sent") { (try? dealer.send([[], [1]])) != nil }
      let id = try await near.receive()[0]
      let message = content(1 << 20)
      var sent = 0
      while sent < 10_000, (try? near.send([id, message])) != nil { sent += 1 }
      #expect(sent < 10_000, "a peer that does not read takes no end of messages")
      for _ in 0..<sent {
        #expect(try await dealer.receive() == [message])
        _ = near.receiveNow()
      }
      try await eventually("room for another") {
        _ = near.receiveNow()
        return (try? near.send([id, [7]])) != nil
      }
      #expect(try await dealer.receive() == [[7]])
    }

    /// Nobody has this routing id: the message is refused, and others still arrive.
    @Test func unknownPeers() async throws {
      let (router, dealer, id) = try await pair("tcp://127.0.0.1:*")
      #expect(throws: NeverHappened.self) { try router.send([[0, 1, 2, 3], [1]]) }
      try router.send([id, [2]])
      #expect(try await dealer.receive() == [[2]])
    }

    /// A DEALER that the loop serves finds its server late, and again after it was away.
    @Test func connectingAgain() async throws {
      let endpoint = "ipc:///tmp/zrpc-zmtp-again"
      let dealer = try RawSocket(try open(.dealer), connecting: endpoint)
      #expect(throws: NeverHappened.self) { try dealer.send([[1]]) }
      for round in UInt8(1)...3 {
        let router = try RawSocket(.router, binding: endpoint)
        try await eventually("a message to be taken") {
          _ = dealer.receiveNow()
          return (try? dealer.send([[], [round]])) != nil
        }
        #expect(try await router.receive().last == [round])
        router.close()
        try await eventually("the loss to be noticed") {
          _ = dealer.receiveNow()
          return (try? dealer.send([[], [0]])) == nil
        }
      }
    }

    /// What was sent leaves after the socket was closed, even where the peer takes its time.
    @Test func whatWasSentLeavesAfterClosing() async throws {
      let (router, dealer, id) = try await pair("tcp://127.0.0.1:*")
      let message = content(5_000_000)
      for _ in 0..<4 { try router.send([id, message]) }
      router.closeGracefully()
      for _ in 0..<4 { #expect(try await dealer.receive() == [message]) }
    }

    /// A frame above the limit ends its connection before any memory is taken for it; others go on.
    @Test func messagesAboveTheLimit() async throws {
      let router = try RawSocket(try open(.router, limit: 1_000), binding: "tcp://127.0.0.1:*")
      let rude = try RawSocket(.dealer, connecting: router.endpoint)
      let polite = try RawSocket(.dealer, connecting: router.endpoint)
      try polite.send([[], content(1_000)])
      #expect(try await router.receive().last == content(1_000))
      try rude.send([[], content(1_001)])
      try polite.send([[], [3]])
      #expect(try await router.receive().last == [3])
    }

    /// What is no ZeroMQ is dropped, and what comes one byte at a time holds up nobody.
    @Test func strangers() async throws {
      let router = try RawSocket(try open(.router), binding: "tcp://127.0.0.1:*")
      let web = try TCPClient(router.endpoint)
      try web.write(Array("GET / HTTP/1.1\r\n\r\n".utf8))
      let slow = try TCPClient(router.endpoint)
      try slow.write([0xFF])
      let dealer = try RawSocket(.dealer, connecting: router.endpoint)
      try dealer.send([[], [1]])
      #expect(try await router.receive().last == [1])
      _ = (web, slow)
    }

    /// Peers keep the routing ids that they choose, and of two with the same the first keeps its place.
    @Test func chosenRoutingIDs() async throws {
      let router = try RawSocket(try open(.router), binding: "tcp://127.0.0.1:*")
      let first = try ZMQContext.shared.open(.dealer)
      try first.set(5, Array("same".utf8), named: "routingID")
      try first.connect(router.endpoint)
      let firstSocket = try RawSocket(first, at: router.endpoint)
      try firstSocket.send([[], [1]])
      #expect(try await router.receive() == [Array("same".utf8), [], [1]])
      let second = try ZMQContext.shared.open(.dealer)
      try second.set(5, Array("same".utf8), named: "routingID")
      try second.connect(router.endpoint)
      let secondSocket = try RawSocket(second, at: router.endpoint)
      try secondSocket.send([[], [2]])
      try firstSocket.send([[], [3]])
      #expect(try await router.receive() == [Array("same".utf8), [], [3]])
      try router.send([Array("same".utf8), [4]])
      #expect(try await firstSocket.receive() == [[4]])
    }

    /// Endpoints that only libzmq knows and those that the loop serves belong to one socket.
    @Test func oneRouterForAllTransports() async throws {
      let handle = try open(.router)
      let endpoints = try ["tcp://127.0.0.1:*", "inproc://zmtp-mixed", "ipc://*"].map { try handle.bind($0) }
      let router = try RawSocket(handle, at: endpoints[0])
      let dealers = try endpoints.map { try RawSocket(.dealer, connecting: $0) }
      for (number, dealer) in dealers.enumerated() { try dealer.send([[], [UInt8(number)]]) }
      for _ in dealers {
        let message = try await router.receive()
        try router.send(message)
      }
      for (number, dealer) in dealers.enumerated() { #expect(try await dealer.receive() == [[], [UInt8(number)]]) }
    }

    /// A name is resolved without anybody waiting for it.
    @Test func namesOfHosts() async throws {
      let router = try RawSocket(.router, binding: "tcp://127.0.0.1:*")
      let port = try #require(router.endpoint.split(separator: ":").last)
      let dealer = try RawSocket(try open(.dealer), connecting: "tcp://localhost:\(port)")
      try await eventually("a message to be taken") {
        _ = dealer.receiveNow()
        return (try? dealer.send([[], [1]])) != nil
      }
      #expect(try await router.receive().last == [1])
    }

    @Test func endpointsThatAreInUse() throws {
      let first = try RawSocket(try open(.router), binding: "tcp://127.0.0.1:*")
      let error = #expect(throws: ZMQError.self) { try RawSocket(try open(.router), binding: first.endpoint) }
      #expect(error?.code == .addressInUse)
      #expect(error?.message.contains(first.endpoint) == true)
    }
  }
#endif
