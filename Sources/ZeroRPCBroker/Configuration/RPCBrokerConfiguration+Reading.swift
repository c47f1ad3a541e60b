#if Configuration
  public import Configuration
  internal import ZeroRPC

  extension RPCBrokerConfiguration {
    /// Reads a configuration; what has no value keeps its default. The policy is chosen in code.
    ///
    /// Values are written as for `RPCClientConfiguration.init(config:)`.
    ///
    /// | key | value |
    /// |---|---|
    /// | `queueLimit` | whole number: ``queueLimit`` |
    /// | `channelLimit` | whole number, at least 1: ``channelLimit`` |
    /// | `backlogLimit` | whole number: ``backlogLimit`` |
    /// | `connectionLimit` | whole number, at least 1: ``connectionLimit`` |
    /// | `silence` | time: ``silence`` |
    /// | `silenceWithoutHeartbeats` | time: ``silenceWithoutHeartbeats`` |
    /// | `probeInterval` | time or `none`: ``probeInterval`` |
    /// | `shutdownGrace` | time: ``shutdownGrace`` |
    /// | `frontend.…`, `backend.…`, `control.…` | `RPCTransportOptions.init(config:)` |
    ///
    /// - Throws: `RPCError` with `invalidConfiguration`, which names the key, for a value that cannot work.
    public init(config: ConfigReader) throws {
      self.init()
      try config.read("queueLimit", into: &queueLimit, minimum: 0)
      try config.read("channelLimit", into: &channelLimit, minimum: 1)
      try config.read("backlogLimit", into: &backlogLimit, minimum: 0)
      try config.read("connectionLimit", into: &connectionLimit, minimum: 1)
      try config.read("silence", into: &silence)
      try config.read("silenceWithoutHeartbeats", into: &silenceWithoutHeartbeats)
      try config.read("probeInterval", into: &probeInterval)
      try config.read("shutdownGrace", into: &shutdownGrace)
      frontend = try RPCTransportOptions(config: config.scoped(to: "frontend"))
      backend = try RPCTransportOptions(config: config.scoped(to: "backend"))
      control = try RPCTransportOptions(config: config.scoped(to: "control"))
    }
  }
#endif
