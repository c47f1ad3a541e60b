internal import MessagePack

/// Packs the entries of a request's header that are not the protocol's own.
struct HeaderEntries: Sendable {
  /// More than this, in bytes, no call carries: peers may not look at a header of more than 64 KiB.
  static let maximumBytes = 32 * 1024

  /// The number of entries.
  private(set) var count = 0
  /// The packed keys and values.
  private(set) var bytes: [UInt8] = []

  /// Packs entries of one or two sources, the second replacing those of the first.
  ///
  /// - Throws: ``RPCError`` with `invalidArgument` for a key of the protocol, a value that cannot be packed, or too much.
  init(_ inherited: [String: MessagePackValue], _ own: [String: MessagePackValue], _ method: String) throws {
    let entries = inherited.merging(own) { _, new in new }
    guard !entries.isEmpty else { return }
    var packer = MessagePackPacker()
    for (key, value) in entries {
      guard !HeaderEntries.isReserved(key) else {
        throw RPCError(
          code: .invalidArgument, message: "cannot call '\(method)': the header key '\(key)' belongs to the protocol")
      }
      do {
        packer.packString(key)
        try packer.pack(value)
        try packer.check()
      } catch let error as MessagePackError {
        throw RPCError(
          code: .invalidArgument, message: "cannot call '\(method)': the header entry '\(key)': \(error)", cause: error)
      }
    }
    guard packer.count <= HeaderEntries.maximumBytes else {
      throw RPCError(
        code: .invalidArgument,
        message: "cannot call '\(method)': its header entries take \(packer.count) bytes, more than "
          + "\(HeaderEntries.maximumBytes); send data as arguments")
    }
    count = entries.count
    bytes = packer.withUnsafeBytes { Array($0) }
  }

  /// Whether a key is the protocol's or one of our extensions to it.
  static func isReserved(_ key: String) -> Bool {
    key == "message_id" || key == "response_to" || key == "v" || key.hasPrefix("zrpc_")
  }

  /// Reads the entries of a received header that are not the protocol's own.
  static func read(_ header: UnsafeRawBufferPointer) -> [String: MessagePackValue] {
    guard case .map(let map) = try? MessagePackValue(parsing: header) else { return [:] }
    var entries: [String: MessagePackValue] = [:]
    for pair in map {
      guard let key = pair.key.text, !isReserved(key) else { continue }
      entries[key] = pair.value
    }
    return entries
  }
}
