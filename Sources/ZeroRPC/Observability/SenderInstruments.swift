#if Tracing
  internal import Tracing
#endif

/// Reports the messages of a pusher or a publisher. There is none when nobody listens.
struct SenderInstruments: Sendable {
  #if Tracing
    private let tracer: CallTracer
  #endif

  init?(_ instrumentation: RPCInstrumentation) {
    #if Tracing
      guard let tracer = CallTracer(instrumentation) else { return nil }
      self.tracer = tracer
    #else
      return nil
    #endif
  }

  /// Notes that a message is made; its options get the headers that carry the trace.
  func made(_ method: String, _ options: inout RPCSendOptions) {
    #if Tracing
      tracer.recordMessage(method, &options.headers)
    #endif
  }
}
