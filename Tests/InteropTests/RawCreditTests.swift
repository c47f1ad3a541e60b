import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension RawInterop {
  /// Credits and heartbeats at the Swift server, under clients that treat them badly (PROTOCOL 1.4, 1.5).
  @Suite(.swift(.server, with: .raw)) struct RawCreditTests {
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

    /// Counts the items that come: those that are expected, and what else comes until the server answers a call made after
    /// them, by when it has done all that it may.
    private func items(_ socket: RawSocket, expecting expected: Int = 0) async throws -> Int {
      var items = 0
      while items < expected {
        #expect(try await socket.event().name == "STREAM")
        items += 1
      }
      try socket.send([[], try RawEvent.request("sleep", [0.05], id: "probe")])
      while true {
        let event = try await socket.event()
        if event["response_to"] == "probe" { return items }
        #expect(event.name == "STREAM")
        items += 1
      }
    }

    @Test(.about(.credit)) func nothingIsSentWithoutCredit() async throws {
      try await withStream { socket, journal, _ in
        row("after the first item, which the initial credit pays", expected: 0, seen: try await items(socket))
        for credit in [1, 2, 100, 7] {
          try socket.send(try more([MessagePackValue(credit)]))
          row("items after a grant of \(credit)", expected: credit, seen: try await items(socket, expecting: credit))
        }
        #expect(journal.count("e written") == 111)
      }
    }

    /// The end of a stream costs a credit as every item does, and an error too.
    @Test(
      .about(.credit),
      arguments: [("count", "STREAM_DONE nil"), ("failing", "ERR [\"Refusal\", \"boom\", nil]")])
    func endsCostCredit(_ method: String, _ end: String) async throws {
      try await withServer({ $0.heartbeat = nil }) { server, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        try socket.send([[], try RawEvent.request(.string(method), [1], id: "s")])
        let first = try await socket.event()
        #expect(first.summary == "STREAM 0")
        let early = try await items(socket)
        try socket.send(try more([1]))
        row(
          "\(end.prefix { $0 != " " }) costs a credit", expected: "nothing without credit, then \(end)",
          seen: "\(early == 0 ? "nothing" : "\(early) events") without credit, then \(try await socket.event().summary)"
        )
        try await expectNothingOpen(server)
      }
    }

    /// An end without any item is paid by the initial credit.
    @Test(.about(.credit)) func endsOfEmptyStreamsArePaid() async throws {
      try await withServer({ $0.heartbeat = nil }) { _, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        var seen: [String] = []
        for (method, argument) in [("count", 0), ("failing", 0)] as [(String, Int)] {
          try socket.send([[], try RawEvent.request(.string(method), [MessagePackValue(argument)], id: "s")])
          seen.append(try await socket.event().shortName)
        }
        row("streams without items end by the initial credit", expected: ["STREAM_DONE", "ERR"], seen: seen)
      }
    }

    @Test(
      .about(.credit),
      arguments: [
        [0], [-1], [.int(.min)], 5, nil, [], "5", ["5"], [nil], [[5]], .map(["n": 5]), [1, 2], true, [true],
      ] as [MessagePackValue])
    func malformedGrantsGrantNothing(_ arguments: MessagePackValue) async throws {
      try await withStream { socket, _, _ in
        try socket.send(try more(arguments))
        let none = try await items(socket)
        try socket.send(try more([3]))
        let later = try await items(socket, expecting: 3)
        row(
          "_zpc_more \(arguments)", expected: "grants 0; [3] still grants 3",
          seen: "grants \(none); [3] still grants \(later)"
        )
      }
    }

    @Test(.about(.credit)) func duplicateGrantsAddUp() async throws {
      try await withStream { socket, _, _ in
        for _ in 0..<3 { try socket.send(try more([5])) }
        row("three grants of 5 add up", expected: 15, seen: try await items(socket, expecting: 15))
      }
    }

    /// A peer that grants without limit and reads nothing must not make the server buffer without limit.
    @Test(.about(.credit), arguments: [.int(.max), .uint(.max), .int(1 << 40), .double(1e300)] as [MessagePackValue])
    func hugeGrantOfAPeerThatReadsNothing(_ grant: MessagePackValue) async throws {
      try await withStream(transport: { $0.sendHighWaterMark = 10 }) { socket, journal, server in
        try socket.send(try more([grant]))
        if case .double = grant {
          // No integer: it grants nothing.
          row("_zpc_more [\(grant)]", expected: 0, seen: try await items(socket))
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
        row(
          "a grant of \(grant) of a peer that reads nothing",
          expected: "the producer is held back, fewer than 5000 events queued",
          seen: "the producer is held back, \(server.queuedEvents) events queued", if: server.queuedEvents < 5_000)
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
    @Test(.about(.credit)) func grantOnACallForAValue() async throws {
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
        row("grants and stray events on a call for a value", expected: "OK [nil]", seen: reply.summary)
        // Trailing events of a channel that has ended are ignored.
        try socket.send(try more([51]))
        try socket.send([[], try RawEvent.request("add", [1, 2], id: "t")])
        let last = try await socket.event()
        row(
          "a trailing _zpc_more after the end: ignored", expected: "\"t\" OK [3]",
          seen: "\(last["response_to"] ?? nil) \(last.summary)", area: .channels)
      }
    }

    // MARK: Heartbeats

    /// A peer that sends no heartbeat is lost at the third interval, however much else it sends; the handler's task is
    /// cancelled and its `defer` runs.
    @Test(.about(.heartbeats)) func muteClientIsLost() async throws {
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
        // Two to four intervals, with room for a busy machine upwards.
        row(
          "a client that sends no heartbeat but other events is lost", expected: "after 2 to 4 intervals",
          seen: "after \(intervals(elapsed, of: .milliseconds(300)))",
          if: elapsed > .milliseconds(600) && elapsed < .milliseconds(2_400))
        row(
          "the handler of a lost client", expected: "1 cancelled, 1 defer run, 0 open",
          seen:
            "\(journal.count("w cancelled")) cancelled, \(journal.count("w ended")) defer run, \(server.openCalls) open"
        )
        var heartbeats = 0
        while let message = socket.receiveNow() {
          let event = try RawEvent(frames: message)
          #expect(event.name == "_zpc_hb" && event.arguments == [0] && event["response_to"] == "s")
          heartbeats += 1
        }
        row("heartbeats [0] sent until a mute client is lost", expected: 2, seen: heartbeats)
      }
    }

    @Test(.about(.heartbeats)) func heartbeatsComeAtTheirInterval() async throws {
      let journal = Journal()
      let interval = Duration.milliseconds(500)
      try await withServer(journal: journal, { $0.heartbeat = interval }) { _, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        let clock = ContinuousClock()
        let start = clock.now
        try socket.send([[], try RawEvent.request("wait", ["w"], id: "s")])
        var first: Duration?
        for number in 0..<15 {
          let event = try await socket.event()
          #expect(event.summary == "_zpc_hb [0]")
          first = first ?? clock.now - start
          // What we answer with may be anything that some implementation sends.
          try socket.send([[], try RawEvent.reply("_zpc_hb", [[0], nil, []][number % 3], to: "s")])
        }
        let mean = (clock.now - start) / 15
        row(
          "the first heartbeat comes after a whole interval", expected: "after 1 interval or more",
          seen: "after \(intervals(first ?? .zero, of: interval))", if: first ?? .zero >= interval * 0.98)
        row(
          "15 heartbeats at their interval", expected: "one every 1 to 1.5 intervals",
          seen: "one every \(intervals(mean, of: interval))",
          if: mean >= interval * 0.98 && mean < interval * 1.5)
        journal.release("w")
        let reply = try await socket.event(skipping: ["_zpc_hb"])
        row("heartbeats [0], nil and [] keep a call alive", expected: "OK [nil]", seen: reply.summary)
      }
    }

    /// Version 1 peers may know no heartbeats: none is sent to them, and they are not judged, until they send one.
    @Test(.about(.heartbeats)) func version1ClientIsNotJudged() async throws {
      let journal = Journal()
      try await withServer(journal: journal, { $0.heartbeat = .milliseconds(100) }) { _, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        try socket.send([[], try RawEvent.request("sleep", [0.8], id: "s", version: nil)])
        row(
          "a silent version 1 client, 8 intervals long: no heartbeat, not lost", expected: "OK [nil]",
          seen: try await socket.event().summary)
        // From its first heartbeat on it gets some, and is judged.
        try socket.send([[], try RawEvent.request("wait", ["w"], id: "t", version: 1)])
        try await journal.wait(for: "w started")
        try socket.send([[], try RawEvent.reply("_zpc_hb", [0], to: "t", version: 1)])
        let heartbeat = try await socket.event()
        try await journal.wait(for: "w ended")
        row(
          "a version 1 client after its first heartbeat", expected: "_zpc_hb [0]; 1 cancelled as lost",
          seen: "\(heartbeat.summary); \(journal.count("w cancelled")) cancelled as lost")
      }
    }

    /// A stream that waits for credit goes on sending heartbeats.
    @Test(.about(.heartbeats)) func heartbeatsCostNoCredit() async throws {
      try await withStream(heartbeat: .milliseconds(200)) { socket, _, _ in
        var seen: [String] = []
        for _ in 0..<3 {
          seen.append(try await socket.event().summary)
          try socket.send([[], try RawEvent.reply("_zpc_hb", [0], to: "s")])
        }
        row(
          "heartbeats while a stream has no credit", expected: Array(repeating: "_zpc_hb [0]", count: 3), seen: seen,
          area: .credit)
      }
    }

    @Test(.about(.heartbeats)) func quickAnswersHaveNoHeartbeats() async throws {
      try await withServer({ $0.heartbeat = .milliseconds(500) }) { _, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        var seen: Set<String> = []
        for number in 0..<100 {
          try socket.send([[], try RawEvent.request("add", [1, 2], id: MessagePackValue(number))])
          seen.insert(try await socket.event().summary)
        }
        try await Task.sleep(for: .milliseconds(600))
        while let message = socket.receiveNow() { seen.insert(try RawEvent(frames: message).summary) }
        row("100 quick calls, then more than an interval", expected: ["OK [3]"], seen: seen)
      }
    }

    @Test(.about(.heartbeats)) func withoutHeartbeatNobodyIsLost() async throws {
      try await withServer({ $0.heartbeat = nil }) { _, endpoint in
        let socket = try RawSocket(.dealer, connecting: endpoint)
        defer { socket.close() }
        try socket.send([[], try RawEvent.request("sleep", [0.5], id: "s")])
        row(
          "heartbeats off: none is sent, nobody is lost", expected: "OK [nil]", seen: try await socket.event().summary)
      }
      row(
        "heartbeats by default", expected: "every 5.0 seconds, both sides",
        seen: RPCServerConfiguration().heartbeat == RPCClientConfiguration().heartbeat
          ? "every \(RPCServerConfiguration().heartbeat ?? .zero), both sides" : "different", role: .both)
    }

    /// A client that has vanished altogether costs nothing once it is lost.
    @Test(.about(.heartbeats)) func clientThatVanishes() async throws {
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
        row(
          "a client vanishes with 50 streams open", expected: "50 ended, nothing left",
          seen: "\(journal.count("e ended")) ended, \(server.openResources.isZero ? "nothing" : "something") left")
      }
    }
  }
}

extension RawEvent {
  /// The name.
  var shortName: String { name.stringValue ?? "\(name)" }
}

/// A duration as a number of intervals.
func intervals(_ duration: Duration, of interval: Duration) -> String {
  "\((duration / interval * 10).rounded() / 10) intervals"
}
