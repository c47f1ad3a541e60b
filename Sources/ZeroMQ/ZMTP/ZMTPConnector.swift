#if os(Linux)
  /// Holds an endpoint that is to be connected to, again and again.
  final class ZMTPConnector {
    enum State {
      case waiting(until: UInt64)
      case resolving(ZMTPNameResolution)
      case connecting(Int32)
      case connected(ZMTPConnection)
      case closed
    }

    let endpoint: String
    let target: ZMTPAddress.Target
    var state = State.waiting(until: 0)
    var token: UInt64 = 0

    init(_ endpoint: String, _ target: ZMTPAddress.Target) {
      self.endpoint = endpoint
      self.target = target
    }
  }
#endif
