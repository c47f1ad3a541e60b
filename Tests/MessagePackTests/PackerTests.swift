import Foundation
import MessagePack
import Testing

@Suite struct PackerTests {
  @Test func nestsPackersAndViewsOnOneThread() throws {
    var outer = MessagePackPacker()
    outer.packArrayHeader(2)
    outer.packString("outer")
    var inner = MessagePackPacker()
    inner.packString("inner")
    #expect(inner.withUnsafeBytes { hex($0) } == "a5696e6e6572")
    inner.withUnsafeBytes { outer.appendRaw($0) }
    let all = outer.withUnsafeBytes { Array($0) }
    #expect(hex(all) == "92a56f75746572a5696e6e6572")

    try all.withUnsafeBytes { buffer in
      try MessagePackParser.withView(of: buffer) { first in
        try MessagePackParser.withView(of: buffer) { second in
          let texts = try [first[0].decode(String.self), second[1].decode(String.self)]
          #expect(texts == ["outer", "inner"])
        }
        // The inner space was given back meanwhile; the outer one is untouched.
        try MessagePackParser.withView(of: buffer) { #expect($0.count == 2) }
        let text = try first[1].decode(String.self)
        #expect(text == "inner")
      }
    }
  }

  @Test func startsEmptyEveryTime() throws {
    for _ in 0..<3 {
      var packer = MessagePackPacker()
      #expect(packer.count == 0)
      #expect(packer.enclosingDepth == 0)
      packer.enclosingDepth = 5
      packer.packString(String(repeating: "x", count: 1000))
    }
  }

  @Test func grows() throws {
    var packer = MessagePackPacker(reservingCapacity: 0)
    for index in 0..<100_000 { packer.packInteger(Int64(index)) }
    packer.packBinary(UnsafeRawBufferPointer(start: nil, count: 0))
    try packer.check()
    try packer.withUnsafeBytes { bytes in
      var offset = 0
      for index in 0..<100_000 {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        var consumed = 0
        try MessagePackParser.withView(of: rest, consumed: &consumed) { #expect($0.int64Value == Int64(index)) }
        offset += consumed
      }
      #expect(offset + 2 == bytes.count)
    }
  }

  @Test func truncates() throws {
    var packer = MessagePackPacker()
    packer.packInteger(1 as Int64)
    let mark = packer.count
    packer.packString("gone")
    packer.truncate(to: mark)
    packer.truncate(to: 100)
    packer.truncate(to: -1)
    #expect(packer.withUnsafeBytes { hex($0) } == "01")
  }

  @Test func takesBackWhatFailed() throws {
    var packer = MessagePackPacker()
    packer.packNil()
    #expect(messagePackError { try packer.pack([Date(timeIntervalSince1970: .nan)] as [Date]) } != nil)
    packer.truncate(to: 1)
    struct Bad: Encodable {
      var good = "text"
      var date = Date(timeIntervalSince1970: .nan)
    }
    let error = messagePackError { try packer.pack(Bad()) }
    #expect(error?.path == "date")
    #expect(packer.withUnsafeBytes { hex($0) } == "c0")
    try packer.pack("next")
    #expect(packer.withUnsafeBytes { hex($0) } == "c0a46e657874")
  }

  @Test func changesBytesInPlace() throws {
    var packer = MessagePackPacker()
    packer.packString("abc")
    packer.withUnsafeMutableBytes { $0[1] = 0x7a }
    #expect(packer.withUnsafeBytes { hex($0) } == "a37a6263")
  }

  @Test func handsOverItsBuffer() throws {
    var packer = MessagePackPacker()
    packer.packString("abc")
    let (base, count) = packer.takeBuffer()
    defer { free(base) }
    #expect(hex(UnsafeRawBufferPointer(start: base, count: count)) == "a3616263")
    // The thread's next buffer is another one.
    var next = MessagePackPacker()
    next.packString("xyz")
    #expect(hex(UnsafeRawBufferPointer(start: base, count: count)) == "a3616263")
    let empty = MessagePackPacker(reservingCapacity: 0).takeBuffer()
    #expect(empty.count == 0)
    free(empty.base)
  }

  @Test func refusesCountsThatNoFormatHolds() throws {
    for count in [-1, 4_294_967_296, Int.max, Int.min] {
      var packer = MessagePackPacker()
      packer.packArrayHeader(count)
      packer.packNil()
      #expect(packer.count == 0)
      #expect(messagePackError { try packer.check() }?.code == .outOfRange)
      packer.truncate(to: 0)
      packer.packMapHeader(count)
      #expect(messagePackError { try packer.check() }?.code == .outOfRange)
    }
    var packer = MessagePackPacker()
    packer.packArrayHeader(4_294_967_295)
    #expect(packer.withUnsafeBytes { hex($0) } == "ddffffffff")
    try packer.check()
  }

  @Test func survivesAnImpossibleReservation() throws {
    var packer = MessagePackPacker(reservingCapacity: .max)
    #expect(messagePackError { try packer.check() }?.code == .outOfMemory)
    packer.packString("ignored")
    #expect(packer.count == 0)
    packer.truncate(to: 0)
    packer.packString("x")
    try packer.check()
  }

  @Test func worksOnManyThreads() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<16 {
        group.addTask {
          for round in 0..<200 {
            let item = Item(name: "\(task)", price: Double(round), tags: [])
            let data = try MessagePackEncoder().encode(item)
            await Task.yield()
            #expect(try MessagePackDecoder().decode(Item.self, from: data) == item)
          }
        }
      }
      try await group.waitForAll()
    }
    // Threads that end free what they kept; a sanitizer or valgrind sees it if not.
    for _ in 0..<20 {
      let thread = Thread {
        _ = try? MessagePackDecoder().decode([Item].self, from: MessagePackEncoder().encode([Item(name: "", price: 0)]))
      }
      thread.start()
    }
  }
}
