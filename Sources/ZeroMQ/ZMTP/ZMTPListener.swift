#if os(Linux)
  /// Holds an endpoint at which connections are accepted.
  final class ZMTPListener {
    let descriptor: Int32
    let endpoint: String
    /// The path to remove at the end.
    let path: String?
    let isTCP: Bool
    var token: UInt64 = 0
    /// When to accept again after descriptors ran out; `UInt64.max` while it accepts.
    var resumption = UInt64.max

    init(_ descriptor: Int32, endpoint: String, path: String?, isTCP: Bool) {
      self.descriptor = descriptor
      self.endpoint = endpoint
      self.path = path
      self.isTCP = isTCP
    }
  }
#endif
