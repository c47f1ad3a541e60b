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
  public static func unpack(from view: MessagePackView) throws -> Data {
    if let data = view.withBytes({ Data($0) }) { return data }
    throw view.mismatch(expected: "Data", advice: "send binary")
  }
}
