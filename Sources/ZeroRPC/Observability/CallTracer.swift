#if Tracing
  internal import MessagePack
  internal import Tracing

  /// Starts the spans of a client or a server, and carries their context through headers.
  struct CallTracer: Sendable {
    private let tracer: any Tracer
    /// Also what traces nothing but propagates, such as baggage.
    private let instrument: any Instrument

    /// Finds the tracer; nil when none is bootstrapped.
    init?(_ instrumentation: RPCInstrumentation) {
      let instrument = InstrumentationSystem.instrument
      guard instrumentation.recordsSpans, !(instrument is NoOpInstrument), !(instrument is NoOpTracer) else {
        return nil
      }
      self.instrument = instrument
      tracer = InstrumentationSystem.tracer
    }

    /// Starts the span of a call that is made, and puts its context into the call's headers.
    func startClientSpan(_ method: String, _ options: inout RPCCallOptions, _ endpoints: [String]) -> any Tracing.Span {
      let span: any Tracing.Span = tracer.startSpan(method, ofKind: .client)
      describe(span, method)
      if endpoints.count == 1, let (address, port) = ServerAddress.parse(endpoints[0]) {
        span.attributes["server.address"] = address
        if let port { span.attributes["server.port"] = port }
      }
      inject(span.context, into: &options.headers)
      return span
    }

    /// Starts the span of a call that is answered, or of a message that is handled, inside of the context that its headers
    /// carry.
    func startServerSpan(
      _ method: String, _ headers: [String: MessagePackValue], _ kind: SpanKind
    ) -> any Tracing.Span {
      var context = ServiceContext.topLevel
      if !headers.isEmpty { instrument.extract(headers, into: &context, using: HeaderCarrier()) }
      let span: any Tracing.Span = tracer.startSpan(method, context: context, ofKind: kind)
      describe(span, method)
      return span
    }

    /// Records that a message was made, and puts the context into its headers, of which its receiver's span becomes a child.
    func recordMessage(_ method: String, _ headers: inout [String: MessagePackValue]) {
      let span: any Tracing.Span = tracer.startSpan(method, ofKind: .producer)
      describe(span, method)
      inject(span.context, into: &headers)
      span.end()
    }

    /// Adds what carries a context to headers; what is there already counts.
    private func inject(_ context: ServiceContext, into headers: inout [String: MessagePackValue]) {
      var added: [String: MessagePackValue] = [:]
      instrument.inject(context, into: &added, using: HeaderCarrier())
      if !added.isEmpty { headers = added.merging(headers) { _, own in own } }
    }

    private func describe(_ span: any Tracing.Span, _ method: String) {
      guard span.isRecording else { return }
      span.attributes["rpc.system.name"] = "zerorpc"
      span.attributes["rpc.method"] = method
    }
  }

  extension Tracing.Span {
    /// Ends the span of a call.
    func end(_ error: (any Error)?) {
      if let error {
        attributes["error.type"] = ErrorType.name(of: error)
        setStatus(SpanStatus(code: .error, message: "\(error)"))
        recordError(error)
      }
      end()
    }
  }
#endif
