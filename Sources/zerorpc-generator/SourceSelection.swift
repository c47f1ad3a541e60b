internal import Foundation
internal import ZeroRPCCodeGen

/// Parses those files of a target that matter for its services.
///
/// The plugins hand over every file of a target, and the tool is built without optimisation in most builds: parsing a large
/// target would take seconds in each of them. Searching for words takes none.
struct SourceSelection {
  private struct Source {
    let path: String
    let text: Data

    var string: String { String(decoding: text, as: UTF8.self) }

    func contains(_ word: String) -> Bool { text.range(of: Data(word.utf8)) != nil }
  }

  private var parsed: [SourceFileModel] = []
  private var rest: [Source] = []

  /// Parses files, as far as they matter.
  ///
  /// - Parameters:
  ///   - paths: The files of a target.
  ///   - includingTypes: Whether to read how types are declared. Types name other types, so that every file matters.
  static func parse(_ paths: [String], includingTypes: Bool = false) throws -> [SourceFileModel] {
    var selection = SourceSelection()
    selection.rest = try paths.map { Source(path: $0, text: try contents(of: $0)) }
    if includingTypes {
      return selection.rest.map { SourceFileParser.parse($0.string, path: $0.path, includingTypes: true) }
    }
    selection.parse { source in ["RPCService", "zerorpc:", "ZeroRPC:"].contains(where: source.contains) }
    // What was parsed names protocols and types, whose files name others.
    var count = 0
    while count < selection.parsed.count {
      count = selection.parsed.count
      selection.parseRelatives()
    }
    return selection.parsed
  }

  /// Reads a file.
  static func contents(of path: String) throws -> Data {
    guard let contents = FileManager.default.contents(atPath: path) else {
      throw Diagnostic("the file cannot be read", at: SourcePosition(file: path, line: 1, column: 1))
    }
    return contents
  }

  /// Parses the files with protocols that inherit from those which are known, or are inherited by them, and the files that
  /// declare the types of the requirements.
  private mutating func parseRelatives() {
    let protocols = parsed.flatMap(\.protocols)
    let names = Set(protocols.map(\.name))
    let inherited = protocols.flatMap(\.inherited).compactMap { $0.name.split(separator: ".").last }
    let types = Set(protocols.flatMap(\.typeNames))
    let declarations =
      Set(inherited).map { "protocol \($0)" }
      + types.flatMap { type in ["struct", "class", "enum", "actor"].map { "\($0) \(type)" } }
    parse { source in
      declarations.contains(where: source.contains)
        || source.contains("protocol") && names.contains(where: source.contains)
    }
  }

  private mutating func parse(where matters: (Source) -> Bool) {
    let chosen = rest.partitioned(by: matters)
    rest = chosen.others
    parsed += chosen.matching.map { SourceFileParser.parse($0.string, path: $0.path, includingTypes: false) }
  }
}

extension Array {
  fileprivate func partitioned(by matters: (Element) -> Bool) -> (matching: [Element], others: [Element]) {
    reduce(into: (matching: [], others: [])) { parts, element in
      if matters(element) { parts.matching.append(element) } else { parts.others.append(element) }
    }
  }
}
