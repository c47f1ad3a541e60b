#if os(Linux)
  /// Holds what is known of one connection. Its socket does everything with it.
  final class ZMTPConnection {
    /// Who made the connection.
    enum Origin {
      case listener(ZMTPListener)
      case connector(ZMTPConnector)
    }

    let descriptor: Int32
    let origin: Origin
    var token: UInt64 = 0
    /// What has still to be agreed; nil once messages flow.
    @exclusivity(unchecked) var handshake: ZMTPHandshake?
    /// When the handshake must be over.
    let handshakeDeadline: UInt64
    /// The peer's name at a ROUTER.
    var routingID: [UInt8] = []
    /// The number in it, if the ROUTER has made it.
    @exclusivity(unchecked) var routingNumber: UInt32?
    @exclusivity(unchecked) var output = ZMTPOutput()
    /// The beginning of a message whose rest has not come.
    @exclusivity(unchecked) var stash: [UInt8] = []
    /// A large message, of which a part has come.
    @exclusivity(unchecked) var assembly: ZMTPAssembly?
    /// Whether its last message was a large one, so that most likely the next one is too.
    @exclusivity(unchecked) var sendsLargeMessages = false
    /// Whether it stands in the list of those that have something to write.
    @exclusivity(unchecked) var isDirty = false
    /// Whether the system is asked to tell when it takes more.
    @exclusivity(unchecked) var awaitsRoom = false
    /// Whether writing has failed; the end of what can be read tells the rest.
    @exclusivity(unchecked) var isBroken = false
    @exclusivity(unchecked) var isClosed = false

    init(_ descriptor: Int32, _ origin: Origin, _ type: ZMQSocketType, handshakeDeadline: UInt64) {
      self.descriptor = descriptor
      self.origin = origin
      self.handshakeDeadline = handshakeDeadline
      handshake = ZMTPHandshake(type)
    }

    var endpoint: String {
      switch origin {
      case .listener(let listener): listener.endpoint
      case .connector(let connector): connector.endpoint
      }
    }

    /// Whether messages flow.
    var isReady: Bool { handshake == nil && !isBroken && !isClosed }
  }
#endif
