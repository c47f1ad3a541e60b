internal import MessagePack

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Finds the declared errors that `ERR` events carry beside their three texts.
enum DeclaredError {
  /// The error that an event carries, if one of the types is its own.
  static func read(
    _ event: UnsafeRawBufferPointer, named name: String, _ layout: EventLayout, _ types: [RPCErrorType]
  ) -> (any Error)? {
    guard let range = layout.error, case .binary(let bytes) = try? value(event, range) else { return nil }
    for type in types where type.name == name {
      if let error = bytes.withUnsafeBytes({ type.decode($0) }) { return error }
    }
    return nil
  }

  private static func value(_ event: UnsafeRawBufferPointer, _ range: Range<Int>) throws -> MessagePackValue {
    try MessagePackValue(parsing: UnsafeRawBufferPointer(rebasing: event[range]))
  }
}
