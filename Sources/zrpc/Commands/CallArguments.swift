internal import ArgumentParser
internal import MessagePack

/// Reads the arguments of a call from the words of the command line.
struct CallArguments {
  /// What the method is called with.
  let values: [MessagePackValue]

  /// Reads the words.
  ///
  /// - Parameters:
  ///   - words: the words after the method's name that are no known option. The first `--` is a mark, not a word.
  ///   - strict: whether every word must be JSON; otherwise one that is not is a string.
  /// - Throws: `ValidationError`, which names the word.
  init(_ words: [String], strict: Bool) throws {
    try self.init(plain: try Self.plain(words), strict: strict)
  }

  /// Reads words that are arguments, whatever they look like.
  init(plain words: [String], strict: Bool) throws {
    values = try words.enumerated().map { index, word in
      do {
        return try MessagePackValue(json: word)
      } catch let error as JSONError {
        if error.isSyntax && !strict { return .string(word) }
        throw ValidationError("Argument \(index + 1), \(word), cannot be sent: \(error)")
      }
    }
  }

  /// The words without the mark.
  ///
  /// - Throws: `ValidationError` for what looks like an option in front of it.
  static func plain(_ words: [String]) throws -> [String] {
    var words = words
    let mark = words.firstIndex(of: "--")
    if let misspelt = words[..<(mark ?? words.endIndex)].first(where: looksLikeOption) {
      throw ValidationError("Unknown option '\(misspelt)'. Put -- before arguments that begin with a dash.")
    }
    if let mark { words.remove(at: mark) }
    return words
  }

  private static func looksLikeOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word != "-" else { return false }
    // A negative number, or what is nearer to one than to an option.
    return word.dropFirst().first?.isNumber != true
  }
}
