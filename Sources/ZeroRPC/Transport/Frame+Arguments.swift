internal import MessagePack
internal import ZeroMQ

extension Frame {
  /// From this size on values may go on using the frame's memory instead of being copied out of it, in bytes.
  private static let sharingThreshold = 32 * 1024

  /// Parses what stands behind an offset; the view is valid only inside the closure.
  ///
  /// The frame is empty afterwards if it was large: what was made of it may own it then.
  @inline(__always)
  mutating func withValue<Result>(
    from start: Int, _ body: (MessagePackView) throws -> Result
  ) throws -> Result {
    if count >= Frame.sharingThreshold {
      let shared = moveToStorage()
      return try MessagePackParser.withView(
        of: UnsafeRawBufferPointer(rebasing: shared.bytes[start...]), ownedBy: shared, body: body)
    }
    return try withUnsafeBytes { bytes in
      try MessagePackParser.withView(of: UnsafeRawBufferPointer(rebasing: bytes[start...]), body: body)
    }
  }
}
