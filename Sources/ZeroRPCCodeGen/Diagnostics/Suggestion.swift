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
func list(_ words: [String], conjunction: String = "and") -> String {
  let quoted = words.map { "'\($0)'" }
  guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
  return quoted.dropLast().joined(separator: ", ") + " \(conjunction) " + last
}

/// Counts the characters to insert, delete, replace or swap with the next to make one word of the other.
private func editDistance(_ one: String, _ other: String) -> Int {
  let (rows, columns) = (Array(one), Array(other))
  var table = [Array(0...columns.count)]
  for row in rows.indices {
    var line = [row + 1]
    for column in columns.indices {
      let replaced = table[row][column] + (rows[row] == columns[column] ? 0 : 1)
      var best = min(replaced, table[row][column + 1] + 1, line[column] + 1)
      if row > 0, column > 0, rows[row] == columns[column - 1], rows[row - 1] == columns[column] {
        best = min(best, table[row - 1][column - 1] + 1)
      }
      line.append(best)
    }
    table.append(line)
  }
  return table.last?.last ?? 0
}
