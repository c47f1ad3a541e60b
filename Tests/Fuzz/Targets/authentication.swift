import ZeroMQ

private let keys = try? ZMQCurveKeyPair.generate()

private let rules: ZMQAccessRules = {
  var rules = ZMQAccessRules()
  rules.users = ["alice": "secret", "": ""]
  if let keys { rules.keys = [keys.publicKey: "bob"] }
  rules.deniedAddresses = (try? [ZMQAddressRange("10.0.0.0/8"), ZMQAddressRange("2001:db8::/32")]) ?? []
  return rules
}()

/// What decides who may connect: questions of libzmq, addresses, and keys as text.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeRawBufferPointer(start: start, count: count))
  // 0xFE separates frames: it stands in no text.
  let frames = bytes.split(separator: 0xFE, omittingEmptySubsequences: false).map(Array.init)
  if let request = ZAPRequest(frames: frames) {
    let decision = rules.decide(on: request)
    if case .admitted(let user) = decision {
      switch request.credentials {
      case .plain(let name, let password):
        precondition(name == user && (name == "alice" ? password == Array("secret".utf8) : name.isEmpty), "let in")
      case .curve(let key): precondition(key == keys?.publicKey, "an unknown key was let in")
      case .null, .other: preconditionFailure("somebody without proof was let in")
      }
    }
    precondition(request.reply(decision).count == request.envelope.count + 6)
    _ = request.subject.count
  }
  let text = String(decoding: bytes.prefix(200), as: UTF8.self)
  if let range = try? ZMQAddressRange(text) { _ = range.contains("10.1.2.3") && range.contains("::1") }
  if let decoded = ZMQZ85.decode(text) { precondition(ZMQZ85.encode(decoded) == text, "Z85 changed on the way") }
  _ = try? ZMQCurvePublicKey(z85: text)
  return 0
}
