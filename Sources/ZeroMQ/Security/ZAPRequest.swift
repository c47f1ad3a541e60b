/// Is a question of libzmq's about a peer that wants to connect (RFC 27).
package struct ZAPRequest: Sendable, Equatable {
  /// How the peer proves who it is.
  package enum Credentials: Sendable, Equatable {
    case null
    case plain(username: String, password: [UInt8])
    case curve(ZMQCurvePublicKey)
    case other
  }

  /// What stands before the version, to be given back: routing frames, and an empty one.
  package let envelope: [[UInt8]]
  package let requestID: [UInt8]
  package let domain: String
  /// The peer's network address; empty, or something else, for other transports than TCP.
  package let address: String
  package let mechanism: String
  package let credentials: Credentials

  /// Reads a question as it comes to a ROUTER socket; nil if it is none.
  package init?(frames: [[UInt8]]) {
    guard let delimiter = frames.firstIndex(where: \.isEmpty), frames.count - delimiter >= 7 else { return nil }
    let body = Array(frames[(delimiter + 1)...])
    guard body[0] == Array("1.0".utf8) else { return nil }
    envelope = Array(frames[...delimiter])
    requestID = body[1]
    domain = String(decoding: body[2], as: UTF8.self)
    address = String(decoding: body[3], as: UTF8.self)
    mechanism = String(decoding: body[5], as: UTF8.self)
    let rest = body.dropFirst(6)
    switch (mechanism, rest.count) {
    case ("NULL", 0): credentials = .null
    case ("PLAIN", 2):
      // Two users whose names are no text must not be taken for the same one.
      guard let username = String(validating: body[6], as: UTF8.self) else { return nil }
      credentials = .plain(username: username, password: body[7])
    case ("CURVE", 1):
      guard let key = try? ZMQCurvePublicKey(bytes: body[6]) else { return nil }
      credentials = .curve(key)
    default: credentials = .other
    }
  }

  /// The answer to send.
  package func reply(_ decision: ZAPDecision) -> [[UInt8]] {
    let (status, text, user) =
      switch decision {
      case .admitted(let user): ("200", "OK", user)
      case .denied: ("400", "not allowed", "")
      }
    return envelope + [Array("1.0".utf8), requestID, Array(status.utf8), Array(text.utf8), Array(user.utf8), []]
  }

  /// Who asks to be let in, for the log: a user's name or a public key.
  package var subject: String {
    switch credentials {
    case .plain(let username, _): String(username.prefix(80))
    case .curve(let key): key.z85
    case .null, .other: ""
    }
  }
}
