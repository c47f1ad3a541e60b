#if ServiceLifecycle
  public import ServiceLifecycle

  /// A broker is a service of swift-service-lifecycle: a graceful shutdown is ``beginGracefulShutdown()``.
  extension RPCBroker: Service {}
#endif
