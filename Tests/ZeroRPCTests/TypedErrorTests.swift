import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension Integration {
  /// Errors that a service declares arrive as themselves; others by name and description.
  @Suite struct TypedErrorTests {
    @Test func arriveAsThemselves() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen
        let rest = try await specimen.withdraw(40)
        #expect(rest == 60)
        let error = await #expect(throws: Overdrawn.self) { try await specimen.withdraw(142) }
        #expect(error == Overdrawn(missing: 42, note: "é"))
        await #expect(throws: Account.Locked.frozen) { try await specimen.withdraw(-1) }
      }
    }

    @Test func arriveFromTheMiddleOfAStream() async throws {
      try await withHarness { harness in
        let stream = try await harness.specimen.withdrawals(3)
        var items: [Int] = []
        await #expect(throws: Overdrawn(missing: 3)) {
          for try await item in stream { items.append(item) }
        }
        #expect(items == [0, 1, 2])
        await #expect(throws: Overdrawn(missing: 0)) { try await harness.specimen.withdrawals(0) }
      }
    }

    @Test func undeclaredOnesGiveNameAndDescription() async throws {
      try await withHarness { harness in
        await #expect(throws: RemoteError(name: "Refusal", message: "nothing to withdraw")) {
          try await harness.specimen.withdraw(0)
        }
        try await expectWorks(harness.client)
      }
    }

    @Test func callersThatDeclareNothingGetARemoteError() async throws {
      try await withHarness { harness in
        let error = await #expect(throws: RemoteError.self) {
          let _: Int = try await harness.client.remote.withdraw(142)
        }
        #expect(error?.name == "Overdrawn")
        try await expectWorks(harness.client)
        await #expect(throws: RemoteError(name: "Locked", message: "the account is frozen")) {
          let _: Int = try await harness.client.remote.withdraw(-1)
        }
      }
    }

    @Test func areRegisteredWithoutGeneratedCode() async throws {
      try await withHarness(
        server: { $0.errorTypes = [RPCErrorType(SpecimenService.Refused.self)] },
        client: { $0.errorTypes = [RPCErrorType(Overdrawn.self), RPCErrorType(SpecimenService.Refused.self)] }
      ) { harness in
        try await expectWorks(harness.client)
        await #expect(throws: Overdrawn(missing: 42, note: "é")) {
          let _: Int = try await harness.client.remote.withdraw(142)
        }
        await #expect(throws: SpecimenService.Refused(reason: "why not")) {
          try await harness.specimen.refuse("why not")
        }
      }
    }

    /// Only declared errors are sent in their encoded form, and in a header entry that no other peer looks at.
    @Test func travelBesideTheThreeTexts() async throws {
      try await withHarness { harness in
        let peer = try RawSocket(.dealer, connecting: harness.endpoint)
        defer { peer.close() }
        try peer.send([[], try RawEvent.request("withdraw", [142], id: "a")])
        let declared = try await peer.event()
        #expect(declared.name == "ERR")
        #expect(declared.arguments == ["Overdrawn", "Overdrawn(missing: 42, note: Optional(\"é\"))", nil])
        let bytes = try #require(declared["zrpc_error"]?.dataValue)
        #expect(try MessagePackValue(parsing: bytes) == ["missing": 42, "note": "é"])
        try peer.send([[], try RawEvent.request("withdraw", [0], id: "b")])
        #expect(try await peer.event()["zrpc_error"] == nil)
      }
    }

    /// What cannot be decoded is no reason to lose the error.
    @Test(arguments: [MessagePackValue.binary(.init([0xC1])), .binary(.init([0x80])), "text", nil, [1]])
    func brokenOnesGiveARemoteError(_ encoded: MessagePackValue) async throws {
      let server = try RawSocket(.router, binding: Transport.inproc.endpoint)
      defer { server.close() }
      try await withRPCClient(connectingTo: server.endpoint) { client in
        let call = Task { try await SpecimenClient(client).withdraw(1) }
        let request = try await server.event()
        let id = try #require(request["message_id"])
        let reply = try RawEvent.request(
          "ERR", ["Overdrawn", "text", nil], id: "r", extra: [("response_to", id), ("zrpc_error", encoded)])
        try server.send(request.envelope + [reply])
        await #expect(throws: RemoteError(name: "Overdrawn", message: "text")) { try await call.value }
      }
    }
  }
}
