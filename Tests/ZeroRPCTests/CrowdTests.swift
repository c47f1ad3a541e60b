import TestSupport
import Testing
import ZeroRPC

extension Integration {
  /// Many callers on all threads at once, so that they meet the leader while it receives.
  @Suite struct CrowdTests {
    private struct Outcome {
      var answered = 0
      var cancelled = 0
      var closed = 0
    }

    private func call(_ specimen: SpecimenClient, as caller: Int, times: Int) async throws -> Outcome {
      var outcome = Outcome()
      for number in 0..<times {
        let call = Task { try await specimen.add(caller, number) }
        if (caller + number) % 7 == 0 { call.cancel() }
        do {
          let sum = try await call.value
          #expect(sum == caller + number)
          outcome.answered += 1
        } catch is CancellationError {
          outcome.cancelled += 1
        } catch let error as RPCError where error.code == .closed {
          outcome.closed += 1
        }
      }
      return outcome
    }

    /// More calls than fit into the queues: what has to wait for room goes on its way, and so does what comes in meanwhile.
    @Test(.timeLimit(.minutes(1))) func moreCallsThanTheQueuesHold() async throws {
      func small(_ options: inout RPCTransportOptions) {
        options.sendHighWaterMark = 4
        options.receiveHighWaterMark = 4
      }
      try await withHarness(server: { small(&$0.transport) }, client: { small(&$0.transport) }) { harness in
        let specimen = harness.specimen
        let answered = try await withThrowingTaskGroup(of: Int.self) { group in
          for caller in 0..<200 {
            group.addTask { try await self.call(specimen, as: caller * 7 + 1, times: 6).answered }
          }
          return try await group.reduce(0, +)
        }
        #expect(answered > 200 * 4)
      }
    }

    /// Every call ends once: by its own answer, or because its caller left, or because the client was closed. None is forgotten.
    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func everyCallEndsOnce(closing: Bool) async throws {
      try await withHarness { harness in
        let client = try RPCClient(connectingTo: harness.endpoint)
        defer { client.close() }
        let specimen = SpecimenClient(client)
        let (callers, calls) = (48, 400)
        var outcome = Outcome()
        try await withThrowingTaskGroup(of: Outcome.self) { group in
          for caller in 0..<callers {
            group.addTask { try await self.call(specimen, as: caller, times: calls) }
          }
          if closing {
            group.addTask {
              for _ in 0..<(calls / 4) { _ = try? await specimen.add(1, 1) }
              client.close()
              return Outcome()
            }
          }
          for try await part in group {
            outcome.answered += part.answered
            outcome.cancelled += part.cancelled
            outcome.closed += part.closed
          }
        }
        #expect(outcome.answered + outcome.cancelled + outcome.closed == callers * calls)
        #expect(outcome.answered > 0 && outcome.cancelled > 0)
        #expect((outcome.closed > 0) == closing)
        #expect(client.openCalls == 0)
        #expect(client.queuedEvents == 0)
      }
    }
  }
}
