import Foundation

/// Looks at the TCP connections of this machine, over IPv4 (Linux: `/proc/net/tcp`).
package enum Connections {
  /// How many sockets are connected to a port of anybody, or have not been closed yet since the other side has done so.
  package static func count(toPort port: Int) throws -> Int {
    let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
    let suffix = ":" + String(format: "%04X", port)
    return table.split(separator: "\n").dropFirst().count { line in
      let fields = line.split(separator: " ")
      // Local address, remote address, state: 01 is ESTABLISHED, 08 is CLOSE_WAIT.
      return fields.count > 3 && fields[2].hasSuffix(suffix) && ["01", "08"].contains(fields[3])
    }
  }
}
