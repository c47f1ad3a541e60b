@testable import ZeroRPC

/// The readers of events: header and name, credits, errors, and task context.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  guard let layout = try? EventReader.read(bytes) else { return 0 }
  for range in [layout.messageID, layout.responseTo, layout.name, layout.header, layout.error].compactMap({ $0 }) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a part lies outside of the event")
  }
  precondition(layout.arguments >= 0 && layout.arguments <= count)
  precondition(layout.foreignEntries <= layout.headerEntries)
  _ = EventReader.grant(bytes, at: layout.arguments)
  _ = EventName(UnsafeRawBufferPointer(rebasing: bytes[layout.name]))
  let header = HeaderEntries.read(UnsafeRawBufferPointer(rebasing: bytes[layout.header]))
  precondition(header.count <= layout.foreignEntries, "more context than entries")
  let error = RemoteError(parsing: UnsafeRawBufferPointer(rebasing: bytes[layout.arguments...]))
  _ = error.description.count
  _ = RequestHeader(layout, now: .max - 5)
  let ids = MessageIDGenerator()
  _ = ids.read(UnsafeRawBufferPointer(rebasing: bytes[layout.responseTo ?? 0..<0]))
  return 0
}
