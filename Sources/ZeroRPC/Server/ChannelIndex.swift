/// Finds the slot of a channel by the hash of its key: an open-addressing table that compares keys where they are stored.
package struct ChannelIndex: Sendable {
  private struct Cell {
    var hash: UInt64 = 0
    var slot: Int32 = -1
  }

  private var cells = [Cell](repeating: Cell(), count: 64)
  private var count = 0
  private let seed = UInt64.random(in: 1 ... .max)

  /// Makes an empty table.
  package init() {}

  /// Mixes bytes into a hash. Seeded per table, so that peers cannot choose ids that collide.
  package func hash(_ routing: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer) -> UInt64 {
    mix(mix(seed, routing), id)
  }

  private func mix(_ start: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = start ^ UInt64(bytes.count)
    var offset = 0
    while offset + 8 <= bytes.count {
      hash = scramble(hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var tail: UInt64 = 0
    while offset < bytes.count {
      tail = tail << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return scramble(hash ^ tail)
  }

  @inline(__always)
  private func scramble(_ value: UInt64) -> UInt64 {
    let (high, low) = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return high ^ low
  }

  /// The slot with this hash for which `matches` is true.
  package func find(_ hash: UInt64, matches: (Int) -> Bool) -> Int? {
    var index = Int(truncatingIfNeeded: hash) & (cells.count - 1)
    while cells[index].slot >= 0 {
      if cells[index].hash == hash, matches(Int(cells[index].slot)) { return Int(cells[index].slot) }
      index = (index + 1) & (cells.count - 1)
    }
    return nil
  }

  package mutating func insert(_ hash: UInt64, slot: Int) {
    if (count + 1) * 2 > cells.count { grow() }
    place(Cell(hash: hash, slot: Int32(slot)))
    count += 1
  }

  private mutating func place(_ cell: Cell) {
    var index = Int(truncatingIfNeeded: cell.hash) & (cells.count - 1)
    while cells[index].slot >= 0 { index = (index + 1) & (cells.count - 1) }
    cells[index] = cell
  }

  package mutating func remove(_ hash: UInt64, slot: Int) {
    let mask = cells.count - 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while cells[index].slot != Int32(slot) {
      if cells[index].slot < 0 { return }
      index = (index + 1) & mask
    }
    count -= 1
    // Close the gap, so that no search stops too early.
    var next = (index + 1) & mask
    while cells[next].slot >= 0 {
      let home = Int(truncatingIfNeeded: cells[next].hash) & mask
      if (next &- home) & mask >= (next &- index) & mask {
        cells[index] = cells[next]
        index = next
      }
      next = (next + 1) & mask
    }
    cells[index] = Cell()
  }

  private mutating func grow() {
    let old = cells
    cells = [Cell](repeating: Cell(), count: old.count * 2)
    for cell in old where cell.slot >= 0 { place(cell) }
  }
}
