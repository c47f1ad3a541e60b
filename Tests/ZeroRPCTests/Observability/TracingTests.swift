#if Tracing
  import InMemoryTracing
  import TestSupport
  import Testing
  import Tracing
  import ZeroRPC

  extension Integration {
    /// Spans of clients and servers, and the context that travels between them.
    @Suite struct TracingTests {
      /// The caller's span, the client's, the server's, and the same again one server further: one trace, each the parent of
      /// the next.
      @Test(.timeLimit(.minutes(1))) func oneTraceAcrossTwoServers() async throws {
        let tracer = W3CTracer()
        try await withTracer(tracer) {
          try await withServer(services: [RelayService(RPCClient())]) { _, inner in
            try await withRPCClient(connectingTo: inner) { innerClient in
              try await withServer(services: [RelayService(innerClient)]) { _, outer in
                try await withRPCClient(connectingTo: outer) { client in
                  let headers = try await withSpan("caller") { _ in try await RelayClient(client).nested() }
                  #expect(headers["traceparent"]?.stringValue?.hasPrefix("00-") == true)
                  #expect(headers["tracestate"] == "vendor=1")
                  try await eventually("all spans") { tracer.memory.finishedSpans.count == 5 }
                }
              }
            }
          }
        }
        let spans = tracer.memory.finishedSpans
        #expect(Set(spans.map(\.traceID)).count == 1)
        var chain: [String] = []
        var parent: String?
        while let span = spans.first(where: { $0.parentSpanID == parent }) {
          chain.append("\(span.operationName) \(span.kind)")
          parent = span.spanID
        }
        #expect(
          chain == [
            "caller internal", "nested client", "nested server", "context client", "context server",
          ])
        let call = try #require(spans.first { $0.kind == .client })
        #expect(call.attributes["rpc.system.name"]?.toSpanAttribute() == "zerorpc")
        #expect(call.attributes["rpc.method"]?.toSpanAttribute() == "context")
        #expect(call.attributes["server.address"]?.toSpanAttribute() == "127.0.0.1")
        #expect(call.attributes["server.port"] != nil)
        #expect(spans.allSatisfy { $0.status == nil && $0.errors.isEmpty })
      }

      /// The sender's span, the message's, and the handler's: one trace.
      @Test(.timeLimit(.minutes(1))) func aMessageCarriesItsTrace() async throws {
        let tracer = W3CTracer()
        try await withTracer(tracer) {
          let ledger = LedgerService()
          try await withPuller(ledger) { _, endpoint in
            let pusher = RPCPusher()
            try pusher.connect(endpoint)
            try await withSpan("sender") { _ in try await LedgerPusher(pusher).record("one") }
            try await eventually("three spans") { tracer.memory.finishedSpans.count == 3 }
            pusher.close()
          }
        }
        let spans = tracer.memory.finishedSpans
        let producer = try #require(spans.first { $0.kind == .producer })
        let consumer = try #require(spans.first { $0.kind == .consumer })
        #expect(Set(spans.map(\.traceID)).count == 1)
        #expect(consumer.parentSpanID == producer.spanID)
        #expect(producer.operationName == "record" && consumer.operationName == "record")
      }

      @Test(.timeLimit(.minutes(1))) func failuresAreMarked() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
          try await withHarness { harness in
            await #expect(throws: RemoteError.self) { try await harness.specimen.fail("x") }
            try await eventually("both spans") { tracer.finishedSpans.count == 2 }
          }
        }
        for span in tracer.finishedSpans {
          #expect(span.status?.code == .error)
          #expect(span.attributes["error.type"]?.toSpanAttribute() == "Refusal")
          #expect(span.errors.count == 1)
        }
      }

      /// The span of a stream ends when the stream does, and not before.
      @Test(.timeLimit(.minutes(1))) func streams() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
          try await withHarness { harness in
            let stream = try await harness.specimen.with { $0.streamWindow = 2 }.count(to: 50)
            #expect(tracer.finishedSpans.isEmpty)
            #expect(tracer.activeSpans.count == 2)
            #expect(try await collect(stream).count == 50)
            try await eventually("both spans") { tracer.finishedSpans.count == 2 }
          }
        }
        #expect(tracer.activeSpans.isEmpty)
      }

      /// A server in the middle that traces nothing does not break the trace.
      @Test(.timeLimit(.minutes(1))) func passesThroughAServerWithoutTracer() async throws {
        let tracer = W3CTracer()
        try await withServer(services: [RelayService(RPCClient())]) { _, inner in
          try await withRPCClient(connectingTo: inner) { innerClient in
            try await withServer(services: [RelayService(innerClient)]) { _, outer in
              try await withTracer(tracer) {
                try await withRPCClient(connectingTo: outer) { client in
                  let headers = try await RelayClient(client).nested()
                  let span = try #require(tracer.memory.finishedSpans.first)
                  #expect(headers["traceparent"] == .string("00-\(span.traceID)-\(span.spanID)-01"))
                }
              }
            }
          }
        }
      }

      /// What the caller sets for a call counts more than the tracer's.
      @Test(.timeLimit(.minutes(1))) func ownHeadersCount() async throws {
        try await withServer(services: [RelayService(RPCClient())]) { _, endpoint in
          try await withTracer(W3CTracer()) {
            try await withRPCClient(connectingTo: endpoint) { client in
              let headers = try await RelayClient(client).with { $0.headers = ["traceparent": "mine"] }.context()
              #expect(headers["traceparent"] == "mine")
            }
          }
        }
      }
    }
  }
#endif
