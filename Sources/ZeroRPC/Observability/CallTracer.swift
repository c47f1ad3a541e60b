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
      var headers: [String: MessagePackValue] = [:]
      instrument.inject(span.context, into: &headers, using: HeaderCarrier())
      // What the caller has set for this call counts.
      if !headers.isEmpty { options.headers = headers.merging(options.headers) { _, own in own } }
      return span
    }

    /// Starts the span of a call that is answered, inside of the context that its headers carry.
    func startServerSpan(_ method: String, _ headers: [String: MessagePackValue]) -> any Tracing.Span {
      var context = ServiceContext.topLevel
      if !headers.isEmpty { instrument.extract(headers, into: &context, using: HeaderCarrier()) }
      let span: any Tracing.Span = tracer.startSpan(method, context: context, ofKind: .server)
      describe(span, method)
      return span
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
