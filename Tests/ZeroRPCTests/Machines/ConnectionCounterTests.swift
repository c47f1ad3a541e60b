import Testing

@testable import ZeroRPC

extension Machines {
  /// What a socket's monitor tells of connections.
  @Suite struct ConnectionCounterTests {
    private func count(_ events: ConnectionCounter.Event...) -> Int {
      var counter = ConnectionCounter()
      for event in events { counter.take(event) }
      return counter.established
    }

    @Test func countsConnectionsThatComeAndGo() {
      #expect(count(.opened(1)) == 0)
      #expect(count(.opened(1), .succeeded) == 1)
      #expect(count(.opened(1), .opened(2), .succeeded, .succeeded) == 2)
      #expect(count(.opened(1), .succeeded, .opened(2), .succeeded, .ended(1)) == 1)
      #expect(count(.opened(1), .succeeded, .ended(1), .opened(1), .succeeded) == 1)
    }

    @Test func ignoresConnectionsWhoseHandshakeFails() {
      #expect(count(.opened(1), .succeeded, .opened(2), .failed, .ended(2)) == 1)
      #expect(count(.opened(1), .opened(2), .succeeded, .failed, .ended(1)) == 1)
      // Without a word about the handshake, as libzmq does when the greeting is none.
      #expect(count(.opened(1), .succeeded, .opened(2), .ended(2)) == 1)
      #expect(count(.ended(9)) == 0)
    }
  }
}
