internal import Foundation

/// Tells how long a host has kept the machine's processors from it, as Linux counts it: times that are measured meanwhile say
/// less about the program.
enum StolenTime {
  /// The seconds since the machine started, of all processors together; nil where that is not known.
  static var seconds: Double? {
    guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8) else { return nil }
    // user, nice, system, idle, iowait, irq, softirq, steal: in hundredths of a second.
    let fields = text.prefix { $0 != "\n" }.split(separator: " ")
    guard fields.count > 8, fields[0] == "cpu", let hundredths = Double(fields[8]) else { return nil }
    return hundredths / 100
  }
}
