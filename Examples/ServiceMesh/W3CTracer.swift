#if Tracing
  import InMemoryTracing
  import Tracing

  /// Keeps spans in memory, and hands contexts on as W3C says (https://www.w3.org/TR/trace-context). A program in production
  /// bootstraps the tracer of its OpenTelemetry library instead.
  struct W3CTracer: Tracer {
    let memory = InMemoryTracer(
      idGenerator: InMemoryTracer.IDGenerator(
        nextTraceID: { W3CTracer.digits(32) }, nextSpanID: { W3CTracer.digits(16) }))

    private static func digits(_ count: Int) -> String {
      (0..<count).map { _ in String(Int.random(in: 1..<16), radix: 16) }.joined()
    }

    func startSpan<Instant: TracerInstant>(
      _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
      at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> InMemorySpan {
      memory.startSpan(
        operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID, line: line)
    }

    func forceFlush() { memory.forceFlush() }

    func inject<Carrier, Inject: Injector>(
      _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
      guard let span = context.inMemorySpanContext else { return }
      injector.inject("00-\(span.traceID)-\(span.spanID)-01", forKey: "traceparent", into: &carrier)
    }

    func extract<Carrier, Extract: Extractor>(
      _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
      guard let parts = extractor.extract(key: "traceparent", from: carrier)?.split(separator: "-"), parts.count == 4
      else { return }
      context.inMemorySpanContext = InMemorySpanContext(
        traceID: String(parts[1]), spanID: String(parts[2]), parentSpanID: nil)
    }
  }
#endif
