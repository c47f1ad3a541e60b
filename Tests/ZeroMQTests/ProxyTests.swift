internal import Foundation
import TestSupport
import Testing
import ZeroMQ

/// Proxies among Swift sockets.
@Suite(.serialized) struct ProxyIntegration {
  private static let patience = Duration.seconds(20)

  /// Runs a proxy for the duration of a closure; it must end by itself when its task is cancelled.
  private func withProxy(
    _ kind: ZMQProxy.Kind, _ configure: (inout ZMQProxy.Configuration) -> Void = { _ in },
    _ body: (ZMQProxy) async throws -> Void
  ) async throws {
    var configuration = ZMQProxy.Configuration()
    configure(&configuration)
    let proxy = try ZMQProxy(kind, configuration: configuration)
    let running = Task { try await proxy.run() }
    let result = await Result { try await body(proxy) }
    running.cancel()
    try await within(.seconds(20), "ending the proxy") { try await running.value }
    try result.get()
  }

  private func inproc() -> String { "inproc://\(UUID())" }

  @Test func requestsAndRepliesPass() async throws {
    try await withProxy(.queue) { proxy in
      let front = try proxy.frontend.bind("tcp://127.0.0.1:*")
      let back = try proxy.backend.bind("ipc://*")
      let workers = try (0..<2).map { _ in try ZMQSocket(.reply) }
      for worker in workers { try worker.connect(back) }
      let working = workers.enumerated().map { index, worker in
        Task {
          while true {
            var request = try await worker.receive()
            request.push(frame: [UInt8(index)])
            try await worker.send(request)
          }
        }
      }
      defer { for task in working { task.cancel() } }
      let clients = try (0..<3).map { _ in try ZMQSocket(.request) }
      var shares = [0, 0]
      for client in clients { try client.connect(front) }
      for round in 0..<50 {
        for (index, client) in clients.enumerated() { try await client.send(["\(index)", "", "\(round)"]) }
        for (index, client) in clients.enumerated() {
          var reply = try await client.receive(timeout: Self.patience)
          shares[Int(reply.popFrame()?.first ?? 9)] += 1
          #expect(reply == ["\(index)", "", "\(round)"])
        }
      }
      #expect(shares.allSatisfy { $0 > 30 }, "\(shares)")
      let statistics = proxy.statistics
      #expect(statistics.frontendReceived.messages == 150)
      #expect(statistics.frontendReceived == statistics.backendSent)
      #expect(statistics.backendReceived == statistics.frontendSent)
      #expect(statistics.undeliverable.messages == 0)
    }
  }

  @Test func aStreamerHoldsBackAndLosesNothing() async throws {
    try await withProxy(
      .streamer,
      {
        $0.frontend.receiveHighWaterMark = 5
        $0.backend.sendHighWaterMark = 5
      }
    ) { proxy in
      let front = inproc()
      let back = inproc()
      try proxy.frontend.bind(front)
      try proxy.backend.bind(back)
      var options = ZMQSocketOptions()
      options.sendHighWaterMark = 5
      let ventilator = try ZMQSocket(.push, options: options)
      try ventilator.connect(front)
      // There is no worker yet: the queues fill, and the sender is held.
      var sent = 0
      await #expect(throws: ZMQError.self) {
        while true {
          try await ventilator.send(["\(sent)"], timeout: .milliseconds(300))
          sent += 1
        }
      }
      #expect((5...20).contains(sent), "\(sent)")
      let count = sent
      let sending = Task { for number in count..<1_000 { try await ventilator.send(["\(number)"]) } }
      let worker = try ZMQSocket(.pull)
      try worker.connect(back)
      for number in 0..<1_000 { #expect(try await worker.receive(timeout: Self.patience).strings == ["\(number)"]) }
      try await sending.value
      #expect(proxy.statistics.backendSent.messages == 1_000)
    }
  }

  @Test func aClientThatDoesNotReadHoldsNobodyElse() async throws {
    try await withProxy(
      .queue,
      {
        $0.frontend.sendHighWaterMark = 5
        $0.parkedReplies = 100
      }
    ) { proxy in
      let (front, back) = (inproc(), inproc())
      try proxy.frontend.bind(front)
      try proxy.backend.bind(back)
      let server = try ZMQSocket(.router)
      try server.connect(back)
      let serving = Task { while true { try await server.send(try await server.receiveFrames()) } }
      defer { serving.cancel() }
      var options = ZMQSocketOptions()
      options.receiveHighWaterMark = 5
      let lazy = try ZMQSocket(.dealer, options: options)
      try lazy.connect(front)
      let other = try ZMQSocket(.dealer)
      try other.connect(front)
      for number in 0..<60 { try await lazy.send(["\(number)"]) }
      for number in 0..<60 {
        try await other.send(["\(number)"])
        #expect(try await other.receive(timeout: Self.patience).strings == ["\(number)"])
      }
      // More than may be parked: servers wait for the lazy one, which still gets everything, in order.
      let sending = Task { for number in 60..<500 { try await lazy.send(["\(number)"]) } }
      for number in 0..<500 { #expect(try await lazy.receive(timeout: Self.patience).strings == ["\(number)"]) }
      try await sending.value
      #expect(proxy.statistics.undeliverable.messages == 0)
    }
  }

  @Test func repliesForThoseWhoLeftAreCounted() async throws {
    try await withProxy(.queue) { proxy in
      let (front, back) = (inproc(), inproc())
      try proxy.frontend.bind(front)
      try proxy.backend.bind(back)
      let server = try ZMQSocket(.router)
      try server.connect(back)
      let client = try ZMQSocket(.dealer)
      try client.connect(front)
      try await client.send(["question"])
      let request = try await server.receive(timeout: Self.patience)
      client.close()
      try await eventually("the reply is dropped") {
        try await server.send(request)
        return proxy.statistics.undeliverable.messages > 0
      }
    }
  }

  @Test func aForwarderAsksOnlyForWhatIsWanted() async throws {
    try await withProxy(.forwarder) { proxy in
      let publisher = try ZMQSocket(.extendedPublish)
      let upstream = try publisher.bind("tcp://127.0.0.1:*")
      try proxy.frontend.connect(upstream)
      let back = try proxy.backend.bind("tcp://127.0.0.1:*")
      // Nobody has subscribed: nothing travels, whatever is published.
      for number in 0..<1_000 { try await publisher.send(["topic", "\(number)"]) }
      let subscriber = try ZMQSocket(.subscribe)
      try subscriber.subscribe(to: "b")
      try subscriber.connect(back)
      #expect(try await publisher.receive(timeout: Self.patience).subscription == ZMQSubscription(to: "b"))
      for number in 0..<100 {
        try await publisher.send(["a", "\(number)"])
        try await publisher.send(["b", "\(number)"])
      }
      for number in 0..<100 {
        #expect(try await subscriber.receive(timeout: Self.patience).strings == ["b", "\(number)"])
      }
      #expect(proxy.statistics.frontendReceived.messages == 100)
      #expect(proxy.statistics.backendSent.messages == 100)
      subscriber.close()
      let gone = try await publisher.receive(timeout: Self.patience).subscription
      #expect(gone == ZMQSubscription(to: "b", isWanted: false))
      for number in 0..<1_000 { try await publisher.send(["b", "\(number)"]) }
      #expect(proxy.statistics.frontendReceived.messages == 100)
    }
  }

  @Test func aForwarderGoesBetweenRunningPeersAndOut() async throws {
    let endpoint = "tcp://127.0.0.1:\(try freePort())"
    let publisher = try ZMQSocket(.publish)
    try publisher.bind(endpoint)
    let other = try publisher.bind("tcp://127.0.0.1:*")
    var options = ZMQSocketOptions()
    options.reconnect.base = .milliseconds(10)
    let subscriber = try ZMQSocket(.subscribe, options: options)
    try subscriber.subscribe(to: "t")
    try subscriber.connect(endpoint)
    let journal = Journal()
    let publishing = Task {
      var number = 0
      while !Task.isCancelled {
        try await publisher.send(ZMQMessage(topic: "t", ["\(number)"]))
        number += 1
        try await Task.sleep(for: .milliseconds(2))
      }
    }
    let subscribing = Task {
      var last = -1
      for try await message in subscriber.messages {
        let number = Int(message.strings[1]) ?? -1
        #expect(number > last, "in order, and none twice")
        last = number
        journal.note("received")
      }
    }
    defer {
      publishing.cancel()
      subscribing.cancel()
    }
    func flows() async throws { try await journal.wait(for: "received", count: journal.count("received") + 50) }
    try await flows()
    try await withProxy(.forwarder) { proxy in
      try publisher.unbind(endpoint)
      try proxy.frontend.connect(other)
      try await bindEventually(proxy.backend, endpoint)
      try await flows()
      #expect(proxy.statistics.backendSent.messages > 0)
    }
    try await eventually("the publisher may bind again") { (try? publisher.bind(endpoint)) != nil }
    try await flows()
  }

  @Test(arguments: [ZMQSocketType.push, .pair, .publish])
  func captureGetsEveryFrameBothWays(_ type: ZMQSocketType) async throws {
    try await withProxy(.queue, { $0.capture = type }) { proxy in
      let (front, back, watch) = (inproc(), inproc(), inproc())
      try proxy.frontend.bind(front)
      try proxy.backend.bind(back)
      try proxy.capture?.bind(watch)
      let watcherType: ZMQSocketType = type == .push ? .pull : type == .pair ? .pair : .subscribe
      let watcher = try ZMQSocket(watcherType)
      if watcherType == .subscribe { try watcher.subscribe(to: .everything) }
      try watcher.connect(watch)
      let server = try ZMQSocket(.reply)
      try server.connect(back)
      var options = ZMQSocketOptions()
      options.routingID = Array("client".utf8)
      let client = try ZMQSocket(.request, options: options)
      try client.connect(front)
      for number in 0..<20 {
        try await client.send(["question", "\(number)"])
        #expect(try await server.receive(timeout: Self.patience).strings == ["question", "\(number)"])
        try await server.send(["answer", "\(number)"])
        #expect(try await client.receive(timeout: Self.patience).strings == ["answer", "\(number)"])
        if type == .publish, number == 0 { continue }  // the subscription may have been on its way
        for word in ["question", "answer"] {
          var seen = try await watcher.receive(timeout: Self.patience).strings
          while type == .publish, seen.last == "0" { seen = try await watcher.receive(timeout: Self.patience).strings }
          #expect(seen == ["client", "", word, "\(number)"])
        }
      }
    }
  }

  @Test func commandsByRequestAndReply() async throws {
    try await withProxy(.queue, { $0.control = .reply }) { proxy in
      let (front, back) = (inproc(), inproc())
      try proxy.frontend.bind(front)
      try proxy.backend.bind(back)
      let control = try ZMQSocket(.request)
      try control.connect(try #require(proxy.control).bind("tcp://127.0.0.1:*"))
      func command(_ parts: [[UInt8]]) async throws -> ZMQMessage {
        try await control.send(ZMQMessage(parts: parts))
        return try await control.receive(timeout: Self.patience)
      }
      let server = try ZMQSocket(.reply)
      try server.connect(back)
      let client = try ZMQSocket(.request)
      try client.connect(front)
      try await client.send(["12345"])
      try await server.send(try await server.receive(timeout: Self.patience))
      _ = try await client.receive(timeout: Self.patience)

      let statistics = try await command([Array("STATISTICS".utf8)])
      #expect(statistics.parts.map(\.count) == [8, 8, 8, 8, 8, 8, 8, 8])
      let numbers = try #require(ZMQProxyStatistics(parts: statistics.parts))
      #expect(numbers == proxy.statistics)
      // A routing id of five bytes, a delimiter, and the body.
      #expect(numbers.frontendReceived.messages == 1)
      #expect(numbers.frontendReceived.bytes == 10)

      #expect(try await command([Array("PAUSE".utf8)]).parts == [[]])
      #expect(proxy.isPaused)
      try await client.send(["held"])
      await #expect(throws: ZMQError.self) { try await server.receive(timeout: .milliseconds(100)) }
      for nonsense in [[[]], [[0xFF, 0xFE]], [Array("pause".utf8)], [Array("TERMINATE?".utf8)], [[1], [2], [3]]] {
        #expect(try await command(nonsense).strings.first?.hasPrefix("ERROR") == true)
      }
      #expect(try await command([Array("RESUME".utf8)]).parts == [[]])
      #expect(try await server.receive(timeout: Self.patience).strings == ["held"])
      try await server.send(["answer"])
      #expect(try await client.receive(timeout: Self.patience).strings == ["answer"])
      #expect(try await command([Array("TERMINATE".utf8)]).parts == [[]])
      try await eventually("the proxy has ended") { (try? proxy.frontend.bind("inproc://x-\(UUID())")) == nil }
    }
  }

  @Test func commandsByPairAnswerOnlyWhereThereIsSomethingToSay() async throws {
    try await withProxy(.streamer, { $0.control = .pair }) { proxy in
      let control = try ZMQSocket(.pair)
      let endpoint = inproc()
      try proxy.control?.bind(endpoint)
      try control.connect(endpoint)
      for word in ["PAUSE", "nonsense", "", "STATISTICS"] { try await control.send([word]) }
      let answer = try await control.receive(timeout: Self.patience)
      #expect(ZMQProxyStatistics(parts: answer.parts) == ZMQProxyStatistics())
      #expect(proxy.isPaused)
      try await control.send(["RESUME"])
      try await eventually("the proxy goes on") { !proxy.isPaused }
      try await control.send(["TERMINATE"])
      try await eventually("the proxy has ended") { (try? proxy.frontend.bind("inproc://x-\(UUID())")) == nil }
    }
  }

  @Test func mistakesAreSaid() async throws {
    var configuration = ZMQProxy.Configuration()
    configuration.capture = .router
    let capture = #expect(throws: ZMQError.self) { try ZMQProxy(.queue, configuration: configuration) }
    #expect(capture?.message == "a ROUTER socket cannot capture; use PUB, PUSH or PAIR")
    configuration = ZMQProxy.Configuration()
    configuration.control = .push
    #expect(throws: ZMQError.self) { try ZMQProxy(.queue, configuration: configuration) }
    let proxy = try ZMQProxy(.queue)
    #expect(throws: ZMQError.self) { try proxy.frontend.bind("tcp://nonsense") }
    let running = Task { try await proxy.run() }
    running.cancel()
    try await running.value
    let again = await #expect(throws: ZMQError.self) { try await proxy.run() }
    #expect(again?.code == .wrongState)
    #expect(throws: ZMQError.self) { try proxy.backend.connect("tcp://127.0.0.1:1") }
  }

  @Test func strangersDoNotStopAProxy() async throws {
    try await withProxy(.queue) { proxy in
      let front = try proxy.frontend.bind("tcp://127.0.0.1:*")
      let back = try proxy.backend.bind("tcp://127.0.0.1:*")
      let server = try ZMQSocket(.reply)
      try server.connect(back)
      let serving = Task { while true { try await server.send(try await server.receive()) } }
      defer { serving.cancel() }
      var generator = SeededGenerator(seed: 7)
      for round in 0..<50 {
        for endpoint in [front, back] {
          let stranger = try TCPClient(endpoint)
          // Not a first byte that ZMTP 1.0 takes for a short frame: such messages are valid, and the server's to judge.
          let noise = [0xFF] + (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
          try stranger.write(round % 2 == 0 ? Array("GET / HTTP/1.1\r\n\r\n".utf8) : noise)
        }
      }
      let client = try ZMQSocket(.request)
      try client.connect(front)
      try await client.send(["still there"])
      #expect(try await client.receive(timeout: Self.patience).strings == ["still there"])
    }
  }
}

/// Binds as soon as the system gives the port back.
func bindEventually(_ side: ZMQProxySide, _ endpoint: String) async throws {
  try await eventually("binding \(endpoint)") {
    do {
      try side.bind(endpoint)
      return true
    } catch let error as ZMQError where error.code == .addressInUse {
      return false
    }
  }
}
