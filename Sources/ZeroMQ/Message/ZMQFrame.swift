internal import CZeroMQ

/// Holds one part of a message in libzmq's own memory: it is received, passed on and sent without copying its bytes.
///
/// ```swift
/// let frames = try await source.receiveFrames()
/// try await destination.send(frames)
/// ```
///
/// Copies of the value share the memory, which is never written to.
public struct ZMQFrame: Sendable {
  /// Owns a libzmq message. Its address is that of a heap allocation, because small content lies within the structure.
  package final class Storage: @unchecked Sendable {  // a lock serialises libzmq's bookkeeping; the bytes never change
    private let message: UnsafeMutablePointer<zmq_msg_t>
    private let bookkeeping = Guarded<Void>(())

    /// Takes over the content of a message, which becomes empty.
    init(taking source: UnsafeMutablePointer<zmq_msg_t>) {
      message = .allocate(capacity: 1)
      zmq_msg_init(message)
      zmq_msg_move(message, source)
    }

    init(copying bytes: UnsafeRawBufferPointer) {
      message = .allocate(capacity: 1)
      if zmq_msg_init_size(message, bytes.count) != 0 {
        zmq_msg_init(message)
      } else if let base = bytes.baseAddress, bytes.count > 0 {
        zmq_msg_data(message)?.copyMemory(from: base, byteCount: bytes.count)
      }
    }

    deinit {
      zmq_msg_close(message)
      message.deallocate()
    }

    /// The bytes, valid as long as this object is.
    package var bytes: UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))
    }

    func property(_ name: String) -> String? { zmq_msg_gets(message, name).map { String(cString: $0) } }

    /// Makes another reference to the content, for libzmq to send.
    func reference(_ target: UnsafeMutablePointer<zmq_msg_t>) {
      zmq_msg_init(target)
      bookkeeping.withLock { _ in _ = zmq_msg_copy(target, message) }
    }
  }

  let storage: Storage

  init(_ storage: Storage) { self.storage = storage }

  /// Makes a frame of bytes, which are copied once.
  public init(_ bytes: some Sequence<UInt8>) {
    let copied = bytes.withContiguousStorageIfAvailable { Storage(copying: UnsafeRawBufferPointer($0)) }
    storage = copied ?? Array(bytes).withUnsafeBytes { Storage(copying: $0) }
  }

  /// The number of bytes.
  public var count: Int { storage.bytes.count }

  /// The bytes, copied.
  public var bytes: [UInt8] { storage.bytes.withContiguousStorageIfAvailable { Array($0) } ?? Array(storage.bytes) }

  /// Gives access to the bytes for the duration of the closure, without copying them.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(storage.bytes)
  }

  /// Names what a received frame knows of the connection it came by.
  public struct Property: Sendable, Hashable {
    /// The name as zmq_msg_gets(3) takes it.
    public let name: String

    /// Names a property that has no constant here, such as a metadata entry of a ZAP reply.
    public init(_ name: String) { self.name = name }

    /// The user that the ZAP handler recognised.
    public static let userID = Property("User-Id")
    /// The peer's network address.
    public static let peerAddress = Property("Peer-Address")
    /// The peer's socket type, for example `DEALER`.
    public static let socketType = Property("Socket-Type")
    /// The peer's routing id.
    public static let routingID = Property("Routing-Id")
  }

  /// A property of the connection that the frame came by; nil if it has none, or the frame was not received.
  public subscript(_ property: Property) -> String? { storage.property(property.name) }
}

extension ZMQFrame: Hashable {
  /// Whether the bytes are the same.
  public static func == (left: ZMQFrame, right: ZMQFrame) -> Bool {
    left.withUnsafeBytes { left in right.withUnsafeBytes { right in left.elementsEqual(right) } }
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) { withUnsafeBytes { hasher.combine(bytes: $0) } }
}
