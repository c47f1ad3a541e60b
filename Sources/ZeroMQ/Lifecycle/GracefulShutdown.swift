#if ServiceLifecycle
  internal import ServiceLifecycle
#endif

/// Runs a service; when it is part of a `ServiceGroup` that shuts down gracefully, tells it so.
package func withGracefulShutdown(
  by shutDown: @escaping @Sendable () -> Void, _ run: () async throws -> Void
) async throws {
  #if ServiceLifecycle
    try await withGracefulShutdownHandler(operation: run, onGracefulShutdown: shutDown)
  #else
    try await run()
  #endif
}
