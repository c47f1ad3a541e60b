/// Passes the caller's own value into a lock's closure. The closure runs at once on the caller's thread, so nothing is shared;
/// region analysis only cannot see that the value does not stay behind in the guarded state.
struct UnsafeTransfer<Value: ~Copyable>: @unchecked Sendable {  // used within one synchronous call only, see above
  let pointer: UnsafeMutablePointer<Value>

  init(_ pointer: UnsafeMutablePointer<Value>) { self.pointer = pointer }
}
