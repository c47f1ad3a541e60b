/// Remembers where in a value an encoder or decoder is, for error texts.
///
/// Copying it and stepping down from the top allocate nothing; only a step from an inner place does.
struct CodingPath {
  private final class Node {
    let path: CodingPath

    init(_ path: CodingPath) {
      self.path = path
    }
  }

  private var parent: Node?
  private var key: (any CodingKey)?

  /// The top of a value.
  static var top: CodingPath { CodingPath(parent: nil, key: nil) }

  func appending(_ key: any CodingKey) -> CodingPath {
    CodingPath(parent: self.key == nil ? nil : Node(self), key: key)
  }

  var keys: [any CodingKey] {
    var keys: [any CodingKey] = []
    var path = self
    while let key = path.key {
      keys.append(key)
      guard let parent = path.parent else { break }
      path = parent.path
    }
    keys.reverse()
    return keys
  }
}

/// Stands for an element of an array in a coding path.
struct IndexKey: CodingKey {
  let index: Int

  init(_ index: Int) {
    self.index = index
  }

  init?(intValue: Int) {
    index = intValue
  }

  init?(stringValue: String) {
    return nil
  }

  var intValue: Int? { index }
  var stringValue: String { "Index \(index)" }
}

/// Stands for the superclass's part of a value.
struct SuperKey: CodingKey {
  init() {}

  init?(intValue: Int) {
    return nil
  }

  init?(stringValue: String) {
    return nil
  }

  var intValue: Int? { nil }
  var stringValue: String { "super" }
}
