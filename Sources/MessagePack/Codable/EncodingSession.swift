#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Writes the containers of one `Codable` value straight into a packer.
///
/// A container's header is written when the container is made, and its count is put right with every element. Almost all
/// code fills one container at a time, so that an element is appended at the end. Code may also go back to an earlier
/// container while a later one is behind it (`nestedContainer` and `superEncoder` allow that): then the element is packed
/// aside and inserted.
final class EncodingSession {
  /// Names a container of the session. The identifier tells a container that is gone from one that took its place.
  struct Handle {
    let index: Int
    let id: Int
  }

  enum Kind {
    /// Made for a value that has not said yet what it is.
    case undecided
    case single
    case array
    case map
  }

  struct Record {
    let id: Int
    let parent: Int?
    let depth: Int
    var kind: Kind
    /// Where its first byte stands.
    var start: Int
    /// 0 while nothing stands there.
    var headerSize: Int
    var count = 0
    /// Where the container ends, if anything was written behind it; nil while it grows at the end of the bytes.
    var end: Int?
  }

  /// Packs one value into a session, in a container of that session if there is one.
  typealias Pack = (EncodingSession, Handle?) throws -> Void

  // The run-time check of exclusive access would be a fifth of the time of encoding. It can go: a session is used by one
  // thread, and whatever overlaps changes one word of these at a time.
  @exclusivity(unchecked) var packer: MessagePackPacker
  /// What went wrong in a call that cannot throw. The encoding fails with it.
  @exclusivity(unchecked) var failure: (any Error)?
  @exclusivity(unchecked) private var records: [Record] = []
  @exclusivity(unchecked) private var tail: Int?
  @exclusivity(unchecked) private var nextID = 0
  let userInfo: [CodingUserInfoKey: any Sendable]
  private let baseDepth: Int

  init(packer: consuming MessagePackPacker, userInfo: [CodingUserInfoKey: any Sendable], depth: Int) {
    self.packer = packer
    self.userInfo = userInfo
    baseDepth = depth
  }

  subscript(handle: Handle) -> Record? {
    guard records.indices.contains(handle.index) else { return nil }
    let record = records[handle.index]
    return record.id == handle.id ? record : nil
  }

  func depth(of handle: Handle?) -> Int {
    guard let handle else { return baseDepth }
    return self[handle]?.depth ?? baseDepth
  }

  // MARK: Values

  /// Lets a value encode itself as the next value at the end of the bytes, then forgets the containers it made.
  func encodeAtEnd<T: Encodable>(
    _ value: T, in parent: Handle?, under node: CodingNode?, at key: (any CodingKey)?
  ) throws {
    let base = records.count
    let savedTail = tail
    // A value that is written through a single value container opens no level of its own.
    let isSingle = parent.map { self[$0]?.kind == .undecided } ?? false
    let depth = depth(of: parent) + (isSingle ? 0 : 1)
    let slot = push(.undecided, parent: parent, depth: depth, start: packer.count, headerSize: 0)
    defer {
      records.removeLast(records.count - base)
      tail = savedTail
    }
    let encoder = ValueEncoder(session: self, slot: slot, parent: node, key: key)
    try value.encode(to: encoder)
    if let failure { throw failure }
    // A value that writes nothing, as an empty struct may do, is an empty map.
    if let record = self[slot], record.kind == .undecided { try open(slot, as: .map, node: encoder) }
  }

  /// Packs an element of a container, with its key if it is a map. Nothing of it stays if it throws.
  @inline(__always)
  func appendElement(
    to handle: Handle, key: String?, node: CodingNode, _ pack: Pack
  ) throws {
    // What could not be opened, for its depth say, must not be filled either.
    if let failure { throw failure }
    if records.indices.contains(handle.index), records[handle.index].id == handle.id, records[handle.index].end == nil {
      closeContainers(behind: handle.index)
      let mark = packer.count
      do {
        if let key { packer.packString(key) }
        try pack(self, handle)
      } catch {
        packer.truncate(to: mark)
        throw error
      }
      countElement(of: handle.index)
    } else {
      try insertElement(in: handle, key: key, node: node, pack)
    }
  }

  @inline(never)
  private func insertElement(
    in handle: Handle, key: String?, node: CodingNode, _ pack: Pack
  ) throws {
    guard let record = self[handle], let end = record.end else { throw gone(node) }
    let aside = EncodingSession(
      packer: MessagePackPacker(), userInfo: userInfo, depth: record.depth)
    if let key { aside.packer.packString(key) }
    try pack(aside, nil)
    try aside.packer.check()
    replaceBytes(end..<end, by: aside, owner: handle.index)
    countElement(of: handle.index)
  }

  /// Packs the only value of a slot.
  func writeSingle(_ slot: Handle, node: CodingNode, _ pack: Pack) throws {
    guard let record = self[slot] else { throw gone(node) }
    guard record.kind == .undecided else {
      throw invalid("a value was encoded twice through the same single value container; encode it once", node)
    }
    if record.end == nil, record.headerSize == 0 {
      closeContainers(behind: slot.index)
      let mark = packer.count
      do {
        try pack(self, slot)
      } catch {
        packer.truncate(to: mark)
        throw error
      }
    } else {
      let aside = EncodingSession(packer: MessagePackPacker(), userInfo: userInfo, depth: record.depth - 1)
      try pack(aside, nil)
      try aside.packer.check()
      replaceBytes(record.start..<record.start + record.headerSize, by: aside, owner: slot.index)
    }
    records[slot.index].kind = .single
  }

  // MARK: Containers

  /// Makes a container in a container. Its header takes one byte until it holds more than 15 elements.
  func makeContainer(_ kind: Kind, in handle: Handle, key: String?, node: CodingNode) -> Handle? {
    guard let record = self[handle] else {
      note(gone(node))
      return nil
    }
    let depth = record.depth + 1
    guard depth <= MessagePackParser.maximumDepth else {
      note(Self.error(.tooDeep(), node))
      return nil
    }
    let start: Int
    if record.end == nil {
      closeContainers(behind: handle.index)
      if let key { packer.packString(key) }
      start = packer.count
      packer.packMapHeader(0)
    } else {
      let aside = EncodingSession(packer: MessagePackPacker(), userInfo: userInfo, depth: depth)
      if let key { aside.packer.packString(key) }
      let keySize = aside.packer.count
      aside.packer.packMapHeader(0)
      let end = record.end ?? packer.count
      replaceBytes(end..<end, by: aside, owner: handle.index)
      start = end + keySize
    }
    let isAtEnd = record.end == nil
    let child = push(.undecided, parent: handle, depth: depth, start: start, headerSize: 1, isAtEnd: isAtEnd)
    countElement(of: handle.index)
    if kind != .undecided { decide(child, kind) }
    return child
  }

  /// Makes a slot the container that its value asks for, or finds that it is one already: a subclass may share its
  /// superclass's container.
  func open(_ slot: Handle, as kind: Kind, node: CodingNode) throws {
    guard let record = self[slot] else { throw gone(node) }
    if record.kind == kind { return }
    guard record.kind == .undecided else {
      throw invalid("a value was encoded in two ways at once; ask for one kind of container", node)
    }
    guard record.depth <= MessagePackParser.maximumDepth else { throw Self.error(.tooDeep(), node) }
    if record.headerSize == 0 {
      if record.end == nil {
        packer.packMapHeader(0)
      } else {
        let aside = EncodingSession(packer: MessagePackPacker(), userInfo: userInfo, depth: record.depth)
        aside.packer.packMapHeader(0)
        replaceBytes(record.start..<record.start, by: aside, owner: slot.index)
      }
      records[slot.index].headerSize = 1
    }
    decide(slot, kind)
  }

  func note(_ error: any Error) {
    failure = failure ?? error
  }

  private func decide(_ handle: Handle, _ kind: Kind) {
    records[handle.index].kind = kind
    writeHeader(of: handle.index)
  }

  private func push(
    _ kind: Kind, parent: Handle?, depth: Int, start: Int, headerSize: Int, isAtEnd: Bool = true
  ) -> Handle {
    let handle = Handle(index: records.count, id: nextID)
    nextID += 1
    records.append(
      Record(id: handle.id, parent: parent?.index, depth: depth, kind: kind, start: start, headerSize: headerSize))
    if isAtEnd {
      tail = handle.index
    } else {
      records[handle.index].end = start + headerSize
    }
    return handle
  }

  /// Ends the containers that were growing inside of this one: something comes behind them now.
  @inline(__always)
  private func closeContainers(behind index: Int) {
    while let last = tail, last != index {
      records[last].end = packer.count
      tail = records[last].parent
    }
  }

  // MARK: Bytes

  private func countElement(of index: Int) {
    records[index].count += 1
    let count = records[index].count
    if records[index].headerSize == 1, count <= 15 {
      let header: UInt8 = (records[index].kind == .array ? 0x90 : 0x80) | UInt8(truncatingIfNeeded: count)
      let start = records[index].start
      packer.withUnsafeMutableBytes { bytes in
        if start < bytes.count { bytes[start] = header }
      }
      return
    }
    let wanted = count > 0xffff ? 5 : 3
    if records[index].headerSize < wanted {
      let old = records[index].start + records[index].headerSize
      shift(from: old, by: wanted - records[index].headerSize, owner: index)
      records[index].headerSize = wanted
    }
    writeHeader(of: index)
  }

  private func writeHeader(of index: Int) {
    let record = records[index]
    let isArray = record.kind == .array
    packer.withUnsafeMutableBytes { bytes in
      guard record.start + record.headerSize <= bytes.count else { return }
      switch record.headerSize {
      case 1:
        bytes[record.start] = (isArray ? 0x90 : 0x80) | UInt8(truncatingIfNeeded: record.count)
      case 3:
        bytes[record.start] = isArray ? 0xdc : 0xde
        let count = UInt16(truncatingIfNeeded: record.count).bigEndian
        bytes.storeBytes(of: count, toByteOffset: record.start + 1, as: UInt16.self)
      default:
        bytes[record.start] = isArray ? 0xdd : 0xdf
        let count = UInt32(truncatingIfNeeded: record.count).bigEndian
        bytes.storeBytes(of: count, toByteOffset: record.start + 1, as: UInt32.self)
      }
    }
  }

  /// Puts bytes that were packed aside in the place of others, in the middle.
  private func replaceBytes(_ range: Range<Int>, by aside: EncodingSession, owner: Int) {
    if let failure = aside.failure { note(failure) }
    let count = aside.packer.count
    shift(from: range.upperBound, by: count - range.count, owner: owner)
    aside.packer.withUnsafeBytes { source in
      packer.withUnsafeMutableBytes { target in
        guard range.lowerBound + count <= target.count else { return }
        UnsafeMutableRawBufferPointer(rebasing: target[range.lowerBound..<range.lowerBound + count])
          .copyMemory(from: source)
      }
    }
  }

  /// Moves everything from an offset on, and tells the containers. The owner and what encloses it grow or shrink.
  private func shift(from offset: Int, by distance: Int, owner: Int) {
    guard packer.shift(from: offset, by: distance) else { return }
    var growing: Int? = owner
    while let index = growing {
      if let end = records[index].end { records[index].end = end + distance }
      growing = records[index].parent
    }
    for index in records.indices where !isAncestor(index, of: owner) && records[index].start >= offset {
      records[index].start += distance
      if let end = records[index].end { records[index].end = end + distance }
    }
  }

  private func isAncestor(_ candidate: Int, of index: Int) -> Bool {
    var next: Int? = index
    while let current = next {
      if current == candidate { return true }
      next = records[current].parent
    }
    return false
  }

  // MARK: Errors

  private func gone(_ node: CodingNode) -> any Error {
    invalid("a container was used after its value's encode(to:) had returned; use it inside", node)
  }

  private func invalid(_ message: String, _ node: CodingNode) -> any Error {
    Self.error(MessagePackError(code: .invalidValue, message: message), node)
  }

  static func error(
    _ error: MessagePackError, _ node: CodingNode?, _ key: (any CodingKey)? = nil
  ) -> any Error {
    EncodingError.invalidValue(
      Optional<Never>.none as Any,
      EncodingError.Context(
        codingPath: node?.codingPath(appending: key) ?? [], debugDescription: error.message, underlyingError: error))
  }
}
