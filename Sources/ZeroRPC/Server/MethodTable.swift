/// Finds methods by the bytes of their wire names, without making a string of what a peer sent.
struct MethodTable: Sendable {
  private var cells: [(hash: UInt64, index: Int)]
  private(set) var methods: [Method] = []

  /// A method in a box, so that a call refers to it by one reference.
  final class Method: Sendable {
    let definition: RPCMethodDefinition
    let nameBytes: InlineBytes

    init(_ definition: RPCMethodDefinition) {
      self.definition = definition
      nameBytes = InlineBytes(definition.name.utf8)
    }
  }

  /// Makes a table. Of two methods with one name the first counts; `duplicates` names them.
  init(_ definitions: [RPCMethodDefinition], duplicates: inout [String]) {
    var capacity = 16
    while capacity < definitions.count * 4 { capacity *= 2 }
    cells = Array(repeating: (0, -1), count: capacity)
    for definition in definitions {
      var name = definition.name
      let (hash, isTaken) = name.withUTF8 { utf8 in
        let bytes = UnsafeRawBufferPointer(utf8)
        return (MethodTable.hash(bytes), find(bytes) != nil)
      }
      if isTaken {
        duplicates.append(definition.name)
        continue
      }
      var index = Int(truncatingIfNeeded: hash) & (capacity - 1)
      while cells[index].index >= 0 { index = (index + 1) & (capacity - 1) }
      cells[index] = (hash, methods.count)
      methods.append(Method(definition))
    }
  }

  /// The method with this name.
  func find(_ name: UnsafeRawBufferPointer) -> Method? {
    let hash = MethodTable.hash(name)
    var index = Int(truncatingIfNeeded: hash) & (cells.count - 1)
    while cells[index].index >= 0 {
      if cells[index].hash == hash, methods[cells[index].index].nameBytes.equals(name) {
        return methods[cells[index].index]
      }
      index = (index + 1) & (cells.count - 1)
    }
    return nil
  }

  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash ^ (hash >> 29)
  }
}
