#if ServiceLifecycle
  public import ServiceLifecycle

  /// A puller is a service of swift-service-lifecycle: a graceful shutdown is ``beginGracefulShutdown()``.
  extension RPCPuller: Service {}

  /// A subscriber is a service of swift-service-lifecycle: a graceful shutdown is ``beginGracefulShutdown()``.
  extension RPCSubscriber: Service {}
#endif
