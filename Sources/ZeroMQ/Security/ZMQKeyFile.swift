#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

// Key files are the certificates of czmq and pyzmq: NAME.key to give away, NAME.key_secret to keep.

extension ZMQCurvePublicKey {
  /// Reads the public key of a file that ``ZMQCurveKeyPair/write(to:)``, czmq or pyzmq wrote.
  ///
  /// - Throws: ``ZMQError`` with `notFound`, `permissionDenied`, or `invalidArgument` when the file holds none.
  public init(contentsOf path: String) throws(ZMQError) {
    let text = try KeyFile.read(path, isSecret: false)
    guard let key = KeyFile.value(of: "public-key", in: text) else { throw KeyFile.missing("public", path) }
    try self.init(z85: key)
  }

  /// Takes a key in Z85, or reads the file of that name: a key is no name of a file that anybody has.
  package init(keyOrFile text: String) throws(ZMQError) {
    if let key = try? ZMQCurvePublicKey(z85: text) { self = key } else { try self.init(contentsOf: text) }
  }
}

extension ZMQCurveKeyPair {
  /// Reads the key pair of a file that ``write(to:)``, czmq or pyzmq wrote: the one that ends in `.key_secret`.
  ///
  /// - Throws: ``ZMQError`` with `notFound`; `permissionDenied`, also when others than the owner may read the file; or
  ///   `invalidArgument` when the file holds no secret key.
  public init(contentsOf path: String) throws(ZMQError) {
    let text = try KeyFile.read(path, isSecret: true)
    guard let secret = KeyFile.value(of: "secret-key", in: text) else { throw KeyFile.missing("secret", path) }
    try self.init(secretKey: try ZMQCurveSecretKey(z85: secret))
  }

  /// Writes two files: `PATH.key` with the public key, and `PATH.key_secret` with both, which only its owner can read (mode
  /// 0600). Returns their paths.
  ///
  /// - Throws: ``ZMQError`` with the system's code, and nothing is overwritten: `EEXIST` when one of them is there.
  @discardableResult
  public func write(to path: String) throws(ZMQError) -> (publicFile: String, secretFile: String) {
    let (open, secret) = (path + ".key", path + ".key_secret")
    func head(_ title: String) -> String {
      "#   ZeroMQ CURVE \(title).\n\nmetadata\ncurve\n    public-key = \"\(publicKey.z85)\"\n"
    }
    let warning = "secret certificate: DO NOT give it to anybody"
    try KeyFile.write(
      head(warning) + "    secret-key = \"\(secretKey.z85)\"\n", to: secret, mode: 0o600)
    do throws(ZMQError) {
      try KeyFile.write(head("public certificate: exchange it in a safe way"), to: open, mode: 0o644)
    } catch {
      unlink(secret)
      throw error
    }
    return (open, secret)
  }
}

private enum KeyFile {
  /// A key file has some hundred bytes.
  static let maximumBytes = 64 * 1024

  static func value(of name: String, in text: String) -> String? {
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, parts[0].filter({ !$0.isWhitespace }) == name else { continue }
      // Z85 has neither quotation marks nor white space.
      return String(parts[1].filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" })
    }
    return nil
  }

  static func read(_ path: String, isSecret: Bool) throws(ZMQError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot read the key file", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot read the key file", path) }
    if isSecret, status.st_mode & 0o077 != 0 {
      throw ZMQError(
        code: .permissionDenied,
        message:
          "the secret key file '\(path)' can be used by others than its owner; run 'chmod 600' on it, and make new "
          + "keys if somebody may have read it")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while bytes.count < maximumBytes {
      let count = systemRead(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("cannot read the key file", path) }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func write(_ text: String, to path: String, mode: mode_t) throws(ZMQError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure("cannot write the key file", path) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard systemWrite(descriptor, bytes, bytes.count) == bytes.count else {
      let error = failure("cannot write the key file", path)
      unlink(path)
      throw error
    }
  }

  static func missing(_ kind: String, _ path: String) -> ZMQError {
    ZMQError(
      code: .invalidArgument, message: "the file '\(path)' holds no \(kind) CURVE key; zrpc keygen makes key files")
  }

  private static func failure(_ what: String, _ path: String) -> ZMQError {
    let number = errno
    let advice =
      number == EEXIST ? ": it exists; move it away or choose another name" : ": \(String(cString: strerror(number)))"
    return ZMQError(code: ZMQError.Code(number: number), message: "\(what) '\(path)'\(advice)")
  }
}

// The system's functions, whose names the enumeration uses for its own.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
