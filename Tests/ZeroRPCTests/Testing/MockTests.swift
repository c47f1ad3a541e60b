import TestSupport
import Testing
import ZeroRPC

extension Machines {
  /// Generated mocks: what a test says answers, and what was called is known.
  @Suite struct MockTests {
    @Test func closuresAnswerAndCallsAreRecorded() async throws {
      let mock = LedgerMock()
      mock.on.count { 7 }
      mock.on.add { number, column in if column.isEmpty { throw RemoteError(name: "ValueError", message: "\(number)") }
      }
      let ledger: any Ledger = mock
      #expect(try await ledger.count() == 7)
      try await ledger.add(number: 1, to: "a")
      await #expect(throws: RemoteError(name: "ValueError", message: "2")) { try await ledger.add(number: 2, to: "") }
      #expect(mock.on.count.calls.count == 1)
      #expect(mock.on.add.calls.map(\.number) == [1, 2])
      #expect(mock.on.add.calls.map(\.column) == ["a", ""])
      mock.on.add.forgetCalls()
      #expect(mock.on.add.calls.isEmpty)
      mock.on.count { 8 }
      #expect(try await ledger.count() == 8)
    }

    @Test func streams() async throws {
      let mock = LedgerMock()
      mock.on.numbers { limit in RPCStream(contentsOf: 0..<limit) }
      #expect(try await collect(mock.numbers(to: 3)) == [0, 1, 2])
    }

    /// A forgotten closure is an error that names the method, and the call is recorded.
    @Test func methodsThatNothingAnswers() async throws {
      let mock = LedgerMock()
      let error = await #expect(throws: RPCError.self) { try await mock.tick() }
      #expect(error?.code == .notMocked)
      #expect(error?.message.contains("LedgerMock.tick") == true)
      #expect(mock.on.tick.calls.count == 1)
    }
  }
}

extension Integration {
  /// A mock is a service like any other: a server can offer it.
  @Suite struct ServedMockTests {
    @Test(.timeLimit(.minutes(1))) func behindAServer() async throws {
      let mock = LedgerMock()
      mock.on.count { 42 }
      try await withServer(at: Transport.inproc.endpoint, services: [mock]) { _, endpoint in
        try await withRPCClient(connectingTo: endpoint) { client in
          let count = try await LedgerClient(client).count()
          #expect(count == 42)
        }
      }
      #expect(mock.on.count.calls.count == 1)
    }
  }
}
