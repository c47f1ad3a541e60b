#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension Data: MessagePackEncodable, MessagePackDecodable {
  /// Packs the bytes as binary.
  public func pack(into packer: inout MessagePackPacker) {
    withUnsafeBytes { bytes in
      if packer.packReference(to: bytes, of: { DataOwner(self) }) { return }
      packer.packBinary(bytes)
    }
  }

  /// Unpacks bytes, from binary or from a string.
  ///
  /// Of a large message that a call has received, the data refers to the message's own memory, which it keeps alive.
  public static func unpack(from view: MessagePackView) throws -> Data {
    if let data = view.withBytes({ ParsingSource.data(of: $0) ?? Data($0) }) { return data }
    throw view.mismatch(expected: "Data", advice: "send binary")
  }
}

/// Keeps data alive. Its storage neither moves nor changes while somebody holds it: whoever writes to it meanwhile gets a copy.
private final class DataOwner: Sendable {
  private let data: Data
  init(_ data: Data) { self.data = data }
}
