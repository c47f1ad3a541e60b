import Foundation
import MessagePack
import Testing

/// Large messages: memory that is used again, and data that is not copied out of what was received.
@Suite(.serialized) struct LargeMessageTests {
  /// Keeps bytes alive as a received frame does, and tells when nobody needs them any more.
  private final class Owner: Sendable {
    let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
  }

  private func packed(_ values: Data...) throws -> Owner {
    var packer = MessagePackPacker()
    packer.packArrayHeader(values.count)
    for value in values { try packer.pack(value) }
    try packer.check()
    return Owner(packer.withUnsafeBytes { Array($0) })
  }

  @Test func keepsTheMemoryOfWhatWasSentForTheNext() throws {
    let size = 3_000_001
    func send() throws -> UnsafeMutableRawPointer {
      var packer = MessagePackPacker()
      packer.packArrayHeader(1)
      try packer.pack(Data(count: size))
      try packer.check()
      let (base, count, capacity) = packer.takePooledBuffer()
      #expect(count > size)
      #expect(capacity >= count && capacity < size * 2)
      LargeBufferPool.give(base, capacity: capacity)
      return base
    }
    let first = try send()
    let second = try send()
    #expect(first == second)
    #expect(LargeBufferPool.keptBytes >= size)
  }

  @Test func keepsNoMoreThanItsLimit() throws {
    let size = 16 * 1024 * 1024
    var blocks: [(base: UnsafeMutableRawPointer, capacity: Int)] = []
    for _ in 0..<8 {
      if let block = LargeBufferPool.take(size) { blocks.append(block) }
    }
    #expect(blocks.count == 8)
    for block in blocks { LargeBufferPool.give(block.base, capacity: block.capacity) }
    #expect(LargeBufferPool.keptBytes <= LargeBufferPool.maximumBytes)
  }

  @Test func packsManyLargeValuesIntoOneMessage() throws {
    let values = (0..<20).map { Data(repeating: UInt8($0), count: 100_000 + $0) }
    var packer = MessagePackPacker()
    packer.packArrayHeader(values.count)
    for value in values { try packer.pack(value) }
    try packer.check()
    let seen = try packer.withUnsafeBytes { bytes in
      try MessagePackParser.withView(of: bytes) { view in try (0..<20).map { try view[$0].decode(Data.self) } }
    }
    #expect(seen == values)
  }

  @Test func dataOfALargeMessageKeepsItAliveInsteadOfCopyingIt() throws {
    let content = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
    weak var seen: Owner?
    var data = Data()
    try {
      let owner = try packed(content)
      seen = owner
      try owner.bytes.withUnsafeBytes { bytes in
        data = try MessagePackParser.withView(of: bytes, ownedBy: owner) { try $0[0].decode(Data.self) }
        let start = try #require(bytes.baseAddress)
        let isInside = data.withUnsafeBytes { $0.baseAddress.map { $0 > start && $0 < start + bytes.count } }
        #expect(isInside == true)
      }
    }()
    #expect(seen != nil)
    #expect(data == content)
    data = Data()
    #expect(seen == nil)
  }

  @Test func aSmallPartOfALargeMessageIsACopy() throws {
    let owner = try packed(Data(count: 40_000), Data(count: 200_000))
    try owner.bytes.withUnsafeBytes { bytes in
      let part = try MessagePackParser.withView(of: bytes, ownedBy: owner) { try $0[0].decode(Data.self) }
      let start = try #require(bytes.baseAddress)
      let isInside = part.withUnsafeBytes { $0.baseAddress.map { $0 > start && $0 < start + bytes.count } }
      #expect(isInside == false)
    }
  }

  @Test func dataIsACopyWhenNobodyOwnsTheBytes() throws {
    let owner = try packed(Data(count: 200_000))
    try owner.bytes.withUnsafeBytes { bytes in
      let data = try MessagePackParser.withView(of: bytes) { try $0[0].decode(Data.self) }
      let start = try #require(bytes.baseAddress)
      let isInside = data.withUnsafeBytes { $0.baseAddress.map { $0 > start && $0 < start + bytes.count } }
      #expect(isInside == false)
    }
  }

  /// Values that stay where they are and the packed bytes around them are together what packing by copying gives.
  @Test func referencesTakeTheirPlacesBetweenTheBytes() throws {
    let values = [0, 10, 40_000, 32_767, 32_768, 1 << 20, 3].map {
      Data(repeating: UInt8(truncatingIfNeeded: $0), count: $0)
    }
    func pack(_ packer: inout MessagePackPacker) throws {
      packer.packArrayHeader(values.count + 2)
      packer.packNil()
      for value in values { value.pack(into: &packer) }
      try ["one": 1].pack(into: &packer)
    }
    var copying = MessagePackPacker()
    try pack(&copying)
    #expect(copying.takeReferences().isEmpty)

    var referring = MessagePackPacker()
    referring.keepsReferences = true
    try pack(&referring)
    try referring.check()
    #expect(referring.messageSize == copying.count)
    let references = referring.takeReferences()
    #expect(references.map(\.bytes.count) == [40_000, 32_768, 1 << 20])
    let packed = referring.withUnsafeBytes { Array($0) }
    var whole: [UInt8] = []
    var start = 0
    for reference in references {
      whole += packed[start..<reference.position] + Array(reference.bytes)
      start = reference.position
    }
    whole += packed[start...]
    #expect(copying.withUnsafeBytes { $0.elementsEqual(whole) })
  }

  /// What is taken back takes its references with it.
  @Test func referencesBehindAMarkAreForgotten() {
    var packer = MessagePackPacker()
    packer.keepsReferences = true
    let data = Data(repeating: 1, count: 50_000)
    data.pack(into: &packer)
    let mark = packer.count
    data.pack(into: &packer)
    packer.truncate(to: mark)
    #expect(packer.takeReferences().map(\.position) == [mark])
  }
}
