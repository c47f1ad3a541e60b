#if Metrics
  import Metrics
  import MetricsTestKit
  import TestSupport
  import Testing
  import ZeroRPC

  extension Integration {
    /// What an operator sees of calls in swift-metrics.
    @Suite struct MetricsTests {
      @Test(.timeLimit(.minutes(1))) func durationsByMethodAndError() async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
          try await withHarness { harness in
            for _ in 0..<3 { _ = try await harness.specimen.add(1, 2) }
            await #expect(throws: RemoteError.self) { try await harness.specimen.fail("x") }
            await #expect(throws: RemoteError.self) { try await harness.client.remote.unheardOf() }
            await #expect(throws: RPCError.self) {
              try await harness.specimen.with { $0.timeout = .milliseconds(20) }.wait("late")
            }
            try await eventually("four methods to be recorded") { metrics.count(of: "rpc.server.call.duration") == 6 }
          }
        }
        for role in ["client", "server"] {
          #expect(metrics.count(of: "rpc.\(role).call.duration", "add", "") == 3)
          #expect(metrics.count(of: "rpc.\(role).call.duration", "fail", "Refusal") == 1)
          #expect(try metrics.expectMeter("zerorpc.\(role).calls_in_flight").lastValue == 0)
        }
        // A server cannot know the names that clients make up, nor let them fill its memory.
        #expect(metrics.count(of: "rpc.client.call.duration", "unheardOf", "NameError") == 1)
        #expect(metrics.count(of: "rpc.server.call.duration", "_OTHER", "NameError") == 1)
        #expect(metrics.count(of: "rpc.client.call.duration", "wait", "timeout") == 1)
        #expect(metrics.count(of: "rpc.server.call.duration", "wait", "cancelled") == 1)
        #expect(metrics.timers.allSatisfy { $0.values.allSatisfy { $0 >= 0 } })
      }

      @Test(.timeLimit(.minutes(1))) func streamsCountUntilTheirEnd() async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
          try await withHarness { harness in
            // More than the window of two: the producer has to wait for its consumer.
            let stream = try await harness.specimen.with { $0.streamWindow = 2 }.count(to: 20)
            try await eventually("a stall") { metrics.counterTotal(label: "zerorpc.server.credit_stalls") > 0 }
            #expect(try metrics.expectMeter("zerorpc.client.open_streams").lastValue == 1)
            #expect(try metrics.expectMeter("zerorpc.server.open_streams").lastValue == 1)
            #expect(try metrics.expectMeter("zerorpc.client.calls_in_flight").lastValue == 1)
            #expect(metrics.count(of: "rpc.client.call.duration") == 0)
            #expect(try await collect(stream) == Array(0..<20))
            try await eventually("the server's end") { metrics.count(of: "rpc.server.call.duration", "count", "") == 1 }
            #expect(metrics.count(of: "rpc.client.call.duration", "count", "") == 1)
            // One that is left early is not one that succeeded.
            var endless: RPCStream<Int>? = try await harness.specimen.endless("e")
            #expect(endless != nil)
            endless = nil
            try await eventually("the second end") {
              metrics.count(of: "rpc.client.call.duration", "endless", "cancelled") == 1
                && metrics.count(of: "rpc.server.call.duration", "endless", "cancelled") == 1
            }
          }
        }
        for role in ["client", "server"] {
          #expect(try metrics.expectMeter("zerorpc.\(role).open_streams").lastValue == 0)
          #expect(try metrics.expectMeter("zerorpc.\(role).calls_in_flight").lastValue == 0)
        }
        #expect(try metrics.expectMeter("zerorpc.server.queued_calls").lastValue == 0)
      }

      @Test(.timeLimit(.minutes(1))) func refusedCalls() async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
          try await withHarness { harness in
            async let open: Void = harness.specimen.wait("open")
            try await harness.journal.wait(for: "open started")
            harness.server.beginGracefulShutdown()
            await #expect(throws: RemoteError.self) { try await harness.specimen.add(1, 2) }
            harness.journal.release("open")
            try await open
          }
        }
        #expect(metrics.counterTotal(label: "zerorpc.server.refused_calls") == 1)
        #expect(metrics.counterTotal(label: "zerorpc.client.refused_calls") == 1)
      }

      /// Each side is silent once, so that the other must call it lost.
      @Test(.timeLimit(.minutes(1)), arguments: ["client", "server"]) func lostPeers(_ role: String) async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
          try await withHarness {
            $0.heartbeat = role == "server" ? .milliseconds(100) : nil
          } client: {
            $0.heartbeat = role == "client" ? .milliseconds(100) : nil
          } _: { harness in
            if role == "client" {
              let error = await #expect(throws: RPCError.self) { try await harness.specimen.wait("w") }
              #expect(error?.code == .lostPeer)
            } else {
              let call = Task { try await harness.specimen.wait("w") }
              try await harness.journal.wait(for: "w cancelled")
              call.cancel()
              _ = await call.result
            }
          }
        }
        #expect(metrics.counterTotal(label: "zerorpc.\(role).lost_peers") == 1)
      }

      /// A connection that was cut and comes again, without a call that fails.
      @Test(.timeLimit(.minutes(1))) func reconnects() async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
          let port = try freePort()
          try await withRPCClient(connectingTo: "tcp://127.0.0.1:\(port)") { client in
            for _ in 0..<3 {
              try await withServer(at: "tcp://127.0.0.1:\(port)") { _, _ in
                // What goes into the connection that is just ending is lost.
                var sum: Int?
                while sum == nil { sum = try? await client.remote.with { $0.timeout = .milliseconds(500) }.add(1, 2) }
              }
            }
            try await eventually("two reconnects") { metrics.counterTotal(label: "zerorpc.client.reconnects") == 2 }
          }
        }
      }

      @Test(.timeLimit(.minutes(1))) func receivers() async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
          let ledger = LedgerService()
          try await withPuller(ledger) { _, endpoint in
            let pusher = RPCPusher()
            try pusher.connect(endpoint)
            try await LedgerPusher(pusher).record("one")
            try await LedgerPusher(pusher).record("two")
            try await entries(2, of: ledger)
            try await eventually("both to have ended") {
              (try? metrics.expectMeter("zerorpc.receiver.calls_in_flight").lastValue) == 0
            }
            pusher.close()
          }
        }
        let timer = try metrics.expectTimer(
          "zerorpc.receiver.message.duration",
          [("rpc.system.name", "zerorpc"), ("rpc.method", "record"), ("error.type", "")])
        #expect(timer.values.count == 2)
      }

      @Test(.timeLimit(.minutes(1))) func disabledRecordsNothing() async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
          try await withHarness {
            $0.instrumentation = .disabled
          } client: {
            $0.instrumentation = .disabled
          } _: { harness in
            try await expectWorks(harness.client)
          }
        }
        #expect(metrics.timers.isEmpty && metrics.meters.isEmpty && metrics.counters.isEmpty)
      }

      /// Interceptors see the same calls as without metrics, and both count.
      @Test(.timeLimit(.minutes(1))) func besideInterceptors() async throws {
        struct Twice: RPCClientInterceptor {
          func intercept<Result>(
            _ call: RPCClientContext, next: (RPCClientContext) async throws -> Result
          ) async throws -> Result {
            _ = try await next(call)
            return try await next(call)
          }
        }
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
          try await withHarness(client: { $0.interceptors = [Twice()] }) { harness in
            #expect(try await harness.specimen.add(1, 2) == 3)
            try await eventually("both attempts") { metrics.count(of: "rpc.server.call.duration", "add", "") == 2 }
          }
        }
        #expect(metrics.count(of: "rpc.client.call.duration", "add", "") == 1)
      }
    }
  }

  extension TestMetrics {
    /// How many durations were recorded.
    fileprivate func count(of label: String) -> Int { timers(label: label).reduce(0) { $0 + $1.values.count } }

    /// How many durations were recorded for a method and a kind of error.
    fileprivate func count(of label: String, _ method: String, _ errorType: String) -> Int {
      let dimensions = [("rpc.system.name", "zerorpc"), ("rpc.method", method), ("error.type", errorType)]
      return timers(label: label, dimensions: dimensions).reduce(0) { $0 + $1.values.count }
    }
  }
#endif
