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

  static func ratio(_ value: Double?) -> String { value.map { String(format: "%.2f×", $0) } ?? "–" }

  static func mebibytes(_ bytes: Double) -> String { digits(bytes / 1_048_576) + " M" }

  static func digits(_ value: Double) -> String {
    let magnitude = abs(value)
    if magnitude >= 99.95 || magnitude == 0 { return String(format: "%.0f", value) }
    return String(format: magnitude >= 9.995 ? "%.1f" : "%.2f", value)
  }
}
