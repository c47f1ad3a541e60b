internal import CZeroMQ

/// Holds a CURVE key that everybody may know: 32 bytes, 40 characters of Z85.
public struct ZMQCurvePublicKey: Sendable, Hashable, CustomStringConvertible {
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// Makes a key of 32 bytes.
  ///
  /// - Throws: ``ZMQError`` with `invalidArgument` for any other number.
  public init(bytes: [UInt8]) throws(ZMQError) { self.bytes = try CurveKey.checked(bytes, "public") }

  /// Reads a key from its 40 characters of Z85 (RFC 32).
  ///
  /// - Throws: ``ZMQError`` with `invalidArgument` if it is none.
  public init(z85: String) throws(ZMQError) { bytes = try CurveKey.decoded(z85, "public") }

  /// The key as Z85 text.
  public var z85: String { ZMQZ85.encode(checked: bytes) }

  /// The key as Z85 text.
  public var description: String { z85 }
}

/// Holds a CURVE key that must stay secret: 32 bytes, 40 characters of Z85. Printing it does not show it.
public struct ZMQCurveSecretKey: Sendable, Hashable {
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// Makes a key of 32 bytes.
  ///
  /// - Throws: ``ZMQError`` with `invalidArgument` for any other number.
  public init(bytes: [UInt8]) throws(ZMQError) { self.bytes = try CurveKey.checked(bytes, "secret") }

  /// Reads a key from its 40 characters of Z85 (RFC 32).
  ///
  /// - Throws: ``ZMQError`` with `invalidArgument` if it is none. The text does not repeat it.
  public init(z85: String) throws(ZMQError) { bytes = try CurveKey.decoded(z85, "secret") }

  /// The key as Z85 text, to be stored where only its owner can read.
  public var z85: String { ZMQZ85.encode(checked: bytes) }

  /// The public key that belongs to this one.
  ///
  /// - Throws: ``ZMQError`` with `notSupported` when libzmq was built without CURVE.
  public var publicKey: ZMQCurvePublicKey {
    get throws(ZMQError) {
      try ZMQCurveKeyPair.checkSupport()
      var text = [CChar](repeating: 0, count: 41)
      guard zmq_curve_public(&text, z85) == 0 else { throw ZMQError.last("cannot derive the public key") }
      return try ZMQCurvePublicKey(z85: text.text)
    }
  }
}

extension ZMQCurveSecretKey: CustomStringConvertible, CustomReflectable {
  /// A stand-in for the key.
  public var description: String { "(secret)" }
  /// Nothing, so that `dump` and logs show no secret.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Holds a public key and the secret one that belongs to it.
public struct ZMQCurveKeyPair: Sendable, Hashable {
  /// The key to give to peers.
  public let publicKey: ZMQCurvePublicKey
  /// The key to keep.
  public let secretKey: ZMQCurveSecretKey

  /// Makes the pair of a secret key.
  ///
  /// - Throws: ``ZMQError`` with `notSupported` when libzmq was built without CURVE.
  public init(secretKey: ZMQCurveSecretKey) throws(ZMQError) {
    publicKey = try secretKey.publicKey
    self.secretKey = secretKey
  }

  private init(publicKey: ZMQCurvePublicKey, secretKey: ZMQCurveSecretKey) {
    (self.publicKey, self.secretKey) = (publicKey, secretKey)
  }

  /// Makes a new pair of random keys.
  ///
  /// - Throws: ``ZMQError`` with `notSupported` when libzmq was built without CURVE.
  public static func generate() throws(ZMQError) -> ZMQCurveKeyPair {
    try checkSupport()
    var publicText = [CChar](repeating: 0, count: 41)
    var secretText = [CChar](repeating: 0, count: 41)
    guard zmq_curve_keypair(&publicText, &secretText) == 0 else { throw ZMQError.last("cannot make a CURVE key pair") }
    return ZMQCurveKeyPair(
      publicKey: try ZMQCurvePublicKey(z85: publicText.text), secretKey: try ZMQCurveSecretKey(z85: secretText.text))
  }

  static func checkSupport() throws(ZMQError) {
    guard ZMQLibrary.has(.curve) else {
      throw ZMQError(
        code: .notSupported, message: "this libzmq was built without CURVE; install one that has libsodium")
    }
  }
}

private enum CurveKey {
  static func checked(_ bytes: [UInt8], _ kind: String) throws(ZMQError) -> [UInt8] {
    guard bytes.count == 32 else {
      throw ZMQError(
        code: .invalidArgument, message: "a CURVE \(kind) key has 32 bytes, but this one has \(bytes.count)")
    }
    return bytes
  }

  static func decoded(_ text: String, _ kind: String) throws(ZMQError) -> [UInt8] {
    guard text.utf8.count == 40, let bytes = ZMQZ85.decode(text) else {
      throw ZMQError(
        code: .invalidArgument, message: "a CURVE \(kind) key is 40 characters of Z85, which this text is not")
    }
    return bytes
  }
}

extension [CChar] {
  /// The text before the first zero.
  fileprivate var text: String { String(decoding: prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) }
}
