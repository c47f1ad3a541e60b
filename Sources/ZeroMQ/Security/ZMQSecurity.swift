internal import CZeroMQ

/// Chooses how the two ends of a connection prove who they are, and whether it is encrypted. Both ends must choose alike.
///
/// Who may come in is decided by a ``ZMQAuthenticator`` in the same context. Without one a CURVE server lets in everybody
/// who knows its public key, and a PLAIN server nobody.
public struct ZMQSecurity: Sendable, Hashable {
  private enum Mechanism: Sendable, Hashable {
    case null
    case plainServer
    case plain(username: String, password: String)
    case curveServer(ZMQCurveSecretKey)
    case curve(server: ZMQCurvePublicKey, keys: ZMQCurveKeyPair)
  }

  private let mechanism: Mechanism

  /// No proof and no encryption (`NULL`).
  public static let none = ZMQSecurity(mechanism: .null)

  /// Asks peers for a name and a password, which travel in clear text (RFC 24).
  public static let plainServer = ZMQSecurity(mechanism: .plainServer)

  /// Gives a name and a password to a ``plainServer``, in clear text: use it inside trusted networks only.
  public static func plain(username: String, password: String) -> ZMQSecurity {
    ZMQSecurity(mechanism: .plain(username: username, password: password))
  }

  /// Encrypts, and proves to peers that this is the server whose public key they know (RFC 26).
  public static func curveServer(_ secretKey: ZMQCurveSecretKey) -> ZMQSecurity {
    ZMQSecurity(mechanism: .curveServer(secretKey))
  }

  /// Encrypts, accepts only the server of the given public key, and proves to it the ownership of the key pair.
  public static func curve(server: ZMQCurvePublicKey, keys: ZMQCurveKeyPair) -> ZMQSecurity {
    ZMQSecurity(mechanism: .curve(server: server, keys: keys))
  }

  /// Whether there is any proof or encryption.
  package var isNull: Bool { mechanism == .null }

  package func apply(to socket: SocketHandle) throws(ZMQError) {
    switch mechanism {
    case .null: break
    case .plainServer: try socket.set(ZMQ_PLAIN_SERVER, 1, named: "security.plainServer")
    case .plain(let username, let password):
      try socket.set(ZMQ_PLAIN_USERNAME, Array(username.utf8), named: "security.plain.username")
      try socket.set(ZMQ_PLAIN_PASSWORD, Array(password.utf8), named: "security.plain.password")
    case .curveServer(let secretKey):
      try ZMQCurveKeyPair.checkSupport()
      try socket.set(ZMQ_CURVE_SERVER, 1, named: "security.curveServer")
      try socket.set(ZMQ_CURVE_SECRETKEY, secretKey.bytes, named: "security.curveServer")
    case .curve(let server, let keys):
      try ZMQCurveKeyPair.checkSupport()
      try socket.set(ZMQ_CURVE_SERVERKEY, server.bytes, named: "security.curve.server")
      try socket.set(ZMQ_CURVE_PUBLICKEY, keys.publicKey.bytes, named: "security.curve.keys")
      try socket.set(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes, named: "security.curve.keys")
    }
  }
}

extension SocketHandle {
  /// `ZMQ_ZAP_ENFORCE_DOMAIN`: in libzmq from 4.3.2 on, but in its header for drafts only.
  private static let enforceDomain: Int32 = 93

  /// Has peers authenticated in a domain. While no authenticator runs nobody gets in, where libzmq by itself would let in
  /// everybody.
  package func requireAuthentication(in domain: String) throws(ZMQError) {
    try set(ZMQ_ZAP_DOMAIN, Array(domain.utf8), named: "authenticationDomain")
    try set(SocketHandle.enforceDomain, 1, named: "authenticationDomain")
  }
}

extension ZMQSecurity: CustomStringConvertible {
  /// The mechanism's name; never a key or a password.
  public var description: String {
    switch mechanism {
    case .null: "NULL"
    case .plainServer: "PLAIN server"
    case .plain: "PLAIN"
    case .curveServer: "CURVE server"
    case .curve: "CURVE"
    }
  }
}

extension ZMQSecurity: CustomReflectable {
  /// Nothing but the mechanism's name, so that `dump` and logs show no secret.
  public var customMirror: Mirror { Mirror(self, children: ["mechanism": description]) }
}
