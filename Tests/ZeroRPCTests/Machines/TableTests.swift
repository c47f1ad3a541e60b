import TestSupport
import Testing

@testable import ZeroRPC

extension Machines {
  /// The tables that find channels and methods, against dictionaries.
  @Suite struct TableTests {
    @Test func slabAgainstADictionary() {
      var random = SeededGenerator(seed: 1)
      var slab = Slab<Int>()
      var model: [Int: (generation: UInt32, value: Int)] = [:]
      var retired: [(key: Int, generation: UInt32)] = []
      var wrong = 0
      for step in 0..<400_000 {
        if Int.random(in: 0..<100, using: &random) < (model.count < 200 ? 60 : 40) {
          var given: (Int, UInt32) = (-1, 0)
          let key = slab.insert { key, generation in
            given = (key, generation)
            return step
          }
          if given.0 != key || model[key] != nil { wrong += 1 }
          model[key] = (given.1, step)
        } else if let key = model.keys.randomElement(using: &random), let entry = model.removeValue(forKey: key) {
          if slab[key] != entry.value || !slab.contains(key, generation: entry.generation) { wrong += 1 }
          slab.remove(key)
          slab.remove(key)
          if retired.count < 1_000 { retired.append((key, entry.generation)) }
        }
        if slab.count != model.count { wrong += 1 }
      }
      #expect(wrong == 0)
      #expect(Set(slab.keys) == Set(model.keys))
      // A key of a channel that ended never matches the one that uses its slot now.
      #expect(retired.allSatisfy { !slab.contains($0.key, generation: $0.generation) })
      #expect(!slab.contains(-1, generation: 1) && slab[-1] == nil && slab[1 << 20] == nil)
      // The memory is bounded by the most that were open at once.
      #expect((slab.keys.max() ?? 0) < 400)
    }

    @Test func channelIndexAgainstADictionary() {
      var random = SeededGenerator(seed: 2)
      var index = ChannelIndex()
      var keys: [Int: [UInt8]] = [:]
      var hashes: [Int: UInt64] = [:]
      var nextSlot = 0
      var wrong = 0
      func hash(_ bytes: [UInt8]) -> UInt64 {
        [UInt8]([1, 2, 3]).withUnsafeBytes { routing in bytes.withUnsafeBytes { index.hash(routing, $0) } }
      }
      for _ in 0..<300_000 {
        if Int.random(in: 0..<100, using: &random) < (keys.count < 300 ? 60 : 40) {
          let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in UInt8.random(in: 0...3, using: &random) }
          let value = hash(bytes)
          if index.find(value, matches: { keys[$0] == bytes }) != nil { continue }
          index.insert(value, slot: nextSlot)
          keys[nextSlot] = bytes
          hashes[nextSlot] = value
          nextSlot += 1
        } else if let (slot, bytes) = keys.randomElement(using: &random), let value = hashes[slot] {
          if index.find(value, matches: { keys[$0] == bytes }) != slot { wrong += 1 }
          index.remove(value, slot: slot)
          (keys[slot], hashes[slot]) = (nil, nil)
          if index.find(value, matches: { keys[$0] == bytes }) != nil { wrong += 1 }
        }
      }
      for (slot, bytes) in keys where index.find(hashes[slot] ?? 0, matches: { keys[$0] == bytes }) != slot {
        wrong += 1
      }
      #expect(wrong == 0)
    }

    /// Entries whose hashes collide wholly or in their low bits are still told apart.
    @Test func channelIndexWithCollisions() {
      var random = SeededGenerator(seed: 3)
      var index = ChannelIndex()
      var model: [Int: UInt64] = [:]
      var wrong = 0
      for step in 0..<100_000 {
        if model.count < 40, Bool.random(using: &random) {
          let hash = UInt64.random(in: 0..<6, using: &random) << 32 | UInt64.random(in: 58..<66, using: &random)
          index.insert(hash, slot: step)
          model[step] = hash
        } else if let (slot, hash) = model.randomElement(using: &random) {
          if index.find(hash, matches: { $0 == slot }) != slot { wrong += 1 }
          index.remove(hash, slot: slot)
          model[slot] = nil
          for (other, hash) in model where index.find(hash, matches: { $0 == other }) != other { wrong += 1 }
        }
      }
      #expect(wrong == 0)
    }

    @Test func channelIndexSeparatesRoutingFromId() {
      let index = ChannelIndex()
      func hash(_ routing: [UInt8], _ id: [UInt8]) -> UInt64 {
        routing.withUnsafeBytes { routing in id.withUnsafeBytes { index.hash(routing, $0) } }
      }
      #expect(hash([1, 2], [3]) != hash([1], [2, 3]))
      #expect(hash([], [0]) != hash([], [0, 0]))
      #expect(hash([0], []) != hash([], [0]))
    }

    @Test func methodTable() {
      let names = (0..<500).map { "method_\($0)" } + ["", "é", "add", "adD", String(repeating: "x", count: 300)]
      var duplicates: [String] = []
      let definitions = (names + ["add", "é"]).map { name in RPCMethodDefinition(name) { _ in } }
      let table = MethodTable(definitions, duplicates: &duplicates)
      #expect(duplicates == ["add", "é"])
      #expect(table.methods.count == names.count)
      func find(_ name: String) -> String? {
        Array(name.utf8).withUnsafeBytes { table.find($0)?.definition.name }
      }
      for name in names { #expect(find(name) == name) }
      for name in ["ad", "addd", "method_500", "\0"] { #expect(find(name) == nil) }
      // Names are compared by their bytes: the same letter composed otherwise is another name.
      #expect([0x65, 0xCC, 0x81].withUnsafeBytes { table.find($0) } == nil)
    }

    @Test func emptyMethodTable() {
      var duplicates: [String] = []
      let table = MethodTable([], duplicates: &duplicates)
      #expect([UInt8]("add".utf8).withUnsafeBytes { table.find($0) } == nil)
    }

    @Test func messageIDs() {
      let generator = MessageIDGenerator()
      let other = MessageIDGenerator()
      var random = SeededGenerator(seed: 4)
      for round in 0..<20_000 {
        let (high, low) =
          round == 0 ? (0, 0) : round == 1 ? (.max, .max) : (UInt32(truncatingIfNeeded: random.next()), UInt32(round))
        let encoded = generator.encoded(high, low)
        let isRight = encoded.withUnsafeBytes { bytes in
          let digits = bytes.dropFirst(2)
          let isHex = digits.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) }
          let read = generator.read(bytes)
          return bytes.count == 34 && bytes[0] == 0xC4 && bytes[1] == 32 && isHex && read?.high == high
            && read?.low == low && other.read(bytes) == nil
        }
        guard isRight else {
          Issue.record("wrong id for \(high), \(low)")
          return
        }
      }
      for foreign in [
        [], [0xC4], [0xC4, 32], [UInt8](repeating: 0x30, count: 34), [UInt8](repeating: 0xFF, count: 34),
      ] {
        #expect(foreign.withUnsafeBytes { generator.read($0) } == nil)
      }
    }

    @Test func everyEventHasAnIdOfItsOwn() {
      var generator = MessageIDGenerator()
      var seen: Set<[UInt8]> = []
      for _ in 0..<10_000 {
        var id = [UInt8](repeating: 0, count: 32)
        id.withUnsafeMutableBytes { if let base = $0.baseAddress { generator.writeNext(to: base) } }
        seen.insert(id)
      }
      #expect(seen.count == 10_000)
    }

    @Test(arguments: [0, 1, 5, 34, 47, 48, 49, 100, 1_000])
    func inlineBytes(count: Int) {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 + 1) }
      let inline = InlineBytes(bytes)
      #expect(inline.count == count)
      #expect(inline.withUnsafeBytes { Array($0) } == bytes)
      #expect(bytes.withUnsafeBytes { inline.equals($0) })
      #expect(inline == InlineBytes(bytes))
      #expect(inline.hashValue == InlineBytes(bytes).hashValue)
      let longer = InlineBytes(bytes + [0])
      #expect(inline != longer)
      #expect(!(bytes + [0]).withUnsafeBytes { inline.equals($0) })
      if count > 0 {
        var other = bytes
        other[count - 1] ^= 1
        #expect(inline != InlineBytes(other))
      }
      #expect(Set([inline, longer, InlineBytes(bytes)]).count == 2)
    }
  }
}
