internal import ZeroMQ

extension ZMQSecurity {
  /// Makes the security of a client out of what the command line says: nothing if there is no server key.
  ///
  /// - Parameters:
  ///   - serverKey: the server's public key, or the name of a file that holds it.
  ///   - keyFile: the file of the client's own keys; random ones without.
  static func curve(serverKey: String?, keyFile: String?) throws(ZMQError) -> ZMQSecurity {
    guard let serverKey else { return .none }
    let server = try ZMQCurvePublicKey(keyOrFile: serverKey)
    guard let keyFile else { return .curve(server: server, keys: try .generate()) }
    return .curve(server: server, keys: try ZMQCurveKeyPair(contentsOf: keyFile))
  }
}
