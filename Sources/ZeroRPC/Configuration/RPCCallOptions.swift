/// Sets how one call, or every call of a stub, behaves. What is nil comes from the client's configuration.
public struct RPCCallOptions: Sendable, Hashable {
  /// How long to wait for the first reply; later items of a stream are watched by heartbeats only.
  public var timeout: Duration?
  /// How many items of a stream the server may send ahead; 100 unless set, and at least 2.
  public var streamWindow: Int?
  /// Whether the method may be called again after an attempt whose fate is unknown.
  public var isIdempotent: Bool?

  /// Makes options that leave everything to the client's configuration.
  public init(timeout: Duration? = nil, streamWindow: Int? = nil, isIdempotent: Bool? = nil) {
    self.timeout = timeout
    self.streamWindow = streamWindow
    self.isIdempotent = isIdempotent
  }

  /// Declares the method idempotent unless the caller has said something else. Generated code calls it.
  public func idempotentByDefault() -> RPCCallOptions {
    var options = self
    options.isIdempotent = isIdempotent ?? true
    return options
  }
}
