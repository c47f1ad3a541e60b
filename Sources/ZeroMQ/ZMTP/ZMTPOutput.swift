#if os(Linux)
  internal import CZeroMQ
  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #endif

  /// Holds what one connection has still to write: small frames in one buffer, large ones where their owner has them.
  ///
  /// So everything that was said in one turn leaves by one system call, and large content is not copied at all.
  struct ZMTPOutput: ~Copyable {
    /// Says how an attempt to write ended.
    enum Outcome { case done, wouldBlock, failed }

    /// Content that lies elsewhere, between the bytes of the buffer.
    private struct External {
      /// Before which byte of the buffer it stands.
      var position: Int
      var rest: UnsafeRawBufferPointer
      let owner: Unmanaged<AnyObject>
    }

    private var buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var start = 0
    private var end = 0
    private var externals: [External] = []
    /// Messages since everything was written last.
    private(set) var messages = 0

    /// A buffer that became larger than this for a while is given back, in bytes.
    private static let keptCapacity = 64 * 1024
    /// Pieces that are written at once at most.
    private static let pieceLimit = 16

    init() {}

    deinit {
      for external in externals { external.owner.release() }
      buffer.deallocate()
    }

    var isEmpty: Bool { start == end && externals.isEmpty }

    /// Adds one frame, copying its content.
    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer, more: Bool) {
      let target = reserve(ZMTPWire.longestHeader + bytes.count)
      let header = ZMTPWire.writeHeader(flags: more ? ZMTPWire.Flag.more : 0, count: bytes.count, to: target)
      if let base = bytes.baseAddress { (target + header).copyMemory(from: base, byteCount: bytes.count) }
      end += header + bytes.count
      if !more { messages += 1 }
    }

    /// Adds one frame whose content `owner` keeps where it is until it is written.
    mutating func append(_ bytes: UnsafeRawBufferPointer, ownedBy owner: some AnyObject, more: Bool) {
      let target = reserve(ZMTPWire.longestHeader)
      end += ZMTPWire.writeHeader(flags: more ? ZMTPWire.Flag.more : 0, count: bytes.count, to: target)
      if !bytes.isEmpty {
        externals.append(External(position: end, rest: bytes, owner: Unmanaged.passRetained(owner as AnyObject)))
      }
      if !more { messages += 1 }
    }

    /// Adds one frame of bytes, which are copied, and of others between them, which `owner` keeps where they are.
    mutating func append(
      _ bytes: UnsafeRawBufferPointer, inserting inserts: [(position: Int, bytes: UnsafeRawBufferPointer)],
      ownedBy owner: some AnyObject, more: Bool
    ) {
      let size = inserts.reduce(bytes.count) { $0 + $1.bytes.count }
      let target = reserve(ZMTPWire.longestHeader)
      end += ZMTPWire.writeHeader(flags: more ? ZMTPWire.Flag.more : 0, count: size, to: target)
      SocketHandle.pieces(of: bytes, inserting: inserts) { piece, isInserted in
        guard let base = piece.baseAddress, !piece.isEmpty else { return }
        if isInserted {
          externals.append(External(position: end, rest: piece, owner: Unmanaged.passRetained(owner as AnyObject)))
        } else {
          reserve(piece.count).copyMemory(from: base, byteCount: piece.count)
          end += piece.count
        }
      }
      if !more { messages += 1 }
    }

    /// Adds bytes that are framed already.
    mutating func append(raw bytes: [UInt8]) {
      let target = reserve(bytes.count)
      bytes.withUnsafeBytes { if let base = $0.baseAddress { target.copyMemory(from: base, byteCount: $0.count) } }
      end += bytes.count
    }

    /// Makes room behind what waits.
    @inline(__always)
    private mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
      if end + count > buffer.count { grow(by: count) }
      return buffer.baseAddress.unsafelyUnwrapped + end
    }

    @inline(never)
    private mutating func grow(by count: Int) {
      let used = end - start
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1_024, (used + count) * 2), alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      buffer.deallocate()
      buffer = larger
      for index in externals.indices { externals[index].position -= start }
      (start, end) = (0, used)
    }

    /// Writes as much as the system takes now.
    mutating func write(to descriptor: Int32) -> Outcome {
      while !isEmpty {
        let written = externals.isEmpty ? send(descriptor) : sendAll(descriptor)
        if written >= 0 {
          consume(written)
          continue
        }
        if errno == EINTR { continue }
        return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed
      }
      return .done
    }

    @inline(__always)
    private func send(_ descriptor: Int32) -> Int {
      guard let base = buffer.baseAddress else { return 0 }
      return sendBytes(descriptor, base + start, end - start)
    }

    private func sendAll(_ descriptor: Int32) -> Int {
      withUnsafeTemporaryAllocation(of: iovec.self, capacity: ZMTPOutput.pieceLimit) { pieces in
        var count = 0
        var position = start
        func add(_ bytes: UnsafeRawBufferPointer) {
          guard !bytes.isEmpty, count < pieces.count else { return }
          pieces[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
          count += 1
        }
        for external in externals where count < pieces.count {
          add(UnsafeRawBufferPointer(rebasing: buffer[position..<external.position]))
          add(external.rest)
          position = external.position
        }
        // Behind an external that found no place, nothing may follow.
        if count < pieces.count { add(UnsafeRawBufferPointer(rebasing: buffer[position..<end])) }
        return sendPieces(descriptor, pieces, count)
      }
    }

    private mutating func consume(_ written: Int) {
      var written = written
      var finished = 0
      for index in externals.indices {
        let before = min(written, externals[index].position - start)
        start += before
        written -= before
        guard start == externals[index].position else { break }
        let taken = min(written, externals[index].rest.count)
        externals[index].rest = UnsafeRawBufferPointer(rebasing: externals[index].rest[taken...])
        written -= taken
        guard externals[index].rest.isEmpty else { break }
        externals[index].owner.release()
        finished += 1
      }
      if finished > 0 { externals.removeFirst(finished) }
      if externals.isEmpty { start += written }
      guard start == end, externals.isEmpty else { return }
      (start, end, messages) = (0, 0, 0)
      if buffer.count > ZMTPOutput.keptCapacity {
        buffer.deallocate()
        buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
      }
    }
  }
#endif
