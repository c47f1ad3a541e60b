/// Names the events that the protocol itself uses; everything else is a method's name.
package enum EventName: Sendable, Equatable {
  case ok
  case error
  case stream
  case streamDone
  case heartbeat
  case more
  case method

  /// Classifies the bytes of a name.
  @inline(__always)
  package init(_ bytes: UnsafeRawBufferPointer) {
    switch bytes.count {
    case 2 where bytes.elementsEqual("OK".utf8): self = .ok
    case 3 where bytes.elementsEqual("ERR".utf8): self = .error
    case 6 where bytes.elementsEqual("STREAM".utf8): self = .stream
    case 7 where bytes.elementsEqual("_zpc_hb".utf8): self = .heartbeat
    case 9 where bytes.elementsEqual("_zpc_more".utf8): self = .more
    case 11 where bytes.elementsEqual("STREAM_DONE".utf8): self = .streamDone
    default: self = .method
    }
  }
}
