import TestSupport
import Testing
import ZeroMQ

/// Connection events of a socket.
@Suite struct MonitorTests {
  /// Takes events up to and including the first of a kind.
  private func events(of sequence: ZMQMonitorEvents, upTo last: ZMQMonitorEvent.Kind) async throws -> [ZMQMonitorEvent]
  {
    try await within(.seconds(20), "waiting for \(last)") {
      var events: [ZMQMonitorEvent] = []
      for await event in sequence {
        events.append(event)
        if event.kind == last { return events }
      }
      throw NeverHappened("the monitor ended after \(events) without \(last)")
    }
  }

  @Test(arguments: ["tcp://127.0.0.1:*", "ipc://*"])
  func aConnectionFromBeginningToEnd(_ endpoint: String) async throws {
    let server = try ZMQSocket(.router)
    let serverEvents = try server.monitor()
    let real = try server.bind(endpoint)
    let client = try ZMQSocket(.dealer)
    let clientEvents = try client.monitor()
    try client.connect(real)

    let opening = try await events(of: serverEvents, upTo: .handshakeSucceeded)
    #expect(opening.map(\.kind) == [.listening, .accepted, .handshakeSucceeded])
    #expect(opening.allSatisfy { $0.endpoint == real }, "\(opening)")
    #expect(opening[1].descriptor ?? 0 > 0)
    let connecting = try await events(of: clientEvents, upTo: .handshakeSucceeded)
    #expect(connecting.map(\.kind).filter { $0 != .connectDelayed } == [.connected, .handshakeSucceeded])

    client.close()
    let lost = try await events(of: serverEvents, upTo: .disconnected)
    #expect(lost.last?.descriptor == opening[1].descriptor)
    #expect(try await events(of: clientEvents, upTo: .monitorStopped).last?.kind == .monitorStopped)
    server.close()
    let closing = try await events(of: serverEvents, upTo: .monitorStopped)
    #expect(closing.map(\.kind).suffix(2) == [.closed, .monitorStopped])
  }

  @Test func theSequenceEndsWithTheSocket() async throws {
    let socket = try ZMQSocket(.pull)
    let (first, second) = (try socket.monitor(), try socket.monitor())
    let endpoint = try socket.bind("tcp://127.0.0.1:*")
    let reading = [first, second].map { sequence in
      Task {
        var kinds: [ZMQMonitorEvent.Kind] = []
        for await event in sequence { kinds.append(event.kind) }
        return kinds
      }
    }
    socket.close()
    for task in reading {
      let kinds = try await within(.seconds(20)) { await task.value }
      #expect(kinds == [.listening, .closed, .monitorStopped], "\(endpoint)")
    }
    #expect(throws: ZMQError.self) { try socket.monitor() }
  }

  @Test func aRefusedConnectionIsRetriedAndItsIntervalSaid() async throws {
    var options = ZMQSocketOptions()
    options.reconnect.base = .milliseconds(20)
    let port = try freePort()
    let client = try ZMQSocket(.push, options: options)
    let sequence = try client.monitor()
    try client.connect("tcp://127.0.0.1:\(port)")
    let seen = try await events(of: sequence, upTo: .connectRetried)
    #expect(seen.last?.interval ?? .zero >= .milliseconds(20))
    #expect(seen.contains { $0.kind == .closed } || seen.contains { $0.kind == .connectDelayed }, "\(seen)")
    let server = try ZMQSocket(.pull)
    try server.bind("tcp://127.0.0.1:\(port)")
    _ = try await events(of: sequence, upTo: .handshakeSucceeded)
    server.close()
    _ = try await events(of: sequence, upTo: .disconnected)
    _ = try await events(of: sequence, upTo: .connectRetried)
  }

  @Test func aTakenAddressIsReported() async throws {
    let first = try ZMQSocket(.pull)
    let endpoint = try first.bind("tcp://127.0.0.1:*")
    let second = try ZMQSocket(.pull)
    let sequence = try second.monitor()
    #expect(throws: ZMQError.self) { try second.bind(endpoint) }
    let failed = try await events(of: sequence, upTo: .bindFailed)
    #expect(failed.last?.error == .addressInUse)
  }

  @Test func somethingElseThanZeroMQFailsItsHandshake() async throws {
    var options = ZMQSocketOptions()
    options.handshakeTimeout = .milliseconds(100)
    let server = try ZMQSocket(.router, options: options)
    let sequence = try server.monitor()
    let endpoint = try server.bind("tcp://127.0.0.1:*")
    // A greeting of ZMTP 3.0 with a mechanism that does not exist.
    let stranger = try TCPClient(endpoint)
    try stranger.write(
      [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0] + Array("BOGUS".utf8) + [UInt8](repeating: 0, count: 47))
    let refused = try await events(of: sequence, upTo: .handshakeFailedProtocol)
    #expect(refused.last?.protocolError == .mechanismMismatch)
    // Half a greeting.
    let mute = try TCPClient(endpoint)
    try mute.write([0xFF, 0, 0, 0])
    let dropped = try await events(of: sequence, upTo: .handshakeFailedNoDetail)
    #expect(!dropped.contains { $0.kind == .handshakeSucceeded })
    withExtendedLifetime((stranger, mute)) {}
  }

  @Test func aThousandConnectionsAreAllSeen() async throws {
    let server = try ZMQSocket(.pull)
    let sequence = try server.monitor()
    let endpoint = try server.bind("ipc://*")
    for _ in 0..<1_000 {
      let client = try ZMQSocket(.push)
      try client.connect(endpoint)
      try await client.send(["hello"])
    }
    for _ in 0..<1_000 { _ = try await server.receive(timeout: .seconds(30)) }
    let counts = try await within(.seconds(30)) {
      var counts: [ZMQMonitorEvent.Kind: Int] = [:]
      for await event in sequence {
        counts[event.kind, default: 0] += 1
        if counts[.disconnected] == 1_000 { break }
      }
      return counts
    }
    #expect(counts[.accepted] == 1_000)
    #expect(counts[.handshakeSucceeded] == 1_000)
  }

  @Test func theHookRunsOnTheEventLoop() async throws {
    let context = ZMQContext()
    let journal = Journal()
    let handle = try context.open(.pull)
    _ = try SocketMonitor(handle, in: context, reporting: [.handshakeSucceeded, .disconnected]) { event in
      journal.note(event.kind.description)
    }
    let endpoint = try handle.bind("tcp://127.0.0.1:*")
    let threads = context.eventLoop.threadCount
    for number in 1...3 {
      let client = try ZMQSocket(.push, context: context)
      try client.connect(endpoint)
      try await journal.wait(for: "handshakeSucceeded", count: number)
      client.close()
      try await journal.wait(for: "disconnected", count: number)
    }
    #expect(journal.count("listening") == 0)
    #expect(context.eventLoop.threadCount <= max(threads, 3))
    handle.close()
    try await journal.wait(for: "monitorStopped")
  }
}
