/// Finds the pairs of a large map by key, so that decoding a dictionary of n pairs does not take n² comparisons.
final class KeyIndex {
  /// The largest map that is searched through instead.
  static let threshold = 16

  private struct Positions {
    var byText: [String: Int] = [:]
    var byInteger: [Int64: Int] = [:]
  }

  private let view: MessagePackView
  private var built: Positions?

  init(_ view: MessagePackView) {
    self.view = view
  }

  func value(forText key: String) -> MessagePackView? {
    positions().byText[key].map { view.value(at: $0) }
  }

  func value(forInteger key: Int) -> MessagePackView? {
    positions().byInteger[Int64(key)].map { view.value(at: $0) }
  }

  private func positions() -> Positions {
    if let built { return built }
    var positions = Positions()
    for position in 0..<view.count {
      let key = view.key(at: position)
      if let text = key.stringValue {
        positions.byText[text] = position
      } else if let number = key.int64Value {
        positions.byInteger[number] = position
      }
    }
    built = positions
    return positions
  }
}

extension MessagePackView {
  /// Looks up a value of a map by an integer key.
  func value(forInteger key: Int) -> MessagePackView? {
    var position = count - 1
    while position >= 0 {
      if self.key(at: position).int64Value == Int64(key) { return value(at: position) }
      position -= 1
    }
    return nil
  }
}
