import TestSupport
import Testing
import ZeroMQ

/// Keys, and the connections that they open or do not.
@Suite struct SecurityTests {
  @Test func z85IsThatOfTheStandard() {
    let bytes: [UInt8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]
    #expect(ZMQZ85.encode(bytes) == "HelloWorld")
    #expect(ZMQZ85.decode("HelloWorld") == bytes)
    #expect(ZMQZ85.encode([1, 2, 3]) == nil)
    #expect(ZMQZ85.decode("Hell") == nil)
    #expect(ZMQZ85.decode("Hell\"") == nil)
    #expect(ZMQZ85.decode("#####") == nil, "more than 32 bits")
    #expect(ZMQZ85.decode("") == [])
    #expect(ZMQZ85.decode("%nSc0") == [255, 255, 255, 255])
  }

  @Test func keysAreDerivedAsElsewhere() throws {
    // The pair that zmq_curve(7) shows.
    let secret = try ZMQCurveSecretKey(z85: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6")
    #expect(try secret.publicKey.z85 == "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7")
    let keys = try ZMQCurveKeyPair.generate()
    #expect(try keys.secretKey.publicKey == keys.publicKey)
    #expect(try ZMQCurveKeyPair(secretKey: keys.secretKey) == keys)
    #expect(try ZMQCurvePublicKey(z85: keys.publicKey.z85).bytes == keys.publicKey.bytes)
    #expect(try ZMQCurveKeyPair.generate() != keys)
  }

  @Test func malformedKeysAreRefused() {
    #expect(throws: ZMQError.self) { try ZMQCurvePublicKey(z85: "too short") }
    #expect(throws: ZMQError.self) { try ZMQCurveSecretKey(bytes: [1, 2, 3]) }
    let error = #expect(throws: ZMQError.self) { try ZMQCurveSecretKey(z85: "my secret") }
    #expect(error?.message.contains("my secret") == false)
  }

  @Test func secretsAreNotPrinted() throws {
    let keys = try ZMQCurveKeyPair.generate()
    var options = ZMQSocketOptions()
    options.security = .curveServer(keys.secretKey)
    var text = "\(keys) \(keys.secretKey) \(options)"
    dump(options, to: &text)
    dump(keys, to: &text)
    options.security = .plain(username: "me", password: "hunter2")
    dump(options, to: &text)
    text += "\(options)"
    #expect(!text.contains(keys.secretKey.z85))
    #expect(!text.contains("hunter2"))
  }

  @Test(arguments: ["tcp://127.0.0.1:*", "ipc://*"])
  func curveEncryptsAndKnowsTheServer(_ endpoint: String) async throws {
    let server = try ZMQCurveKeyPair.generate()
    var options = ZMQSocketOptions()
    options.security = .curveServer(server.secretKey)
    let reply = try ZMQSocket(.reply, options: options)
    let events = try reply.monitor()
    let real = try reply.bind(endpoint)

    options.security = .curve(server: server.publicKey, keys: try .generate())
    let client = try ZMQSocket(.request, options: options)
    try client.connect(real)
    try await client.send(["secret"])
    #expect(try await reply.receive(timeout: .seconds(20)).strings == ["secret"])

    // Another key of the server, and no encryption at all: neither gets in, and the server says why.
    options.security = .curve(server: try ZMQCurveKeyPair.generate().publicKey, keys: try .generate())
    let stranger = try ZMQSocket(.request, options: options)
    try stranger.connect(real)
    let wrongKey = try await failure(of: events)
    #expect(wrongKey.protocolError == .cryptographic, "\(wrongKey)")
    stranger.close()
    let naive = try ZMQSocket(.request)
    try naive.connect(real)
    try await eventually("the plain client is refused") {
      try await failure(of: events).protocolError == .mechanismMismatch
    }
  }

  private func failure(of events: ZMQMonitorEvents) async throws -> ZMQMonitorEvent {
    try await within(.seconds(20), "a failed handshake") {
      for await event in events where event.kind.isFailure { return event }
      throw NeverHappened("the monitor ended")
    }
  }
}
