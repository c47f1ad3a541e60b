/// Walks over MessagePack bytes before libmsgpack sees them, without allocating.
///
/// libmsgpack trusts a declared length: an array header of five bytes makes it allocate 96 GiB, and the length 2^32 - 1 of an
/// extension overflows. After this walk, every declared element is known to be there.
struct Scanner {
  let bytes: UnsafeRawBufferPointer
  var offset: Int

  /// Moves behind the value at the offset.
  mutating func skipValue() throws(MessagePackError) {
    var result: Result<Void, MessagePackError> = .success(())
    var end = offset
    // The elements that are still to come, for each container that is open.
    withUnsafeTemporaryAllocation(of: Int.self, capacity: MessagePackParser.maximumDepth) { open in
      do throws(MessagePackError) {
        end = try skip(from: offset, open: open)
      } catch {
        result = .failure(error)
      }
    }
    offset = end
    try result.get()
  }

  private func skip(from start: Int, open: UnsafeMutableBufferPointer<Int>) throws(MessagePackError) -> Int {
    guard let base = bytes.baseAddress, start >= 0 else { throw truncated(start) }
    let end = bytes.count
    var position = start
    var depth = 0
    // Elements to come at the present depth, this one included.
    var pending = 1
    while true {
      guard position < end else { throw truncated(position) }
      let byte = base.load(fromByteOffset: position, as: UInt8.self)
      position += 1
      var body = 0
      var elements = -1
      switch byte {
      case 0x00...0x7f, 0xe0...0xff, 0xc0, 0xc2, 0xc3: break
      case 0xa0...0xbf: body = Int(byte & 0x1f)
      case 0x90...0x9f: elements = Int(byte & 0x0f)
      case 0x80...0x8f: elements = Int(byte & 0x0f) * 2
      case 0xcc, 0xd0: body = 1
      case 0xcd, 0xd1: body = 2
      case 0xca, 0xce, 0xd2: body = 4
      case 0xcb, 0xcf, 0xd3: body = 8
      case 0xd4: body = 2
      case 0xd5: body = 3
      case 0xd6: body = 5
      case 0xd7: body = 9
      case 0xd8: body = 17
      case 0xc4, 0xd9: body = try length(base, &position, width: 1)
      case 0xc5, 0xda: body = try length(base, &position, width: 2)
      case 0xc6, 0xdb: body = try length(base, &position, width: 4)
      case 0xc7: body = try length(base, &position, width: 1) + 1
      case 0xc8: body = try length(base, &position, width: 2) + 1
      case 0xc9:
        body = try length(base, &position, width: 4) + 1
        // libmsgpack adds the type's byte in 32 bits.
        if body > UInt32.max { throw malformed(byte, position) }
      case 0xdc: elements = try length(base, &position, width: 2)
      case 0xdd: elements = try length(base, &position, width: 4)
      case 0xde: elements = try length(base, &position, width: 2) * 2
      case 0xdf: elements = try length(base, &position, width: 4) * 2
      default: throw malformed(byte, position - 1)
      }
      guard body <= end - position, elements <= end - position else { throw truncated(position) }
      position += body
      pending -= 1
      if elements >= 0 {
        guard depth < open.count else { throw tooDeep(position) }
        if elements > 0 {
          open[depth] = pending
          depth += 1
          pending = elements
        }
      }
      while pending == 0 {
        if depth == 0 { return position }
        depth -= 1
        pending = open[depth]
      }
    }
  }

  @inline(__always)
  private func length(
    _ base: UnsafeRawPointer, _ position: inout Int, width: Int
  ) throws(MessagePackError) -> Int {
    guard width <= bytes.count - position else { throw truncated(position) }
    defer { position += width }
    switch width {
    case 1: return Int(base.load(fromByteOffset: position, as: UInt8.self))
    case 2: return Int(UInt16(bigEndian: base.loadUnaligned(fromByteOffset: position, as: UInt16.self)))
    default: return Int(UInt32(bigEndian: base.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
    }
  }

  @inline(never)
  private func truncated(_ position: Int) -> MessagePackError {
    MessagePackError(
      code: .truncated,
      message: "the message ends inside a value: it has \(bytes.count) bytes, more are declared at byte \(position); "
        + "send complete values")
  }

  @inline(never)
  private func tooDeep(_ position: Int) -> MessagePackError {
    MessagePackError.tooDeep(where: " at byte \(position)")
  }

  @inline(never)
  private func malformed(_ byte: UInt8, _ position: Int) -> MessagePackError {
    MessagePackError(
      code: .malformed,
      message: "byte 0x\(String(byte, radix: 16)) at \(position) begins no MessagePack value; "
        + "is the peer using MessagePack?")
  }
}

extension MessagePackError {
  static func tooDeep(where place: String = "") -> MessagePackError {
    MessagePackError(
      code: .tooDeep,
      message: "containers are nested more than \(MessagePackParser.maximumDepth) deep\(place); flatten the value")
  }
}
