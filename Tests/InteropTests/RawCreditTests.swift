import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension RawInterop {
  /// Credits and heartbeats at the Swift server, under clients that treat them badly (PROTOCOL 1.4, 1.5).
  @Suite struct RawCreditTests {
    /// Opens the endless stream with the id `s`.
    private func withStream(
      heartbeat: Duration? = nil, transport: (inout RPCTransportOptions) -> Void = { _ in },
      _ body: (RawSocket, Journal, RPCServer) async throws -> Void
    ) async throws {
      let journal = Journal()
      var options = RPCTransportOptions()
      transport(&options)
      try await withServer(
        journal: journal,
        { configuration in
          configuration.heartbeat = heartbeat
          configuration.transport = options
        },
        body: { server, endpoint in
          let socket = try RawSocket(.dealer, connecting: endpoint)
          defer { socket.close() }
          try socket.send([[], try RawEvent.request("endless", ["e"], id: "s")])
          let first = try await socket.event()
          #expect(first.name == "STREAM" && first.arguments == 0)
          try await body(socket, journal, server)
          // A cancellation, as Swift peers send it, ends what is left.
          try socket.send([
            [], try RawEvent.request("_zpc_hb", [0], id: "x", extra: [("zrpc_cancel", true), ("response_to", "s")]),
          ])
          try await journal.wait(for: "e ended")
        })
    }

    private func more(_ arguments: MessagePackValue) throws -> [[UInt8]] {
      [[], try RawEvent.reply("_zpc_more", arguments, to: "s")]
    }

    /// Counts the items that come until the server answers a call made now, by when it has done all that it may.
    private func itemsUntilNow(_ socket: RawSocket) async throws -> Int {
      try socket.send([[], try RawEvent.request("sleep", [0.05], id: "probe")])
      var items = 0
      while true {
        let event = try await socket.event()
        if event["response_to"] == "probe" { return items }
        #expect(event.name == "STREAM")
        items += 1
      }
    }

    @Test func nothingIsSentWithoutCredit() async throws {
      try await withStream { socket, journal, _ in
        var items = try await itemsUntilNow(socket)
        #expect(items == 0)
        for credit in [1, 2, 100, 7] {
          try socket.send(try more([MessagePackValue(credit)]))
          items = try await itemsUntilNow(socket)
          #expect(items == credit)
        }
        #expect(journal.count("e written") == 111)
      }
    }

    @Test(
      arguments: [
        [0], [-1], [.int(.min)], 5, nil, [], "5", ["5"], [nil], [[5]], .map(["n": 5]), [1, 2], true, [true],
      ] as [MessagePackValue])
    func malformedGrantsGrantNothing(_ arguments: MessagePackValue) async throws {
      try await withStream { socket, _, _ in
        try socket.send(try more(arguments))
        var items = try await itemsUntilNow(socket)
        #expect(items == 0)
        try socket.send(try more([3]))
        items = try await itemsUntilNow(socket)
        #expect(items == 3)
      }
    }

    @Test func duplicateGrantsAddUp() async throws {
      try await withStream { socket, _, _ in
        for _ in 0..<3 { try socket.send(try more([5])) }
        let items = try await itemsUntilNow(socket)
        #expect(items == 15)
      }
    }

    /// A peer that grants without limit and reads nothing must not make the server buffer without limit.
    @Test(arguments: [.int(.max), .uint(.max), .int(1 << 40), .double(1e300)] as [MessagePackValue])
    func hugeGrantOfAPeerThatReadsNothing(_ grant: MessagePackValue) async throws {
      try await withStream(transport: { $0.sendHighWaterMark = 10 }) { socket, journal, server in
        try socket.send(try more([grant]))
        if case .double = grant {
          // No integer: it grants nothing.
          let items = try await itemsUntilNow(socket)
          #expect(items == 0)
          return
        }
        // It goes on until the pipe is full, and no further.
        try await journal.wait(for: "e written", count: 500)
        var (count, unchanged) = (0, 0)
        try await eventually("the producer to be held back", within: .seconds(30)) {
          try await Task.sleep(for: .milliseconds(100))
          let now = journal.count("e written")
          unchanged = now == count ? unchanged + 1 : 0
          count = now
          return unchanged == 5
        }
        #expect(server.queuedEvents < 5_000)
        // Nobody else suffers, and when it reads, it gets everything in order.
        for number in 1...2_000 {
          let event = try await socket.event()
          guard event.arguments == MessagePackValue(number) else {
            Issue.record("item \(event.arguments) instead of \(number)")
            return
          }
        }
      }
    }

    /// The credit that a reply costs is there from the start; a grant in between does not disturb it.
    @Test func grantOnACallForAValue() async throws {
      let journal = Journal()
      try await withServer(journal: journal, { $0.heartbeat = nil }) { _, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        try socket.send([[], try RawEvent.request("wait", ["w"], id: "s")])
        try await journal.wait(for: "w started")
        for arguments in [[100], 3, nil] as [MessagePackValue] { try socket.send(try more(arguments)) }
        for name in ["OK", "STREAM", "STREAM_DONE", "ERR", "bogus"] {
          try socket.send([[], try RawEvent.reply(.string(name), [1], to: "s")])
        }
        journal.release("w")
        let reply = try await socket.event()
        #expect(reply.name == "OK" && reply.arguments == [nil])
        // Trailing events of a channel that has ended are ignored.
        try socket.send(try more([51]))
        try socket.send([[], try RawEvent.request("add", [1, 2], id: "t")])
        let last = try await socket.event()
        #expect(last["response_to"] == "t")
      }
    }

    // MARK: Heartbeats

    /// A peer that sends no heartbeat is lost at the third interval, however much else it sends; the handler's task is
    /// cancelled and its `defer` runs.
    @Test func muteClientIsLost() async throws {
      let journal = Journal()
      try await withServer(journal: journal, { $0.heartbeat = .milliseconds(300) }) { server, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        let clock = ContinuousClock()
        let start = clock.now
        try socket.send([[], try RawEvent.request("wait", ["w"], id: "s")])
        try await journal.wait(for: "w started")
        while journal.count("w ended") == 0, clock.now - start < .seconds(10) {
          try socket.send(try more([1]))
          try await Task.sleep(for: .milliseconds(20))
        }
        let elapsed = clock.now - start
        #expect(journal.count("w cancelled") == 1)
        // Two to four intervals, with room for a busy machine upwards.
        #expect(elapsed > .milliseconds(600) && elapsed < .milliseconds(2_400), "lost after \(elapsed)")
        #expect(server.openCalls == 0)
        var heartbeats = 0
        while let message = socket.receiveNow() {
          let event = try RawEvent(frames: message)
          #expect(event.name == "_zpc_hb" && event.arguments == [0] && event["response_to"] == "s")
          heartbeats += 1
        }
        #expect(heartbeats == 2)
      }
    }

    @Test func heartbeatsComeAtTheirInterval() async throws {
      let journal = Journal()
      try await withServer(journal: journal, { $0.heartbeat = .milliseconds(200) }) { _, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        let clock = ContinuousClock()
        let start = clock.now
        try socket.send([[], try RawEvent.request("wait", ["w"], id: "s")])
        for _ in 0..<15 {
          let event = try await socket.event()
          #expect(event.name == "_zpc_hb")
          // What we answer with may be anything that some implementation sends.
          try socket.send([[], try RawEvent.reply("_zpc_hb", [[0], nil, []].randomElement() ?? nil, to: "s")])
        }
        let mean = (clock.now - start) / 15
        #expect(mean >= .milliseconds(195) && mean < .milliseconds(300), "one every \(mean)")
        journal.release("w")
        let reply = try await socket.event(skipping: ["_zpc_hb"])
        #expect(reply.name == "OK")
      }
    }

    /// Version 1 peers may know no heartbeats: none is sent to them, and they are not judged, until they send one.
    @Test func version1ClientIsNotJudged() async throws {
      let journal = Journal()
      try await withServer(journal: journal, { $0.heartbeat = .milliseconds(100) }) { _, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        try socket.send([[], try RawEvent.request("sleep", [0.8], id: "s", version: nil)])
        let reply = try await socket.event()
        #expect(reply.name == "OK")
      }
    }

    @Test func withoutHeartbeatNobodyIsLost() async throws {
      try await withServer({ $0.heartbeat = nil }) { _, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        try socket.send([[], try RawEvent.request("sleep", [0.5], id: "s")])
        let reply = try await socket.event()
        #expect(reply.name == "OK")
      }
    }

    /// A client that has vanished altogether costs nothing once it is lost.
    @Test func clientThatVanishes() async throws {
      let journal = Journal()
      try await withServer(journal: journal, { $0.heartbeat = .milliseconds(100) }) { server, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        for number in 0..<50 {
          try socket.send([[], try RawEvent.request("endless", ["e"], id: MessagePackValue(number))])
          try socket.send([[], try RawEvent.reply("_zpc_more", [100], to: MessagePackValue(number))])
        }
        try await journal.wait(for: "e started", count: 50)
        socket.close()
        try await journal.wait(for: "e ended", count: 50)
        try await expectNothingOpen(server)
        #expect(server.queuedEvents == 0)
      }
    }
  }
}
