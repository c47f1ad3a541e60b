internal import MessagePack

/// Declares an error type that arrives as itself at a Swift caller.
///
/// A service declares its errors by a directive in its protocol, for one method or, above the protocol, for all:
///
/// ```swift
/// struct DivisionByZero: Error, Codable { var dividend: Double }
///
/// protocol Calculator: RPCService {
///   // zerorpc: throws = DivisionByZero
///   func divide(_ a: Double, by b: Double) async throws -> Double
/// }
///
/// do { _ = try await calculator.divide(1, by: 0) } catch let error as DivisionByZero { print(error.dividend) }
/// ```
///
/// Without generated code, both sides name it in ``RPCServerConfiguration/errorTypes`` and
/// ``RPCClientConfiguration/errorTypes``. Peers in other languages see name, message and traceback as of any other error; the
/// encoded form travels in a header entry that they ignore.
public struct RPCErrorType: Sendable, Hashable {
  /// The type's name without the types around it: what peers see as the error's name.
  public let name: String
  private let identity: ObjectIdentifier
  private let encoder: @Sendable (any Error, inout MessagePackPacker) throws -> Bool
  private let decoder: @Sendable (MessagePackView) throws -> any Error

  /// Declares a type.
  public init<Failure: Error & Codable>(_ type: Failure.Type) {
    name = String(describing: type)
    identity = ObjectIdentifier(type)
    encoder = { error, packer in
      guard let error = error as? Failure else { return false }
      try packer.pack(error)
      return true
    }
    decoder = { try $0.decode(Failure.self) }
  }

  /// Compares the types.
  public static func == (left: RPCErrorType, right: RPCErrorType) -> Bool { left.identity == right.identity }

  /// Hashes the type.
  public func hash(into hasher: inout Hasher) { hasher.combine(identity) }

  /// More than this, in bytes, is not sent: peers may not look at a header of more than 64 KiB.
  private static let maximumBytes = 32 * 1024

  /// The encoded form of an error that is of this type; nil when it is not, or cannot be encoded.
  func encode(_ error: any Error) -> [UInt8]? {
    var packer = MessagePackPacker()
    guard (try? encoder(error, &packer)) == true, (try? packer.check()) != nil else { return nil }
    guard packer.count <= RPCErrorType.maximumBytes else { return nil }
    return packer.withUnsafeBytes { Array($0) }
  }

  /// The error of an encoded form; nil when it is none of this type.
  func decode(_ bytes: UnsafeRawBufferPointer) -> (any Error)? {
    try? MessagePackParser.withView(of: bytes) { try decoder($0) }
  }
}
