#if ServiceLifecycle
  public import ServiceLifecycle

  /// A proxy is a service of swift-service-lifecycle: a graceful shutdown is ``terminate()``.
  extension ZMQProxy: Service {}
#endif
