import TestSupport
import Testing

/// Holds the suites that talk to pyzmq: one at a time, with one process for each suite.
@Suite(.serialized, .enabled(if: PythonPeer.interpreter != nil, Comment(rawValue: PythonPeer.reason)))
enum PyZMQInterop {
  /// Starts a process that runs pyzmq sockets.
  static func peer() throws -> PythonPeer { try PythonPeer(script: "Tests/ZeroMQTests/Peers/zmq_peer.py") }
}

/// Keeps one Python process for all tests of a suite, which makes an instance of itself for each.
actor SharedPeer {
  private var peer: PythonPeer?

  /// The process, started when it is first asked for.
  func get() throws -> PythonPeer {
    if let peer { return peer }
    let new = try PyZMQInterop.peer()
    peer = new
    return new
  }
}

/// The bytes of a part of the given size, which count up; `parts` in the peer's script makes the same.
func part(_ size: Int) -> [UInt8] {
  let block = (0...255).map { UInt8($0) }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(size + block.count)
  while bytes.count < size { bytes += block }
  bytes.removeLast(bytes.count - size)
  return bytes
}
