import Foundation
import Logging
import Synchronization
import TestSupport
import Testing
import ZeroMQ

/// The rules of who may connect, and the authenticator that applies them.
@Suite(.timeLimit(.minutes(1))) struct AuthenticatorTests {
  private func request(_ mechanism: String, _ credentials: [[UInt8]], address: String = "192.0.2.7") throws
    -> ZAPRequest
  {
    let head = ["1.0", "1", "domain", address, "", mechanism].map { Array($0.utf8) }
    return try #require(ZAPRequest(frames: [[0, 1, 2, 3, 4], []] + head + credentials))
  }

  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("10.0.0.0/8", "10.255.0.1", true),
    ("10.0.0.0/8", "11.0.0.1", false), ("192.168.77.0/25", "192.168.77.127", true),
    ("192.168.77.0/25", "192.168.77.128", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
    ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false), ("::1", "::1", true),
    ("127.0.0.1", "::ffff:127.0.0.1", true), ("fe80::/10", "fe80::1%eth0", true), ("10.0.0.1/8", "10.9.9.9", true),
    ("127.0.0.1", "", false), ("127.0.0.1", "localhost:1000:1000:77", false),
  ])
  func addressRanges(_ range: String, _ address: String, _ isInside: Bool) throws {
    #expect(try ZMQAddressRange(range).contains(address) == isInside)
  }

  @Test(arguments: ["", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0", "::/129", "1.2.3.4.5"])
  func malformedRangesAreRefused(_ text: String) {
    #expect(throws: ZMQError.self) { try ZMQAddressRange(text) }
  }

  @Test func nobodyGetsInByDefault() throws {
    let rules = ZMQAccessRules()
    let key = try ZMQCurveKeyPair.generate().publicKey
    for request in try [
      request("NULL", []), request("PLAIN", [[], []]), request("CURVE", [key.bytes]), request("GSSAPI", [[1]]),
    ] {
      guard case .denied = rules.decide(on: request) else {
        Issue.record("\(request.mechanism) got in")
        continue
      }
    }
  }

  @Test func whoIsLetInHasAName() throws {
    let (known, unknown) = (try ZMQCurveKeyPair.generate().publicKey, try ZMQCurveKeyPair.generate().publicKey)
    var rules = ZMQAccessRules()
    rules.keys = [known: "alice"]
    rules.users = ["carol": "secret", "empty": ""]
    #expect(rules.decide(on: try request("CURVE", [known.bytes])) == .admitted(user: "alice"))
    #expect(rules.decide(on: try request("CURVE", [unknown.bytes])) == .denied("the key is unknown"))
    func plain(_ user: String, _ password: String) throws -> ZAPDecision {
      rules.decide(on: try request("PLAIN", [Array(user.utf8), Array(password.utf8)]))
    }
    #expect(try plain("carol", "secret") == .admitted(user: "carol"))
    for wrong in ["", "secre", "secret ", "secretsecret", "Secret"] {
      #expect(try plain("carol", wrong) == .denied("the password is wrong"))
    }
    #expect(try plain("dave", "secret") == .denied("the user is unknown"))
    #expect(try plain("dave", "") == .denied("the user is unknown"))
    #expect(try plain("empty", "") == .admitted(user: "empty"))
    rules.admitsAnyKey = true
    #expect(rules.decide(on: try request("CURVE", [unknown.bytes])) == .admitted(user: unknown.z85))
    rules.admitsAnonymous = true
    #expect(rules.decide(on: try request("NULL", [])) == .admitted(user: ""))
    // Addresses come first.
    rules.allowedAddresses = [try ZMQAddressRange("192.0.2.0/24")]
    #expect(rules.decide(on: try request("NULL", [])) == .admitted(user: ""))
    #expect(rules.decide(on: try request("NULL", [], address: "192.0.3.1")) == .denied("the address is not allowed"))
    #expect(rules.decide(on: try request("NULL", [], address: "")) == .denied("the address is not allowed"))
    rules.deniedAddresses = [try ZMQAddressRange("192.0.2.7")]
    #expect(rules.decide(on: try request("CURVE", [known.bytes])) == .denied("the address is denied"))
    #expect(!"\(rules)".contains("secret"))
    var text = ""
    dump(rules, to: &text)
    #expect(!text.contains("secret"))
  }

  @Test func malformedQuestionsAreNone() {
    let right: [[UInt8]] = [[9], [], Array("1.0".utf8), [1], [], [], [], Array("NULL".utf8)]
    #expect(ZAPRequest(frames: right) != nil)
    for count in 0..<right.count { #expect(ZAPRequest(frames: Array(right.prefix(count))) == nil) }
    var other = right
    other[2] = Array("2.0".utf8)
    #expect(ZAPRequest(frames: other) == nil)
    let curve = right.dropLast() + [Array("CURVE".utf8), [1, 2, 3]]
    #expect(ZAPRequest(frames: Array(curve)) == nil, "a key has 32 bytes")
    let plain = right.dropLast() + [Array("PLAIN".utf8), [0xFF], [1]]
    #expect(ZAPRequest(frames: Array(plain)) == nil, "a user's name is text")
  }

  /// Rules change while peers come, and each domain may have its own.
  @Test func rulesChangeWhileServersRun() async throws {
    let context = ZMQContext()
    let serverKeys = try ZMQCurveKeyPair.generate()
    let clientKeys = try ZMQCurveKeyPair.generate()
    let log = Lines()
    let authenticator = try ZMQAuthenticator(
      ZMQAccessRules(), context: context, logger: Logger(label: "test") { _ in log.handler })
    defer { authenticator.stop() }
    let second = #expect(throws: ZMQError.self) { try ZMQAuthenticator(ZMQAccessRules(), context: context) }
    #expect(second?.code == .addressInUse)

    var options = ZMQSocketOptions()
    options.security = .curveServer(serverKeys.secretKey)
    options.zapDomain = "backend"
    let server = try ZMQSocket(.reply, options: options, context: context)
    let events = try server.monitor()
    let endpoint = try server.bind("tcp://127.0.0.1:*")
    options = ZMQSocketOptions()
    options.security = .curve(server: serverKeys.publicKey, keys: clientKeys)
    let refused = try ZMQSocket(.request, options: options, context: context)
    try refused.connect(endpoint)

    try await eventually("it to be refused") { authenticator.denials > 0 && authenticator.admissions == 0 }
    let status = try await within(.seconds(20), "an event") {
      for await event in events { if let status = event.zapStatus { return status } }
      throw NeverHappened("the monitor ended")
    }
    #expect(status == 400)
    try await eventually("a line in the log") { log.text.contains("a peer was refused") }
    #expect(log.text.contains(clientKeys.publicKey.z85) && log.text.contains("the key is unknown"))
    #expect(log.text.contains("127.0.0.1") && log.text.contains("backend"))

    // Another domain's rules change nothing here.
    authenticator.update(domain: "frontend") { $0.keys[clientKeys.publicKey] = "mallory" }
    authenticator.update(domain: "backend") { $0.keys[clientKeys.publicKey] = "alice" }
    #expect(authenticator.rules().keys.isEmpty && authenticator.rules(of: "backend").keys.count == 1)
    refused.close()
    let client = try ZMQSocket(.request, options: options, context: context)
    try client.connect(endpoint)
    try await client.send(["let me in"])
    let frames = try await server.receiveFrames(timeout: .seconds(20))
    #expect(frames.first?[.userID] == "alice")
    #expect(frames.first?[.peerAddress] == "127.0.0.1")
    #expect(authenticator.admissions == 1)
    try await server.send(["welcome"])
    #expect(try await client.receive(timeout: .seconds(20)).strings == ["welcome"])
  }

  @Test func keyFiles() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let keys = try ZMQCurveKeyPair.generate()
    let files = try keys.write(to: directory.appending(path: "me").path)
    #expect(try ZMQCurveKeyPair(contentsOf: files.secretFile) == keys)
    #expect(try ZMQCurvePublicKey(contentsOf: files.publicFile) == keys.publicKey)
    #expect(try ZMQCurvePublicKey(contentsOf: files.secretFile) == keys.publicKey)
    #expect(try !String(contentsOfFile: files.publicFile, encoding: .utf8).contains(keys.secretKey.z85))
    func mode(_ path: String) throws -> Int {
      let value = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      return try #require(value)
    }
    #expect(try mode(files.secretFile) == 0o600)
    // Nothing is overwritten, and nothing is read that others may have changed or read.
    let again = #expect(throws: ZMQError.self) { try ZMQCurveKeyPair.generate().write(to: directory.path + "/me") }
    #expect(again?.message.contains("it exists") == true)
    #expect(try ZMQCurveKeyPair(contentsOf: files.secretFile) == keys)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: files.secretFile)
    let open = #expect(throws: ZMQError.self) { try ZMQCurveKeyPair(contentsOf: files.secretFile) }
    #expect(open?.code == .permissionDenied)
    #expect(throws: ZMQError.self) { try ZMQCurveKeyPair(contentsOf: files.publicFile) }
    #expect(throws: ZMQError.self) { try ZMQCurvePublicKey(contentsOf: directory.path + "/nobody.key") }
  }
}

/// Keeps what is logged.
private final class Lines: Sendable {
  private let lines = Mutex("")

  var text: String { lines.withLock { $0 } }
  var handler: Handler { Handler(lines: self) }

  struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.lines.withLock { $0 += "\(event.level) \(event.message) \(event.metadata ?? [:])\n" }
    }
  }
}
