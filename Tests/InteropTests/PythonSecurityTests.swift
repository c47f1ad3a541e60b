import Foundation
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension PythonInterop {
  /// CURVE and PLAIN between Swift and Python, which sets them on the socket inside of its client or server.
  @Suite(.about(.security), .timeLimit(.minutes(2))) struct PythonSecurityTests {
    /// What a side is set up with.
    enum Setup: String, CaseIterable, Sendable {
      case null = "NULL"
      case plain = "PLAIN"
      case plainWrong = "PLAIN, wrong password"
      case curve = "CURVE"
      case curveWrongServer = "CURVE, wrong server key"
      case curveUnknown = "CURVE, key not allowed"

      /// What the calls end with, at a server of the given setup.
      func outcome(at server: Setup) -> String { self == server ? "3" : "no answer" }
    }

    struct Keys {
      let server: ZMQCurveKeyPair
      let client: ZMQCurveKeyPair
      let other: ZMQCurveKeyPair

      init() throws { (server, client, other) = (try .generate(), try .generate(), try .generate()) }
    }

    /// Python's lines that set up a client's socket.
    private func python(_ client: Setup, _ keys: Keys) -> String {
      func curve(_ server: ZMQCurveKeyPair, _ own: ZMQCurveKeyPair) -> String {
        """
        s.curve_serverkey = b'''\(server.publicKey.z85)'''
        s.curve_publickey = b'''\(own.publicKey.z85)'''
        s.curve_secretkey = b'''\(own.secretKey.z85)'''
        """
      }
      return switch client {
      case .null: ""
      case .plain: "s.plain_username = b'carol'\ns.plain_password = b'secret'"
      case .plainWrong: "s.plain_username = b'carol'\ns.plain_password = b'guess'"
      case .curve: curve(keys.server, keys.client)
      case .curveWrongServer: curve(keys.other, keys.client)
      case .curveUnknown: curve(keys.server, keys.other)
      }
    }

    private func swift(_ client: Setup, _ keys: Keys) -> ZMQSecurity {
      switch client {
      case .null: .none
      case .plain: .plain(username: "carol", password: "secret")
      case .plainWrong: .plain(username: "carol", password: "guess")
      case .curve: .curve(server: keys.server.publicKey, keys: keys.client)
      case .curveWrongServer: .curve(server: keys.other.publicKey, keys: keys.client)
      case .curveUnknown: .curve(server: keys.server.publicKey, keys: keys.other)
      }
    }

    @Test(.swift(.server, with: .python), arguments: [Setup.null, .plain, .curve], Setup.allCases)
    func pythonCallsSwift(_ server: Setup, _ client: Setup) async throws {
      let keys = try Keys()
      let context = ZMQContext()
      var rules = ZMQAccessRules()
      rules.keys = [keys.client.publicKey: "alice"]
      rules.users = ["carol": "secret"]
      let authenticator = try ZMQAuthenticator(rules, context: context)
      defer { authenticator.stop() }
      try await withServer {
        $0.context = context
        switch server {
        case .plain: $0.transport.security = .plainServer
        case .curve: $0.transport.security = .curveServer(keys.server.secretKey)
        default: break
        }
      } body: { _, endpoint in
        let python = try PythonPeer()
        defer { python.kill() }
        let isRight = client == server
        try await python.run(
          """
          c = zerorpc.Client(timeout=\(isRight ? 20 : 2), heartbeat=None)
          s = c._events._socket
          \(self.python(client, keys))
          c.connect('\(endpoint)')
          """)
        let answer = try await python.eval(
          "c.add(1, 2) if \(isRight ? "True" : "False") else error_of(lambda: c.add(1, 2))")
        row(
          "client \(client.rawValue), server \(server.rawValue)", expected: client.outcome(at: server),
          seen: answer == "['TimeoutExpired']" ? "no answer" : answer)
        if isRight {
          let items = try await python.eval("list(c.count(300)) == list(range(300))")
          row("a stream by \(server.rawValue)", expected: "True", seen: items)
        }
      }
    }

    @Test(.swift(.client, with: .python), arguments: [Setup.null, .plain, .curve], Setup.allCases)
    func swiftCallsPython(_ server: Setup, _ client: Setup) async throws {
      let keys = try Keys()
      let python = try PythonPeer()
      defer { python.kill() }
      let security =
        switch server {
        case .plain: "s.plain_server = True"
        case .curve: "s.curve_server = True\ns.curve_secretkey = b'''\(keys.server.secretKey.z85)'''"
        default: ""
        }
      // pyzmq's own authenticator decides there; it runs in a thread that gevent has not patched.
      try await python.run(
        """
        import os, tempfile
        import zmq.auth
        from zmq.auth.thread import ThreadAuthenticator
        context = zerorpc.Context.get_instance()
        keys = tempfile.mkdtemp()
        with open(os.path.join(keys, 'alice.key'), 'w') as file:
            file.write('metadata\\ncurve\\n    public-key = "' + r'''\(keys.client.publicKey.z85)''' + '"\\n')
        import zmq as plain_zmq
        authenticator = ThreadAuthenticator(plain_zmq.Context.shadow(context.underlying))
        authenticator.start()
        authenticator.configure_plain(domain='*', passwords={'carol': 'secret'})
        authenticator.configure_curve(domain='*', location=keys)
        server = zerorpc.Server(service, heartbeat=5)
        s = server._events._socket
        \(security)
        server.bind('tcp://127.0.0.1:*')
        gevent.spawn(server.run)
        endpoint = s.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip('\\0')
        """)
      var configuration = RPCClientConfiguration()
      configuration.transport.security = swift(client, keys)
      configuration.timeout = client == server ? .seconds(20) : .seconds(3)
      configuration.heartbeat = .seconds(5)
      let endpoint = try await python.string("endpoint")
      try await withRPCClient(connectingTo: endpoint, configuration: configuration) { rpc in
        let seen: String
        do {
          let sum: Int = try await rpc.remote.add(1, 2)
          seen = "\(sum)"
        } catch let error as RPCError {
          let isTyped = error.code == .timeout || error.code == .authenticationFailed
          seen = isTyped ? "no answer" : "\(error)"
        }
        row(
          "client \(client.rawValue), server \(server.rawValue)", expected: client.outcome(at: server), seen: seen)
        guard client == server else { return }
        let items: [Int] = try await collect(try await rpc.remote.count.stream(300, of: Int.self))
        row("a stream by \(server.rawValue)", expected: 300, seen: items.count)
      }
    }

    /// What `zrpc keygen` writes, pyzmq reads, and the other way round.
    @Test(.swift(.both, with: .python)) func keyFiles() async throws {
      let directory = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: directory) }
      let python = try PythonPeer()
      defer { python.kill() }
      let program = try Program([try Program.built("zrpc").path, "keygen", directory.appending(path: "ours").path])
      row("zrpc keygen", expected: 0, seen: try await program.status())
      let ours = try ZMQCurveKeyPair(contentsOf: directory.path + "/ours.key_secret")
      try await python.run(
        "import zmq.auth\npublic, secret = zmq.auth.load_certificate('\(directory.path)/ours.key_secret')")
      let loaded = try await python.eval("[public.hex(), secret.hex()]")
      let expected = [ours.publicKey.z85, ours.secretKey.z85].map { "'" + hex(Array($0.utf8)) + "'" }
      row("pyzmq reads our key file", expected: "[\(expected.joined(separator: ", "))]", seen: loaded)
      try await python.run(
        "import os\nos.umask(0o077)\ntheirs = zmq.auth.create_certificates('\(directory.path)', 'theirs')")
      let theirs = try ZMQCurveKeyPair(contentsOf: directory.path + "/theirs.key_secret")
      let theirPublic = try await python.eval("zmq.auth.load_certificate(theirs[0])[0].hex()")
      row(
        "we read pyzmq's key file", expected: "'\(hex(Array(theirs.publicKey.z85.utf8)))'", seen: theirPublic)
    }
  }
}
