#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// What the encoder and the decoder must know of a type that they see only as `Encodable` or `Decodable`.
///
/// Finding it out takes several conformance look-ups of 50 to 100 nanoseconds each, so that each thread remembers it.
struct TypeTraits {
  var type: Any.Type
  var encodable: (any MessagePackEncodable.Type)?
  var decodable: (any MessagePackDecodable.Type)?
  var isURL: Bool
  var hasIntegerKeys: Bool

  @inline(never)
  init(of type: Any.Type) {
    self.type = type
    encodable = type as? any MessagePackEncodable.Type
    decodable = type as? any MessagePackDecodable.Type
    isURL = type == URL.self
    hasIntegerKeys = (type as? any DictionaryType.Type)?.keyType == Int.self
  }
}

/// Lets the encoder see the key type of a dictionary that it knows only as `Encodable`.
protocol DictionaryType {
  static var keyType: Any.Type { get }
}

extension Dictionary: DictionaryType {
  static var keyType: Any.Type { Key.self }
}

/// Remembers the traits of the types that a thread met last, in a table that types share by their address.
struct TypeTraitsTable {
  private static let count = 64

  private let entries: UnsafeMutablePointer<TypeTraits>

  init() {
    entries = .allocate(capacity: Self.count)
    entries.initialize(repeating: TypeTraits(of: Never.self), count: Self.count)
  }

  func deallocate() {
    entries.deinitialize(count: Self.count)
    entries.deallocate()
  }

  @inline(__always)
  func traits(of type: Any.Type) -> TypeTraits {
    // Metadata is aligned to 8 bytes or more; the shifts spread what is left.
    let address = UInt(bitPattern: ObjectIdentifier(type))
    let entry = entries + Int((address >> 4 ^ address >> 10) % UInt(Self.count))
    if entry.pointee.type != type { entry.pointee = TypeTraits(of: type) }
    return entry.pointee
  }
}
