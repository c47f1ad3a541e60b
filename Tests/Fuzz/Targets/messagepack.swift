import Foundation
import MessagePack

/// Is decoded from whatever the input holds.
private struct Sample: Codable, Equatable {
  struct Part: Codable, Equatable {
    var name: String
    var price: Double?
  }
  var title: String
  var parts: [Part]
  var counts: [String: Int]
  var bytes: Data
}

/// The decoder, by all of its ways: skipping, walking, whole values, and types.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  let skipped = try? MessagePackParser.skip(bytes)
  if let skipped { precondition(skipped > 0 && skipped <= count, "skipped out of bounds") }
  if let value = try? MessagePackParser.withView(of: bytes, body: { try $0.value() }) {
    precondition(skipped != nil, "what can be parsed can be skipped")
    // What was read can be written, and is read as the same again.
    if let packed = try? value.serialized() {
      let again = try? MessagePackValue(parsing: packed).serialized()
      precondition(again == packed, "changed on the way")
    }
    _ = value.hashValue
    _ = "\(value)".count
  }
  _ = try? MessagePackParser.withView(of: bytes) { try $0.decode(Sample.self) }
  _ = try? MessagePackParser.withView(of: bytes) { try $0.decode([String: [Int]].self) }
  _ = try? MessagePackParser.withView(of: bytes) { try $0.decode([Double?].self) }
  _ = try? MessagePackParser.withView(of: bytes) { try $0.decode(Date.self) }
  return 0
}
