internal import MessagePack

extension RPCServerCall {
  /// Runs the handler through the interceptors, so that the calls it makes inherit what the request's header says.
  func run(
    _ handler: @Sendable (RPCServerCall) async throws -> Void, through middleware: ServerMiddleware
  ) async throws {
    var headers = headers()
    for propagator in middleware.propagators { headers = propagator.incoming(headers) }
    let scope = CallScope(deadline: min(header.deadline, header.streamDeadline), headers: headers, inside: nil)
    self.scope = scope
    try await CallScope.$current.withValue(scope) {
      guard !middleware.interceptors.isEmpty else { return try await handler(self) }
      holdsAnswer = true
      do {
        let context = RPCServerContext(self, headers: headers)
        try await intercept(0, context, middleware.interceptors, handler)
      } catch {
        dropHeldAnswer()
        throw error
      }
      try await sendHeldAnswer()
    }
  }

  private func intercept(
    _ index: Int, _ context: RPCServerContext, _ interceptors: [any RPCServerInterceptor],
    _ handler: @Sendable (RPCServerCall) async throws -> Void
  ) async throws {
    guard index < interceptors.count else { return try await run(handler, with: context.headers) }
    try await interceptors[index].intercept(context) { context in
      try await intercept(index + 1, context, interceptors, handler)
    }
  }

  private func run(
    _ handler: @Sendable (RPCServerCall) async throws -> Void, with headers: [String: MessagePackValue]
  ) async throws {
    guard headers != scope?.headers else {
      try await handler(self)
      if !hasReplied { try reply() }
      return
    }
    try await CallScope.$current.withValue(CallScope(headers: headers, inside: scope)) {
      try await handler(self)
      if !hasReplied { try reply() }
    }
  }
}
