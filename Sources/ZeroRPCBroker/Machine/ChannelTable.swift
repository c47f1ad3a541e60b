/// Stores channels under small integer keys that are reused, with a generation that tells old keys from new ones.
///
/// Not generic, as `Slab` is: that one lies in another module, and would not be specialised for the broker's every message.
struct ChannelTable: Sendable {
  private var entries: [BrokerMachine.Channel?] = []
  private var generations: [UInt32] = []
  private var free: [Int32] = []
  /// The number of channels stored.
  private(set) var count = 0

  /// Stores a channel and returns its key and the key's generation.
  mutating func insert(_ channel: BrokerMachine.Channel) -> (key: Int, generation: UInt32) {
    count += 1
    if let key = free.popLast() {
      entries[Int(key)] = channel
      return (Int(key), generations[Int(key)])
    }
    entries.append(channel)
    generations.append(1)
    return (entries.count - 1, 1)
  }

  /// Removes a channel; its key may be given out again.
  mutating func remove(_ key: Int) {
    guard self[key] != nil else { return }
    entries[key] = nil
    generations[key] &+= 1
    free.append(Int32(key))
    count -= 1
  }

  /// Whether a key with this generation is still in use.
  func contains(_ key: Int, generation: UInt32) -> Bool {
    key >= 0 && key < entries.count && generations[key] == generation && entries[key] != nil
  }

  /// The channel under a key.
  subscript(key: Int) -> BrokerMachine.Channel? {
    @inline(__always) get { key >= 0 && key < entries.count ? entries[key] : nil }
    @inline(__always) _modify {
      if key >= 0 && key < entries.count {
        yield &entries[key]
      } else {
        var none: BrokerMachine.Channel?
        yield &none
      }
    }
  }

  /// The keys in use.
  var keys: [Int] { entries.indices.filter { entries[$0] != nil } }
}
