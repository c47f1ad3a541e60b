import TestSupport
import Testing
import ZeroMQ

/// Options as they show in what sockets do.
@Suite struct OptionTests {
  private static let patience = Duration.seconds(20)

  /// Opens a bound and a connected socket.
  private func pair(
    _ first: ZMQSocketType, _ second: ZMQSocketType, at endpoint: String = "tcp://127.0.0.1:*",
    _ configure: (_ bound: inout ZMQSocketOptions, _ connected: inout ZMQSocketOptions) -> Void
  ) throws -> (bound: ZMQSocket, connected: ZMQSocket) {
    var (one, other) = (ZMQSocketOptions(), ZMQSocketOptions())
    configure(&one, &other)
    let bound = try ZMQSocket(first, options: one)
    let connected = try ZMQSocket(second, options: other)
    if second == .subscribe { try connected.subscribe(to: .everything) }
    try connected.connect(try bound.bind(endpoint))
    return (bound, connected)
  }

  @Test func everyOptionIsTakenByLibzmq() throws {
    var options = ZMQSocketOptions()
    options.maximumMessageSize = 1 << 20
    options.immediate = true
    options.routingID = [1, 2, 3]
    options.reconnect.base = .milliseconds(10)
    options.reconnect.maximum = .seconds(3)
    options.connectTimeout = .seconds(2)
    options.handshakeTimeout = .seconds(1)
    options.heartbeat = .init(interval: .seconds(1), timeout: .seconds(3), timeToLive: .seconds(5))
    options.keepAlive = .init(idle: .seconds(60), interval: .seconds(5), count: 3)
    options.backlog = 10
    options.ipv6 = true
    options.socksProxy = "127.0.0.1:1080"
    options.typeOfService = 0x28
    options.sendBufferSize = 100_000
    options.receiveBufferSize = 100_000
    options.zapDomain = "test"
    options.security = .plain(username: "somebody", password: "secret")
    options.multicast.rate = 10_000
    options.multicast.hops = 2
    options.multicast.maximumPacketSize = 1_400
    _ = try ZMQSocket(.dealer, options: options)
    options.probeRouter = true
    options.routerMandatory = true
    options.routerHandover = true
    options.security = .plainServer
    _ = try ZMQSocket(.router, options: options)
    var publisher = ZMQSocketOptions()
    publisher.publishing.verbosity = .everything
    publisher.publishing.isManual = true
    publisher.publishing.holdsWhenFull = true
    publisher.publishing.welcome = [1]
    publisher.invertMatching = true
    _ = try ZMQSocket(.extendedPublish, options: publisher)
    var request = ZMQSocketOptions()
    request.requestRelaxed = true
    request.requestCorrelate = true
    request.reconnect.isEnabled = false
    _ = try ZMQSocket(.request, options: request)
  }

  @Test func optionsOfOtherTypesAreRefused() throws {
    var options = ZMQSocketOptions()
    options.routerMandatory = true
    let error = #expect(throws: ZMQError.self) { try ZMQSocket(.dealer, options: options) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message == "a DEALER socket does not have the option routerMandatory; it belongs to ROUTER")
    options = ZMQSocketOptions()
    options.routingID = []
    #expect(throws: ZMQError.self) { try ZMQSocket(.dealer, options: options) }
    options.routingID = [0, 1]
    #expect(throws: ZMQError.self) { try ZMQSocket(.dealer, options: options) }
    let subscribing = #expect(throws: ZMQError.self) { try ZMQSocket(.push).subscribe(to: "topic") }
    #expect(subscribing?.message == "a PUSH socket has no subscriptions to set")
  }

  @Test func misuseOfATypeIsSaid() async throws {
    let pull = try ZMQSocket(.pull)
    let sending = await #expect(throws: ZMQError.self) { try await pull.send(["x"]) }
    #expect(sending?.code == .notSupported)
    #expect(sending?.message == "cannot send on a PULL socket: this type only receives")
    let push = try ZMQSocket(.push)
    let receiving = await #expect(throws: ZMQError.self) { try await push.receive() }
    #expect(receiving?.message == "cannot receive on a PUSH socket: this type only sends")
    let reply = try ZMQSocket(.reply)
    let early = await #expect(throws: ZMQError.self) { try await reply.send(["x"]) }
    #expect(early?.message == "cannot send on a REP socket: there is no request to reply to")
  }

  @Test func routersReportUnknownPeersWhenTold() async throws {
    var options = ZMQSocketOptions()
    let silent = try ZMQSocket(.router, options: options)
    try await silent.send(["nobody", "text"], timeout: Self.patience)
    options.routerMandatory = true
    let strict = try ZMQSocket(.router, options: options)
    let error = await #expect(throws: ZMQError.self) { try await strict.send(["nobody", "text"]) }
    #expect(error?.code == .hostUnreachable)
    #expect(error?.message.contains("routing id") == true)
  }

  @Test func handoverGivesTheIdToTheNewcomer() async throws {
    let (router, first) = try pair(.router, .dealer) { router, dealer in
      router.routerHandover = true
      router.routerMandatory = true
      dealer.routingID = Array("same".utf8)
    }
    try await first.send(["first"])
    #expect(try await router.receive(timeout: Self.patience).strings == ["same", "first"])
    var options = ZMQSocketOptions()
    options.routingID = Array("same".utf8)
    let endpoint = try router.bind("tcp://127.0.0.1:*")
    let second = try ZMQSocket(.dealer, options: options)
    try second.connect(endpoint)
    try await second.send(["second"])
    #expect(try await router.receive(timeout: Self.patience).strings == ["same", "second"])
    try await router.send(["same", "answer"])
    #expect(try await second.receive(timeout: Self.patience).strings == ["answer"])
  }

  @Test func probesTellTheRouterWhoIsThere() async throws {
    let (router, _dealer) = try pair(.router, .dealer) { _, dealer in
      dealer.probeRouter = true
      dealer.routingID = Array("me".utf8)
    }
    #expect(try await router.receive(timeout: Self.patience).strings == ["me", ""])
    _dealer.close()
  }

  @Test func relaxedRequestsMayBeRepeated() async throws {
    let (reply, request) = try pair(.reply, .request) { _, request in
      request.requestRelaxed = true
      request.requestCorrelate = true
    }
    try await request.send(["lost"])
    #expect(try await reply.receive(timeout: Self.patience).strings == ["lost"])
    try await request.send(["again"])
    try await reply.send(["late"])
    #expect(try await reply.receive(timeout: Self.patience).strings == ["again"])
    try await reply.send(["answer"])
    #expect(try await request.receive(timeout: Self.patience).strings == ["answer"])
  }

  @Test func aFullQueueSuspendsTheSenderUntilItsTimeOut() async throws {
    let (pull, push) = try pair(.pull, .push, at: "inproc://high-water-mark") { pull, push in
      pull.receiveHighWaterMark = 3
      push.sendHighWaterMark = 2
      push.sendTimeout = .milliseconds(50)
    }
    for number in 0..<5 { try await push.send(["\(number)"]) }
    let full = await #expect(throws: ZMQError.self) { try await push.send(["too much"]) }
    #expect(full?.code == .wouldBlock)
    let end = ContinuousClock.now + .milliseconds(30)
    await #expect(throws: ZMQError.self) { try await push.send(["too much"], until: end) }
    let waiting = Task { try await push.send(["5"], timeout: Self.patience) }
    for number in 0..<6 { #expect(try await pull.receive(timeout: Self.patience).strings == ["\(number)"]) }
    try await waiting.value
    await #expect(throws: ZMQError.self) { try await pull.receive(timeout: .milliseconds(20)) }
  }

  @Test func aTooLargeMessageEndsItsConnectionOnly() async throws {
    let (pull, push) = try pair(.pull, .push) { pull, _ in pull.maximumMessageSize = 1_000 }
    let other = try ZMQSocket(.push)
    try other.connect(try pull.bind("tcp://127.0.0.1:*"))
    try await push.send(ZMQMessage([UInt8](repeating: 1, count: 1_001)))
    try await other.send(["fits"])
    #expect(try await pull.receive(timeout: Self.patience).strings == ["fits"])
    try await push.send(["fits too"])
    #expect(try await pull.receive(timeout: Self.patience).strings == ["fits too"])
  }

  @Test func conflateKeepsTheNewest() async throws {
    let (pull, push) = try pair(.pull, .push, at: "inproc://conflate") { pull, push in
      pull.conflate = true
      push.conflate = true
    }
    for number in 0..<99 { try await push.send(["\(number)"]) }
    // libzmq leaves a message out that comes while the receiver looks at the one before it, so the last is sent several times.
    for _ in 0..<20 { try await push.send(["99"]) }
    #expect(try await pull.receive(timeout: Self.patience).strings == ["99"])
    await #expect(throws: ZMQError.self) { try await pull.receive(timeout: .milliseconds(20)) }
    let error = await #expect(throws: ZMQError.self) { try await push.send(["two", "parts"]) }
    #expect(error?.message.contains("conflate") == true)
  }

  @Test func publishersSeeEverySubscriptionWhenTold() async throws {
    let (publisher, first) = try pair(.extendedPublish, .extendedSubscribe) { publisher, _ in
      publisher.publishing.verbosity = .everything
      publisher.publishing.welcome = Array("hello".utf8)
    }
    try await first.send(ZMQMessage(ZMQSubscription(to: "hello")))
    #expect(try await publisher.receive(timeout: Self.patience).subscription == ZMQSubscription(to: "hello"))
    #expect(try await first.receive(timeout: Self.patience).strings == ["hello"])
    let second = try ZMQSocket(.subscribe)
    try second.connect(try publisher.bind("tcp://127.0.0.1:*"))
    try second.subscribe(to: "hello")
    #expect(try await publisher.receive(timeout: Self.patience).subscription == ZMQSubscription(to: "hello"))
    try second.unsubscribe(from: "hello")
    let last = try await publisher.receive(timeout: Self.patience).subscription
    #expect(last == ZMQSubscription(to: "hello", isWanted: false))
  }

  @Test func manualPublishersGrantWhatTheyLike() async throws {
    let (publisher, subscriber) = try pair(.extendedPublish, .extendedSubscribe) { publisher, _ in
      publisher.publishing.isManual = true
    }
    try await subscriber.send(ZMQMessage(ZMQSubscription(to: "asked")))
    #expect(try await publisher.receive(timeout: Self.patience).subscription?.topic == "asked")
    try publisher.subscribe(to: "granted")
    try await publisher.send(ZMQMessage(topic: "asked", ["no"]))
    try await publisher.send(ZMQMessage(topic: "granted", ["yes"]))
    #expect(try await subscriber.receive(timeout: Self.patience).strings == ["granted", "yes"])
  }

  @Test func aPublisherThatHoldsLosesNothing() async throws {
    let (publisher, subscriber) = try pair(.extendedPublish, .subscribe, at: "inproc://holding") {
      publisher, subscriber in
      publisher.publishing.holdsWhenFull = true
      publisher.sendHighWaterMark = 2
      subscriber.receiveHighWaterMark = 2
    }
    #expect(try await publisher.receive(timeout: Self.patience).subscription?.topic == .everything)
    let sending = Task { for number in 0..<200 { try await publisher.send(["\(number)"], timeout: Self.patience) } }
    for number in 0..<200 { #expect(try await subscriber.receive(timeout: Self.patience).strings == ["\(number)"]) }
    try await sending.value
  }

  @Test func reconnectionIsSpread() async throws {
    // Nobody listens there: each of the sockets says when it will try again.
    let endpoint = "tcp://127.0.0.1:\(try freePort())"
    var options = ZMQSocketOptions()
    options.reconnect.base = .milliseconds(200)
    options.reconnect.maximum = .milliseconds(800)
    var sockets: [(ZMQSocket, ZMQMonitorEvents)] = []
    for _ in 0..<8 {
      let socket = try ZMQSocket(.dealer, options: options)
      sockets.append((socket, try socket.monitor()))
      try socket.connect(endpoint)
    }
    var first: [Duration] = []
    for (socket, events) in sockets {
      for await event in events {
        guard let interval = event.interval else { continue }
        first.append(interval)
        break
      }
      socket.close()
    }
    #expect(first.allSatisfy { $0 >= .milliseconds(200) && $0 < .milliseconds(400) }, "\(first)")
    #expect(Set(first).count > 3, "\(first)")
  }

  @Test func aPeerThatNeverGreetsIsDropped() async throws {
    // It accepts connections, by the system, and says nothing.
    var options = ZMQSocketOptions()
    options.handshakeTimeout = .milliseconds(100)
    let mute = try TCPListener()
    let socket = try ZMQSocket(.dealer, options: options)
    let events = try socket.monitor()
    try socket.connect("tcp://127.0.0.1:\(mute.port)")
    let kinds = try await within(Self.patience) {
      var kinds: [ZMQMonitorEvent.Kind] = []
      for await event in events {
        kinds.append(event.kind)
        if event.kind == .disconnected { break }
      }
      return kinds
    }
    #expect(kinds.contains(.connected))
    #expect(!kinds.contains(.handshakeSucceeded))
  }
}
