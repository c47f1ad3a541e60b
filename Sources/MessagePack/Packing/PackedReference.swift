/// Holds a large value that was not copied into a packer's buffer, but is sent from where it lies.
package struct PackedReference: Sendable {
  /// Before which of the packed bytes it stands.
  package let position: Int
  /// Its bytes, valid as long as ``owner`` is.
  package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer  // nobody writes to them while `owner` is held
  /// Keeps the bytes alive, and unchanged.
  let owner: any AnyObject & Sendable

  /// From this size on a value is worth it, in bytes.
  static let threshold = 32 * 1024
}
