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
    case 2 where bytes.equals("OK"): self = .ok
    case 3 where bytes.equals("ERR"): self = .error
    case 6 where bytes.equals("STREAM"): self = .stream
    case 7 where bytes.equals("_zpc_hb"): self = .heartbeat
    case 9 where bytes.equals("_zpc_more"): self = .more
    case 11 where bytes.equals("STREAM_DONE"): self = .streamDone
    default: self = .method
    }
  }
}
