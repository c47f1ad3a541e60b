/// Takes endpoints apart for the attributes `server.address` and `server.port`.
enum ServerAddress {
  /// The host and port of a `tcp` endpoint, or the path or name of another.
  static func parse(_ endpoint: String) -> (address: String, port: Int?)? {
    guard let separator = endpoint.firstRange(of: "://") else { return nil }
    let rest = endpoint[separator.upperBound...]
    guard endpoint.hasPrefix("tcp://"), let colon = rest.lastIndex(of: ":"),
      let port = Int(rest[rest.index(after: colon)...])
    else { return (String(rest), nil) }
    // A source address may stand before the peer's.
    let address = rest[..<colon].split(separator: ";").last.map(String.init) ?? ""
    return (address.trimmingBrackets, port)
  }
}

extension String {
  /// An IPv6 address without its brackets.
  fileprivate var trimmingBrackets: String {
    hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
  }
}
