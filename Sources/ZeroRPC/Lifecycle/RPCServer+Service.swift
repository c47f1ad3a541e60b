internal import ZeroMQ

#if ServiceLifecycle
  public import ServiceLifecycle

  extension RPCServer: Service {}
#endif

extension RPCServer {
  /// Serves calls until the task is cancelled or the server is shut down. When the task is cancelled, handlers are
  /// cancelled; after ``beginGracefulShutdown()`` they are waited for. Then the sockets are closed.
  ///
  /// In a `ServiceGroup` of swift-service-lifecycle (package trait `ServiceLifecycle`, on by default), the group's graceful
  /// shutdown is the server's:
  ///
  /// ```swift
  /// let server = RPCServer(services: [MyCalculator()])
  /// try await server.bind("tcp://127.0.0.1:4242")
  /// let group = ServiceGroup(
  ///   services: [server], gracefulShutdownSignals: [.sigterm], cancellationSignals: [.sigint], logger: logger)
  /// try await group.run()
  /// ```
  ///
  /// - Throws: ``RPCError`` when the server has run already or two of its methods have one name.
  public func run() async throws {
    try await withGracefulShutdown(by: beginGracefulShutdown) { try await serve() }
  }
}
