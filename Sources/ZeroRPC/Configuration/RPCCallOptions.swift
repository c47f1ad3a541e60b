public import MessagePack

/// Sets how one call, or every call of a stub, behaves. What is nil comes from the client's configuration.
public struct RPCCallOptions: Sendable, Hashable {
  // What is set, in one reference: options are in the memory of every stub and of every call that waits.
  private var storage: Storage?

  /// Makes options that leave everything to the client's configuration.
  public init(timeout: Duration? = nil, streamWindow: Int? = nil, isIdempotent: Bool? = nil) {
    self.init(Values(timeout: timeout, streamWindow: streamWindow, isIdempotent: isIdempotent))
  }

  private init(_ values: Values) { storage = values == Values() ? nil : Storage(values) }

  /// How long to wait for the first reply, or what ``withRPCTimeout(_:_:)`` leaves if that is less. The server is told, and
  /// cancels the handler when the time is over.
  public var timeout: Duration? {
    get { storage?.values.timeout }
    set { change { $0.timeout = newValue } }
  }

  /// How many items of a stream the server may send ahead; 100 unless set, and at least 2.
  public var streamWindow: Int? {
    get { storage?.values.streamWindow }
    set { change { $0.streamWindow = newValue } }
  }

  /// Whether the method may be called again after an attempt whose fate is unknown.
  public var isIdempotent: Bool? {
    get { storage?.values.isIdempotent }
    set { change { $0.isIdempotent = newValue } }
  }

  /// How long the consumer of a stream waits for one item, from asking for it; the first is a matter of ``timeout``. A
  /// stream whose item does not come in time ends with ``RPCError/Code/timeout``.
  public var itemTimeout: Duration? {
    get { storage?.values.itemTimeout }
    set { change { $0.itemTimeout = newValue } }
  }

  /// How long a stream may take from the call to its end. The server is told, and cancels the producer when the time is
  /// over.
  public var streamTimeout: Duration? {
    get { storage?.values.streamTimeout }
    set { change { $0.streamTimeout = newValue } }
  }

  /// Entries of the request's header beside the protocol's own. They replace what ``RPCTaskContext`` has for the same key.
  ///
  /// A Swift server passes them on as its handler's task context; others see them at the top level of the header.
  public var headers: [String: MessagePackValue] {
    get { storage?.values.headers ?? [:] }
    set { change { $0.headers = newValue } }
  }

  /// Whether the call is one event that nobody answers: it returns as soon as ZeroMQ has taken the event for a connected peer,
  /// and what becomes of it is not known. Only for methods that return nothing; ``RPCServiceClient/oneWay`` sets it.
  public var isOneWay: Bool {
    get { storage?.values.isOneWay ?? false }
    set { change { $0.isOneWay = newValue } }
  }

  /// Declares the method idempotent unless the caller has said something else. Generated code calls it.
  public func idempotentByDefault() -> RPCCallOptions {
    guard let storage else { return .idempotent }
    guard storage.values.isIdempotent == nil else { return self }
    var options = self
    options.isIdempotent = true
    return options
  }

  private static let idempotent = RPCCallOptions(isIdempotent: true)

  /// Whether nothing is set that concerns time or headers.
  @inline(__always)
  var isPlain: Bool { storage?.values.isPlain ?? true }

  private struct Values: Sendable, Hashable {
    var timeout: Duration?
    var streamWindow: Int?
    var isIdempotent: Bool?
    var itemTimeout: Duration?
    var streamTimeout: Duration?
    var headers: [String: MessagePackValue] = [:]
    var isOneWay = false

    var isPlain: Bool {
      timeout == nil && itemTimeout == nil && streamTimeout == nil && headers.isEmpty && !isOneWay
    }
  }

  private final class Storage: Sendable, Hashable {
    let values: Values

    init(_ values: Values) { self.values = values }

    static func == (left: Storage, right: Storage) -> Bool { left.values == right.values }

    func hash(into hasher: inout Hasher) { hasher.combine(values) }
  }

  private mutating func change(_ edit: (inout Values) -> Void) {
    var values = storage?.values ?? Values()
    edit(&values)
    self = RPCCallOptions(values)
  }
}
