internal import ArgumentParser
internal import ZeroMQ

/// Makes a pair of CURVE keys.
struct KeygenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen",
    abstract: "Make a pair of CURVE keys, for a server or a client.",
    discussion: """
      Writes NAME.key, the public key to give to peers, and NAME.key_secret, which holds both and which only its owner can \
      read. They are certificates as czmq and pyzmq have them. Existing files are never overwritten. The public key is \
      printed.

        zrpc keygen server
        zrpc call --server-key server.key tcp://10.0.0.1:4242 greet Ada

      A server's public key is what its clients need (--server-key); a client's is what goes into the server's allow-list.
      """)

  @Argument(help: "The path of the files, without their endings.", completion: .file())
  var name: String

  func run() async throws {
    do {
      let keys = try ZMQCurveKeyPair.generate()
      let files = try keys.write(to: name)
      try StandardOutput.write(line: keys.publicKey.z85)
      StandardError.write(line: "wrote \(files.publicFile), and \(files.secretFile) for its owner only")
    } catch {
      try Failure.end(with: error)
    }
  }
}
