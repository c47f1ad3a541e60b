/// Finds the known word that a misspelt one was probably meant to be.
///
/// - Parameters:
///   - word: What was written.
///   - known: What may be written.
/// - Returns: The nearest known word, or `nil` when none is near.
func suggestion(for word: String, among known: [String]) -> String? {
  let limit = max(1, word.count / 3)
  let distances = known.map { (word: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
  guard let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= limit else { return nil }
  return nearest.word
}

/// Lists words for a sentence: `'a', 'b' and 'c'`.
func list(_ words: [String]) -> String {
  let quoted = words.map { "'\($0)'" }
  guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
  return quoted.dropLast().joined(separator: ", ") + " and " + last
}

/// Counts the characters to insert, delete or replace to make one word of the other.
private func editDistance(_ one: String, _ other: String) -> Int {
  let columns = Array(other)
  var previous = Array(0...columns.count)
  for (row, character) in one.enumerated() {
    var current = [row + 1]
    for (column, candidate) in columns.enumerated() {
      let replaced = previous[column] + (character == candidate ? 0 : 1)
      current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous.last ?? 0
}
