import Testing

@testable import ZeroMQ

/// The handshake as bytes, without sockets.
@Suite struct ZMTPHandshakeTests {
  private let signature: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F]

  private func greeting(_ mechanism: String = "NULL", minor: UInt8 = 1) -> [UInt8] {
    let name = Array(mechanism.utf8)
    return signature + [3, minor] + name + [UInt8](repeating: 0, count: 20 - name.count)
      + [UInt8](repeating: 0, count: 32)
  }

  private func ready(_ type: String, _ routingID: [UInt8]? = nil) -> [UInt8] {
    func property(_ name: String, _ value: [UInt8]) -> [UInt8] {
      [UInt8(name.utf8.count)] + Array(name.utf8) + [0, 0, 0, UInt8(value.count)] + value
    }
    let body =
      [5] + Array("READY".utf8) + property("Socket-Type", Array(type.utf8))
      + (routingID.map { property("Identity", $0) } ?? [])
    return [4, UInt8(body.count)] + body
  }

  /// Hands over everything at once or byte by byte; the result, and how many bytes were taken.
  private func run(
    _ type: ZMQSocketType, _ bytes: [UInt8], _ piece: Int = .max
  ) -> (result: ZMTPHandshake.Result, consumed: Int, output: [UInt8]) {
    var handshake = ZMTPHandshake(type)
    var position = 0
    while position < bytes.count {
      let end = min(bytes.count, position + min(piece, bytes.count))
      let (consumed, result) = bytes[position..<end].withUnsafeBytes { handshake.receive($0) }
      position += consumed
      if result != .incomplete { return (result, position, handshake.output) }
    }
    return (.incomplete, position, handshake.output)
  }

  @Test(arguments: [1, 2, 7, .max])
  func twoPeersOfVersion3(_ piece: Int) {
    let bytes = greeting() + ready("DEALER", Array("me".utf8)) + [0, 1, 42]
    let (result, consumed, output) = run(.router, bytes, piece)
    #expect(result == .ready(routingID: Array("me".utf8)))
    #expect(consumed == bytes.count - 3, "what follows the handshake is not its own")
    #expect(output == greeting() + ready("ROUTER", []))
  }

  @Test(arguments: [1, .max])
  func aPeerOfVersion2(_ piece: Int) {
    let (result, consumed, output) = run(.dealer, signature + [1, 6, 0, 3, 1, 2, 3, 0, 0], piece)
    #expect(result == .ready(routingID: [1, 2, 3]))
    #expect(consumed == 10 + 1 + 1 + 5)
    #expect(output == signature + [3, 5, 0, 0])
  }

  /// The rest of the greeting depends on the peer's version, so it is not sent before that is known.
  @Test func onlyTheVersionIsSentAtFirst() {
    #expect(ZMTPHandshake(.dealer).output == signature + [3])
  }

  @Test(arguments: ["CURVE", "PLAIN"])
  func anotherMechanism(_ mechanism: String) {
    #expect(run(.router, greeting(mechanism)).result == .violation(ZMTPHandshake.Violation.mechanismMismatch))
  }

  @Test(arguments: ["PUB", "REP", ""])
  func aTypeThatDoesNotFit(_ type: String) {
    #expect(run(.router, greeting() + ready(type)).result == .violation(ZMTPHandshake.Violation.invalidMetadata))
  }

  @Test(arguments: ["GET / HTTP/1.1\r\n", "\u{1}", "\u{16}\u{3}\u{1}"])
  func whatIsNoZeroMQIsRefusedAtItsFirstByte(_ text: String) {
    let (result, consumed, _) = run(.router, Array(text.utf8))
    #expect(result == .violation(ZMTPHandshake.Violation.unspecified))
    #expect(consumed == 1)
  }

  @Test func aRefusal() {
    let error: [UInt8] = [4, 10, 5] + Array("ERROR".utf8) + [3] + Array("400".utf8)
    #expect(run(.dealer, greeting() + error).result == .refused(status: 400))
  }

  @Test(arguments: [
    // A message, another command, metadata that is cut off, a command of half the memory.
    [0, 1, 42], [4, 6, 5] + Array("HELLO".utf8), [4, 10, 5] + Array("READY".utf8) + [11, 1, 2, 3],
    [6, 0, 0, 0, 0x7F, 0, 0, 0, 0],
  ])
  func whatIsNotAsItShouldBe(_ bytes: [UInt8]) {
    guard case .violation = run(.router, greeting() + bytes).result else {
      Issue.record("it was taken")
      return
    }
  }
}
