#if ServiceLifecycle
  public import ServiceLifecycle

  extension RPCClient: Service {
    /// Keeps the client open until the group shuts down; then closes it.
    ///
    /// A graceful shutdown lets the calls that are open end first, for at most ``RPCClientConfiguration/shutdownGrace``;
    /// cancellation ends them at once. List the client before the services that call with it: a `ServiceGroup` shuts down in
    /// the opposite order.
    ///
    /// A client that no group runs needs none of this; ``close()`` closes it.
    public func run() async throws {
      defer { close() }
      do { try await gracefulShutdown() } catch is CancellationError { return }
      let clock = ContinuousClock()
      let end = clock.now + configuration.shutdownGrace
      while openCalls > 0, clock.now < end, !Task.isCancelled {
        try? await clock.sleep(for: .milliseconds(20))
      }
    }
  }
#endif
