/// A place in a value, for error texts and for `codingPath`.
///
/// Encoders and decoders are nodes themselves, so that the path costs nothing until somebody asks for it.
class CodingNode {
  private let parent: CodingNode?
  private let key: (any CodingKey)?

  init(parent: CodingNode?, key: (any CodingKey)?) {
    self.parent = parent
    self.key = key
  }

  final var codingPath: [any CodingKey] {
    var keys: [any CodingKey] = []
    var node: CodingNode? = self
    while let current = node {
      if let key = current.key { keys.append(key) }
      node = current.parent
    }
    keys.reverse()
    return keys
  }

  final func codingPath(appending key: (any CodingKey)?) -> [any CodingKey] {
    guard let key else { return codingPath }
    return codingPath + [key]
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
