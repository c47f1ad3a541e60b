#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Is a received message whose memory large values may go on using, so that they need not be copied out of it.
struct ParsingSource {
  /// From this size on a value is left where it is, in bytes.
  static let threshold = 32 * 1024

  let owner: any AnyObject & Sendable
  let bytes: UnsafeRawBufferPointer

  /// Whether a value lies in this message, and is most of it: a small part must not keep a large message alive.
  func holds(_ part: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress, let partStart = part.baseAddress else { return false }
    return partStart >= start && partStart + part.count <= start + bytes.count && part.count > bytes.count / 2
  }

  /// Makes data that refers to the message that is being parsed on this thread; nil when it has to be a copy.
  static func data(of bytes: UnsafeRawBufferPointer) -> Data? {
    guard bytes.count >= threshold, let source = ThreadCache.source(of: bytes), let base = bytes.baseAddress else {
      return nil
    }
    // Nobody else uses these bytes any more, so the data may even be changed in place.
    let owner = source.owner
    return Data(
      bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count,
      deallocator: .custom { _, _ in withExtendedLifetime(owner) {} })
  }
}
