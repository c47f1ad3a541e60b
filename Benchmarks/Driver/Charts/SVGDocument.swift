/// Collects the shapes of a picture that reads well on light and on dark pages.
///
/// Text and axes take their colours from a style sheet that asks what the reader prefers; the background is transparent.
struct SVGDocument {
  let width: Double
  let height: Double
  private var body: [String] = []

  /// One colour per series; all keep their contrast on white and on black.
  static let palette = ["#8a8f98", "#2f81f7", "#a371f7", "#db6d28", "#3fb950", "#d29922", "#f778ba"]

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  enum Anchor: String {
    case start
    case middle
    case end
  }

  mutating func text(_ text: String, x: Double, y: Double, anchor: Anchor = .start, style: String = "label") {
    body.append(
      "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor.rawValue)\">"
        + Self.escaped(text) + "</text>")
  }

  mutating func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double), style: String = "grid") {
    body.append(
      "<line class=\"\(style)\" x1=\"\(number(start.x))\" y1=\"\(number(start.y))\" "
        + "x2=\"\(number(end.x))\" y2=\"\(number(end.y))\"/>")
  }

  mutating func curve(_ points: [(x: Double, y: Double)], color: String) {
    let path = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    body.append("<polyline class=\"curve\" stroke=\"\(color)\" points=\"\(path)\"/>")
  }

  mutating func dot(x: Double, y: Double, color: String) {
    body.append("<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"3.5\" fill=\"\(color)\"/>")
  }

  /// The file's text.
  var text: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" role="img">
    <style>
    text { font: 12px system-ui, sans-serif; fill: #1f2328; }
    .title { font-size: 15px; font-weight: 600; }
    .note { font-size: 11px; fill: #656d76; }
    .grid { stroke: #8a8f98; stroke-opacity: 0.25; }
    .axis { stroke: #8a8f98; }
    .bound { stroke: #cf222e; stroke-dasharray: 5 4; }
    .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .note { fill: #9198a1; } .bound { stroke: #f85149; } }
    </style>
    \(body.joined(separator: "\n"))
    </svg>

    """
  }

  private func number(_ value: Double) -> String { Format.coordinate(value) }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
