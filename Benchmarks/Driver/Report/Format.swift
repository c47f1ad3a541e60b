internal import Foundation

/// Writes figures as people read them.
enum Format {
  /// Three significant digits with a unit prefix: 2.71 M, 654 k, 71.2.
  static func count(_ value: Double) -> String {
    switch value {
    case 1e9...: digits(value / 1e9) + " G"
    case 1e6...: digits(value / 1e6) + " M"
    case 1e3...: digits(value / 1e3) + " k"
    default: digits(value)
    }
  }

  /// Nanoseconds as microseconds or milliseconds.
  static func duration(_ nanoseconds: Double) -> String {
    nanoseconds >= 10_000_000 ? digits(nanoseconds / 1e6) + " ms" : digits(nanoseconds / 1e3) + " µs"
  }

  /// A factor; a small one with one more digit.
  static func ratio(_ value: Double?) -> String {
    value.map { String(format: $0 < 0.1 ? "%.3f×" : "%.2f×", $0) } ?? "–"
  }

  static func mebibytes(_ bytes: Double) -> String { digits(bytes / 1_048_576) + " M" }

  static func digits(_ value: Double) -> String {
    let magnitude = abs(value)
    if magnitude >= 99.95 || magnitude == 0 { return String(format: "%.0f", value) }
    return String(format: magnitude >= 9.995 ? "%.1f" : "%.2f", value)
  }

  /// A fixed number of decimals, without zeros at the end.
  static func digits(_ value: Double, decimals: Int) -> String {
    var text = String(format: "%.\(decimals)f", value)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// A round number on an axis: 10, 100, 1 k, 100 k, 1 M.
  static func plain(_ value: Double) -> String {
    if value >= 1e6 { return digits(value / 1e6, decimals: 1) + " M" }
    if value >= 1e4 { return digits(value / 1e3, decimals: 1) + " k" }
    return digits(value, decimals: 2)
  }

  /// A place in a picture.
  static func coordinate(_ value: Double) -> String { digits(value, decimals: 1) }
}
