internal import Logging
internal import MessagePack

extension RPCServerCall {
  /// Runs the handler through the interceptors, so that the calls it makes inherit what the request's header says.
  func run(
    _ handler: @Sendable (RPCServerCall) async throws -> Void, through middleware: ServerMiddleware
  ) async throws {
    let headers = taskContext(middleware.propagators)
    let scope = CallScope(
      deadline: min(header.deadline, header.streamDeadline), headers: headers, user: user, inside: nil)
    self.scope = scope
    try await CallScope.$current.withValue(scope) {
      guard !middleware.interceptors.isEmpty else { return try await run(handler, with: headers) }
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
    guard headers != scope?.headers else { return try await run(handler) }
    try await CallScope.$current.withValue(CallScope(headers: headers, inside: scope)) { try await run(handler) }
  }

  private func run(_ handler: @Sendable (RPCServerCall) async throws -> Void) async throws {
    do {
      try await handler(self)
      if !hasReplied { try reply() }
    } catch {
      // Outside of the interceptors, what they set for the task is gone.
      failureHeaders = replyHeaders()
      throw error
    }
  }

  /// The header entries that the handler shall have.
  private func taskContext(_ propagators: [any RPCContextPropagator]) -> [String: MessagePackValue] {
    propagators.reduce(headers()) { headers, propagator in propagator.incoming(headers) }
  }

  /// What is added to the reply of a call that no handler runs: that of a method which does not exist, for example.
  func headersOutsideOfHandler() -> HeaderEntries? {
    guard let propagators = connection?.middleware.propagators, !propagators.isEmpty else { return nil }
    return CallScope.$current.withValue(CallScope(headers: taskContext(propagators), inside: nil)) { replyHeaders() }
  }

  /// The entries that the server's propagators add to a reply; nil when there are none, or they cannot be sent.
  func replyHeaders() -> HeaderEntries? {
    guard let connection else { return nil }
    let propagators = connection.middleware.propagators
    guard !propagators.isEmpty else { return nil }
    var entries: [String: MessagePackValue] = [:]
    for propagator in propagators { entries.merge(propagator.outgoing()) { _, new in new } }
    do {
      return try HeaderEntries(entries, [:], method)
    } catch {
      connection.logger.warning("task context left out of a reply", metadata: ["reason": "\(error)"])
      return nil
    }
  }
}
