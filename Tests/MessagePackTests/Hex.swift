import MessagePack

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Reads bytes from hexadecimal digits; spaces are for the reader.
func bytes(_ hex: String) -> [UInt8] {
  let digits = hex.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}

/// Writes bytes as hexadecimal digits.
func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { byte in
    let digits = String(byte, radix: 16)
    return digits.count < 2 ? "0\(digits)" : digits
  }.joined()
}

/// Packs a value by its direct path.
func packed(_ value: some MessagePackEncodable) throws -> [UInt8] {
  var packer = MessagePackPacker()
  try packer.pack(value)
  try packer.check()
  return packer.withUnsafeBytes { Array($0) }
}

/// Unpacks a value by its direct path.
func unpacked<T: MessagePackDecodable>(_ type: T.Type = T.self, from bytes: [UInt8]) throws -> T {
  try bytes.withUnsafeBytes { buffer in
    try MessagePackParser.withView(of: buffer) { try $0.decode(type) }
  }
}

/// The error that a closure throws.
func messagePackError<R>(_ body: () throws -> R) -> MessagePackError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? MessagePackError
  }
}
