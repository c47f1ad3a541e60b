#if Tracing
  import InMemoryTracing
  import TestSupport
  import Testing
  import Tracing
  import ZeroRPC

  extension PythonInterop {
    /// Traces that cross languages.
    @Suite(.swift(.both, with: .python), .about(.middleware)) struct PythonTracingTests {
      /// Python's side of a trace: it continues the context that a call came with.
      static let middleware = """
        class Tracing(object):
            def __init__(self):
                self.traceparent = None
            def load_task_context(self, header):
                self.traceparent = header.get('traceparent')
            def get_task_context(self):
                if not self.traceparent:
                    return {}
                version, trace, span, flags = self.traceparent.split('-')
                return {'traceparent': '-'.join((version, trace, 'b7ad6b7169203331', flags))}
        tracing = Tracing()
        context = zerorpc.Context()
        context.register_middleware(tracing)
        """

      /// Swift calls Python, which calls Swift: one trace, and Python's span is the parent of what it caused.
      @Test(.timeLimit(.minutes(1))) func oneTraceThroughPython() async throws {
        let tracer = W3CTracer()
        try await withTracer(tracer) {
          try await withServer { _, endpoint in
            let python = try PythonPeer()
            defer { python.kill() }
            try await python.run(Self.middleware)
            try await python.run("c = connect('\(endpoint)', context=context)\nservice.through = lambda: c.add(1, 2)")
            let pythonEndpoint = try await python.string("serve(context=context)")
            try await withRPCClient(connectingTo: pythonEndpoint) { client in
              let sum: Int = try await client.remote.through()
              #expect(sum == 3)
            }
            try await eventually("both spans") { tracer.memory.finishedSpans.count == 2 }
            #expect(python.errors.isEmpty)
          }
        }
        let spans = tracer.memory.finishedSpans
        let call = try #require(spans.first { $0.kind == .client })
        let answer = try #require(spans.first { $0.kind == .server })
        row("a trace through Python and back to Swift is one", expected: call.traceID, seen: answer.traceID)
        #expect(call.operationName == "through" && answer.operationName == "add")
        #expect(answer.parentSpanID == "b7ad6b7169203331")
      }

      /// Python without any middleware takes no notice.
      @Test(.timeLimit(.minutes(1))) func pythonIgnoresTheContext() async throws {
        let python = try PythonPeer()
        defer { python.kill() }
        let endpoint = try await python.string("serve()")
        try await withTracer(W3CTracer()) {
          try await withRPCClient(connectingTo: endpoint) { client in
            let sum: Int = try await client.remote.add(1, 2)
            row("a call with a trace to a Python without middleware", expected: 3, seen: sum)
          }
        }
        #expect(python.errors.isEmpty)
      }
    }
  }
#endif
