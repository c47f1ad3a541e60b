/// Keeps a received frame alive for values that refer to its bytes.
package final class SharedFrame: @unchecked Sendable {  // never changed after init; its bytes belong to one value
  private var frame: Frame
  /// The frame's bytes, valid as long as this object is.
  package let bytes: UnsafeRawBufferPointer

  /// Takes over a frame's content; the frame becomes empty.
  package init(taking other: inout Frame) {
    frame = Frame()
    frame.take(&other)
    bytes = frame.withUnsafeBytes { $0 }
  }
}
