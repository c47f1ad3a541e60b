/// Stores values under small integer keys that are reused, with a generation that tells old keys from new ones.
package struct Slab<Element> {
  private var entries: [Element?] = []
  private var generations: [UInt32] = []
  private var free: [Int32] = []
  /// The number of values stored.
  package private(set) var count = 0

  package init() {}

  /// Stores a value and returns its key.
  package mutating func insert(_ make: (_ key: Int, _ generation: UInt32) -> Element) -> Int {
    count += 1
    if let key = free.popLast() {
      entries[Int(key)] = make(Int(key), generations[Int(key)])
      return Int(key)
    }
    let key = entries.count
    generations.append(1)
    entries.append(make(key, 1))
    return key
  }

  /// Removes a value; its key may be given out again.
  package mutating func remove(_ key: Int) {
    guard entries.indices.contains(key), entries[key] != nil else { return }
    entries[key] = nil
    generations[key] &+= 1
    free.append(Int32(key))
    count -= 1
  }

  /// Whether a key with this generation is still in use.
  @inline(__always)
  package func contains(_ key: Int, generation: UInt32) -> Bool {
    key >= 0 && key < entries.count && generations[key] == generation && entries[key] != nil
  }

  /// The value under a key.
  package subscript(key: Int) -> Element? {
    @inline(__always) get { key >= 0 && key < entries.count ? entries[key] : nil }
    @inline(__always) _modify {
      if key >= 0 && key < entries.count {
        yield &entries[key]
      } else {
        var none: Element?
        yield &none
      }
    }
  }

  /// The keys in use.
  package var keys: [Int] { entries.indices.filter { entries[$0] != nil } }
}
