import MessagePack

// Compiled together with Sources/zrpc/JSON.

/// The reader and the writer of JSON that the command line uses for arguments and results.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  guard let value = try? MessagePackValue(json: text) else { return 0 }
  let written = value.json
  guard let again = try? MessagePackValue(json: written) else { preconditionFailure("cannot read what was written") }
  precondition(again.json == written, "changed on the way")
  return 0
}
