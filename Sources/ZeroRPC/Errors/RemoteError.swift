/// Carries an error that the peer's handler raised: what a zerorpc `ERR` event holds.
public struct RemoteError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The error's type at the peer, as `ValueError` in Python or a Swift type's name.
  public var name: String
  /// The human-readable message.
  public var message: String
  /// The peer's traceback, when it sent one.
  public var traceback: String?

  /// Makes a remote error. A handler that throws one decides name, message and traceback that its caller sees.
  public init(name: String, message: String, traceback: String? = nil) {
    self.name = name
    self.message = message
    self.traceback = traceback
  }

  /// The name and the message.
  public var description: String { "\(name): \(message)" }
}
