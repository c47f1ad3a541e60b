/// Says who may connect. Nobody may, unless a key, a user or everybody was let in.
///
/// ```swift
/// var rules = ZMQAccessRules()
/// rules.keys = [aliceKey: "alice", bobKey: "bob"]         // who proves to own the key is that user
/// rules.users = ["carol": password]                       // of PLAIN clients
/// rules.allowedAddresses = [try ZMQAddressRange("10.0.0.0/8")]
/// ```
public struct ZMQAccessRules: Sendable, Hashable {
  /// The public keys of CURVE clients that may connect, each with the user id that servers see.
  public var keys: [ZMQCurvePublicKey: String] = [:]
  /// Whether clients of any other key may connect too; their user id is the key as Z85 text. They had to know the server's
  /// public key, but are unknown otherwise.
  public var admitsAnyKey = false
  /// The users of PLAIN clients that may connect, each with the password.
  public var users: [String: String] = [:]
  /// Whether clients without any proof (`NULL`) may connect. Servers ask about those only in a domain.
  public var admitsAnonymous = false
  /// The addresses that may connect; nil, the default, is all. Peers by `ipc` have none, and connect only when it is nil.
  public var allowedAddresses: [ZMQAddressRange]?
  /// The addresses that may not connect, whatever else is said.
  public var deniedAddresses: [ZMQAddressRange] = []

  /// Makes rules by which nobody may connect.
  public init() {}

  /// Says who a peer is, or why it may not connect.
  package func decide(on request: ZAPRequest) -> ZAPDecision {
    if deniedAddresses.contains(where: { $0.contains(request.address) }) { return .denied("the address is denied") }
    if let allowedAddresses, !allowedAddresses.contains(where: { $0.contains(request.address) }) {
      return .denied("the address is not allowed")
    }
    switch request.credentials {
    case .null: return admitsAnonymous ? .admitted(user: "") : .denied("it gives no proof of who it is")
    case .plain(let username, let password):
      // Compared in either case, so that the time tells nothing of which users there are.
      let expected = users[username]
      let isRight = ZMQAccessRules.areEqual(password, Array((expected ?? "").utf8))
      if expected == nil { return .denied("the user is unknown") }
      return isRight ? .admitted(user: username) : .denied("the password is wrong")
    case .curve(let key):
      if let user = keys[key] { return .admitted(user: user) }
      return admitsAnyKey ? .admitted(user: key.z85) : .denied("the key is unknown")
    case .other: return .denied("the mechanism is unknown")
    }
  }

  /// Compares in a time that depends on the first one's length only.
  private static func areEqual(_ given: [UInt8], _ expected: [UInt8]) -> Bool {
    var difference = given.count == expected.count ? UInt8(0) : 1
    for (index, byte) in given.enumerated() {
      difference |= byte ^ (expected.isEmpty ? 0 : expected[index % expected.count])
    }
    return difference == 0
  }
}

extension ZMQAccessRules: CustomStringConvertible, CustomReflectable {
  /// How many of each are let in; no password.
  public var description: String {
    "\(keys.count) keys\(admitsAnyKey ? " and any other" : ""), \(users.count) users"
      + (admitsAnonymous ? ", anybody without proof" : "")
  }

  /// Nothing, so that `dump` and logs show no password.
  public var customMirror: Mirror { Mirror(self, children: ["rules": description]) }
}

/// Says what becomes of a peer that wants to connect.
package enum ZAPDecision: Sendable, Equatable {
  case admitted(user: String)
  /// The reason is for the log; the peer is not told.
  case denied(String)
}
