#if Configuration
  internal import Configuration
  internal import ZeroMQ

  extension ZMQSecurity {
    /// Reads how a connection is secured, by `mechanism` and what goes with it. Nothing is read aloud in an error that is
    /// secret.
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`, which names the key.
    init(config: ConfigReader) throws {
      let mechanism = config.string(forKey: "mechanism") ?? "none"
      switch mechanism {
      case "none": self = .none
      case "plainServer": self = .plainServer
      case "plain":
        self = .plain(
          username: try config.required("username", mechanism, isSecret: false),
          password: try config.required("password", mechanism, isSecret: true))
      case "curveServer":
        self = .curveServer(try config.keyPair(required: mechanism).secretKey)
      case "curve":
        let key = try config.required("serverKey", mechanism, isSecret: false)
        let server = try config.security("serverKey") { () throws(ZMQError) in try ZMQCurvePublicKey(keyOrFile: key) }
        self = .curve(server: server, keys: try config.keyPair(required: nil))
      default:
        throw config.invalid(
          "mechanism", mechanism, "none, plain, plainServer, curve or curveServer")
      }
    }
  }

  extension ConfigReader {
    /// The text at a key that a mechanism needs.
    fileprivate func required(_ key: ConfigKey, _ mechanism: String, isSecret: Bool) throws -> String {
      if let value = string(forKey: key, isSecret: isSecret) { return value }
      throw invalid(key, "missing", "there for the mechanism \(mechanism)")
    }

    /// The own keys: out of `keyFile`, or else `secretKey` in Z85; random ones where they are not required.
    fileprivate func keyPair(required mechanism: String?) throws -> ZMQCurveKeyPair {
      if let path = string(forKey: "keyFile") {
        return try security("keyFile") { () throws(ZMQError) in try ZMQCurveKeyPair(contentsOf: path) }
      }
      if let key = string(forKey: "secretKey", isSecret: true) {
        return try security("secretKey") { () throws(ZMQError) in
          try ZMQCurveKeyPair(secretKey: try ZMQCurveSecretKey(z85: key))
        }
      }
      if let mechanism {
        throw invalid("keyFile", "missing", "there for the mechanism \(mechanism), or else secretKey")
      }
      return try security("keyFile") { () throws(ZMQError) in try .generate() }
    }

    fileprivate func security<Value>(
      _ key: ConfigKey, _ body: () throws(ZMQError) -> Value
    ) throws -> Value {
      do { return try body() } catch {
        let name = key.components.joined(separator: ".")
        throw RPCError(
          code: .invalidConfiguration, message: "the configuration's '\(name)' cannot be used: \(error.message)")
      }
    }
  }
#endif
