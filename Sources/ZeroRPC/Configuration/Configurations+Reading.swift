#if Configuration
  public import Configuration
  internal import ZeroMQ

  extension RPCClientConfiguration {
    /// Reads a configuration; what has no value keeps its default.
    ///
    /// ```swift
    /// let config = ConfigReader(provider: EnvironmentVariablesProvider())
    /// let configuration = try RPCClientConfiguration(config: config.scoped(to: "users"))  // USERS_TIMEOUT=250ms
    /// ```
    ///
    /// Times are text such as `250ms`, `1.5s`, `2m` or `1h`, or a number of seconds; where a property may be nil, `none`.
    ///
    /// | key | value |
    /// |---|---|
    /// | `timeout` | time: ``timeout`` |
    /// | `itemTimeout` | time or `none`: ``itemTimeout`` |
    /// | `streamTimeout` | time or `none`: ``streamTimeout`` |
    /// | `heartbeat` | time or `none`: ``heartbeat`` |
    /// | `passiveHeartbeat` | boolean: ``passiveHeartbeat`` |
    /// | `streamWindow` | whole number, at least 2: ``streamWindow`` |
    /// | `shutdownGrace` | time: ``shutdownGrace`` |
    /// | `transport.…` | ``RPCTransportOptions/init(config:)`` |
    /// | `instrumentation.…` | ``RPCInstrumentation/init(config:)`` |
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`, which names the key, for a value that cannot work.
    public init(config: ConfigReader) throws {
      self.init()
      try config.read("timeout", into: &timeout)
      try config.read("itemTimeout", into: &itemTimeout)
      try config.read("streamTimeout", into: &streamTimeout)
      try config.read("heartbeat", into: &heartbeat)
      try config.read("passiveHeartbeat", into: &passiveHeartbeat)
      try config.read("streamWindow", into: &streamWindow, minimum: 2)
      try config.read("shutdownGrace", into: &shutdownGrace)
      transport = try RPCTransportOptions(config: config.scoped(to: "transport"))
      instrumentation = try RPCInstrumentation(config: config.scoped(to: "instrumentation"))
    }
  }

  extension RPCServerConfiguration {
    /// Reads a configuration; what has no value keeps its default.
    ///
    /// Values are written as for ``RPCClientConfiguration/init(config:)``.
    ///
    /// | key | value |
    /// |---|---|
    /// | `heartbeat` | time or `none`: ``heartbeat`` |
    /// | `shutdownGrace` | time: ``shutdownGrace`` |
    /// | `isIntrospectable` | boolean: ``isIntrospectable`` |
    /// | `limits.…` | ``RPCServerLimits/init(config:)`` |
    /// | `transport.…` | ``RPCTransportOptions/init(config:)`` |
    /// | `instrumentation.…` | ``RPCInstrumentation/init(config:)`` |
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`, which names the key, for a value that cannot work.
    public init(config: ConfigReader) throws {
      self.init()
      try config.read("heartbeat", into: &heartbeat)
      try config.read("shutdownGrace", into: &shutdownGrace)
      try config.read("isIntrospectable", into: &isIntrospectable)
      limits = try RPCServerLimits(config: config.scoped(to: "limits"))
      transport = try RPCTransportOptions(config: config.scoped(to: "transport"))
      instrumentation = try RPCInstrumentation(config: config.scoped(to: "instrumentation"))
    }
  }

  extension RPCServerLimits {
    /// Reads limits; what has no value keeps its default.
    ///
    /// The keys are the names of the properties: `connections`, `handlers`, `handlersPerPeer`, `queuedCalls`, `queuedCallsPerPeer`,
    /// `queuedBytes`, `queuedBytesPerPeer` and `unsentBytesPerPeer`, each a whole number; connections and handlers at least 1.
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`, which names the key, for a value that cannot work.
    public init(config: ConfigReader) throws {
      self.init()
      try config.read("connections", into: &connections, minimum: 1)
      try config.read("handlers", into: &handlers, minimum: 1)
      try config.read("handlersPerPeer", into: &handlersPerPeer, minimum: 1)
      try config.read("queuedCalls", into: &queuedCalls, minimum: 0)
      try config.read("queuedCallsPerPeer", into: &queuedCallsPerPeer, minimum: 0)
      try config.read("queuedBytes", into: &queuedBytes, minimum: 0)
      try config.read("queuedBytesPerPeer", into: &queuedBytesPerPeer, minimum: 0)
      try config.read("unsentBytesPerPeer", into: &unsentBytesPerPeer, minimum: 0)
    }
  }

  extension RPCTransportOptions {
    /// Reads options; what has no value keeps its default.
    ///
    /// Values are written as for ``RPCClientConfiguration/init(config:)``.
    ///
    /// | key | value |
    /// |---|---|
    /// | `sendHighWaterMark` | whole number, 0 for no limit: ``sendHighWaterMark`` |
    /// | `receiveHighWaterMark` | whole number, 0 for no limit: ``receiveHighWaterMark`` |
    /// | `linger` | time: ``linger`` |
    /// | `maximumMessageSize` | bytes: ``maximumMessageSize`` |
    /// | `reconnectInterval` | time: ``reconnectInterval`` |
    /// | `engine` | `automatic` or `libzmq`: ``engine-swift.property`` |
    /// | `authenticationDomain` | text: ``authenticationDomain`` |
    /// | `security.mechanism` | `none`, `plain`, `plainServer`, `curve` or `curveServer`: ``security`` |
    /// | `security.username`, `security.password` | text, for `plain` |
    /// | `security.serverKey` | for `curve`: the server's public key in Z85, or the name of its file |
    /// | `security.keyFile` | for `curve` and `curveServer`: the file of the own keys, as `zrpc keygen` makes it |
    /// | `security.secretKey` | instead of `keyFile`: the own secret key in Z85; a client without either has random keys |
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`, which names the key, for a value that cannot work.
    public init(config: ConfigReader) throws {
      self.init()
      try config.read("sendHighWaterMark", into: &sendHighWaterMark, minimum: 0)
      try config.read("receiveHighWaterMark", into: &receiveHighWaterMark, minimum: 0)
      try config.read("linger", into: &linger)
      var size = maximumMessageSize ?? 0
      try config.read("maximumMessageSize", into: &size, minimum: 1)
      if size > 0 { maximumMessageSize = size }
      try config.read("reconnectInterval", into: &reconnectInterval)
      switch config.string(forKey: "engine") {
      case nil: break
      case "automatic": engine = .automatic
      case "libzmq": engine = .libzmq
      case let other?: throw config.invalid("engine", other, "automatic or libzmq")
      }
      authenticationDomain = config.string(forKey: "authenticationDomain")
      security = try ZMQSecurity(config: config.scoped(to: "security"))
    }
  }

  extension RPCCallOptions {
    /// Reads options, for a stub whose calls differ from the client's configuration; what has no value stays nil.
    ///
    /// Values are written as for ``RPCClientConfiguration/init(config:)``.
    ///
    /// | key | value |
    /// |---|---|
    /// | `timeout` | time: ``timeout`` |
    /// | `itemTimeout` | time: ``itemTimeout`` |
    /// | `streamTimeout` | time: ``streamTimeout`` |
    /// | `streamWindow` | whole number, at least 2: ``streamWindow`` |
    /// | `isIdempotent` | boolean: ``isIdempotent`` |
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`, which names the key, for a value that cannot work.
    public init(config: ConfigReader) throws {
      self.init()
      try config.read("timeout", into: &timeout)
      try config.read("itemTimeout", into: &itemTimeout)
      try config.read("streamTimeout", into: &streamTimeout)
      var window = 0
      try config.read("streamWindow", into: &window, minimum: 2)
      if window > 0 { streamWindow = window }
      if config.string(forKey: "isIdempotent") != nil || config.bool(forKey: "isIdempotent") != nil {
        var flag = false
        try config.read("isIdempotent", into: &flag)
        isIdempotent = flag
      }
    }
  }

  extension RPCInstrumentation {
    /// Reads what is reported; what has no value keeps its default.
    ///
    /// | key | value |
    /// |---|---|
    /// | `recordsMetrics` | boolean: ``recordsMetrics`` |
    /// | `recordsSpans` | boolean: ``recordsSpans`` |
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`, which names the key, for a value that is neither true nor false.
    public init(config: ConfigReader) throws {
      self.init()
      try config.read("recordsMetrics", into: &recordsMetrics)
      try config.read("recordsSpans", into: &recordsSpans)
    }
  }
#endif
