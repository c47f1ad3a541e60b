#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension Data: MessagePackEncodable, MessagePackDecodable {
  /// Packs the bytes as binary.
  public func pack(into packer: inout MessagePackPacker) {
    withUnsafeBytes { packer.packBinary($0) }
  }

  /// Unpacks bytes, from binary or from a string.
  ///
  /// Of a large message that a call has received, the data refers to the message's own memory, which it keeps alive.
  public static func unpack(from view: MessagePackView) throws -> Data {
    if let data = view.withBytes({ ParsingSource.data(of: $0) ?? Data($0) }) { return data }
    throw view.mismatch(expected: "Data", advice: "send binary")
  }
}
