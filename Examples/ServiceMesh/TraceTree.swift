/// Shows spans as a tree.
struct TraceTree {
  struct Span {
    var id: String
    var parent: String?
    var text: String
  }

  /// A line for each span, below the one that caused it and indented.
  let lines: [String]

  init(_ spans: [Span]) {
    func below(_ parent: String?, _ indent: String) -> [String] {
      spans.filter { $0.parent == parent }.flatMap { [indent + $0.text] + below($0.id, indent + "  ") }
    }
    lines = below(nil, "")
  }
}
