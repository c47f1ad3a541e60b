internal import CZeroMQ

/// Says what the libzmq can do that this process runs with.
public enum ZMQLibrary {
  /// Names something that libzmq may have been built with or without.
  public struct Feature: Sendable, Hashable, CustomStringConvertible {
    /// The name as zmq_has(3) takes it.
    public let description: String

    /// Names a feature that has no constant here.
    public init(_ name: String) { description = name }

    /// The `ipc` transport.
    public static let ipc = Feature("ipc")
    /// The `pgm` and `epgm` transports.
    public static let pgm = Feature("pgm")
    /// The `norm` transport.
    public static let norm = Feature("norm")
    /// The `tipc` transport.
    public static let tipc = Feature("tipc")
    /// Encryption by CURVE.
    public static let curve = Feature("curve")
    /// Authentication by GSSAPI.
    public static let gssapi = Feature("gssapi")
  }

  /// The library's version: major, minor and patch.
  public static var version: (major: Int, minor: Int, patch: Int) {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    zmq_version(&major, &minor, &patch)
    return (Int(major), Int(minor), Int(patch))
  }

  /// Whether the library has a feature.
  public static func has(_ feature: Feature) -> Bool { zmq_has(feature.description) != 0 }
}
