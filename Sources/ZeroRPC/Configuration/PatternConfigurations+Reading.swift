#if Configuration
  public import Configuration

  extension RPCSenderConfiguration {
    /// Reads a configuration; what has no value keeps its default.
    ///
    /// Values are written as for ``RPCClientConfiguration/init(config:)``.
    ///
    /// | key | value |
    /// |---|---|
    /// | `timeout` | time: ``timeout`` |
    /// | `transport.…` | ``RPCTransportOptions/init(config:)`` |
    /// | `instrumentation.…` | ``RPCInstrumentation/init(config:)`` |
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`, which names the key, for a value that cannot work.
    public init(config: ConfigReader) throws {
      self.init()
      try config.read("timeout", into: &timeout)
      transport = try RPCTransportOptions(config: config.scoped(to: "transport"))
      instrumentation = try RPCInstrumentation(config: config.scoped(to: "instrumentation"))
    }
  }

  extension RPCReceiverConfiguration {
    /// Reads a configuration; what has no value keeps its default.
    ///
    /// Values are written as for ``RPCClientConfiguration/init(config:)``.
    ///
    /// | key | value |
    /// |---|---|
    /// | `concurrency` | whole number, at least 1: ``concurrency`` |
    /// | `shutdownGrace` | time: ``shutdownGrace`` |
    /// | `transport.…` | ``RPCTransportOptions/init(config:)`` |
    /// | `instrumentation.…` | ``RPCInstrumentation/init(config:)`` |
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`, which names the key, for a value that cannot work.
    public init(config: ConfigReader) throws {
      self.init()
      try config.read("concurrency", into: &concurrency, minimum: 1)
      try config.read("shutdownGrace", into: &shutdownGrace)
      transport = try RPCTransportOptions(config: config.scoped(to: "transport"))
      instrumentation = try RPCInstrumentation(config: config.scoped(to: "instrumentation"))
    }
  }
#endif
