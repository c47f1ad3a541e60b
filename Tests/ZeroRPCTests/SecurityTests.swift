import Foundation
import MessagePack
import Synchronization
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension Integration {
  /// Who may call whom: encryption, authentication and authorisation.
  @Suite(.timeLimit(.minutes(2))) struct SecurityTests {
    /// Tells callers who they are.
    struct Porter: RPCService {
      let calls = Journal()

      var zeroRPCGenerated: RPCServiceDefinition {
        RPCServiceDefinition(
          name: "Porter",
          methods: ["whoami", "read", "write"].map { name in
            RPCMethodDefinition(name) { call in
              try call.arguments(count: 0) { _ in }
              calls.note(name)
              let user = RPCTaskContext.current.user ?? "nobody known"
              try call.reply { $0.packString(user) }
            }
          })
      }
    }

    /// How one side is set up, as the table of tests names it.
    enum Side: String, CaseIterable, Sendable {
      case null, plain, plainWrong, curve, curveWrongServer, curveUnknown
    }

    private struct Keys {
      let server = Result { try ZMQCurveKeyPair.generate() }
      let client = Result { try ZMQCurveKeyPair.generate() }

      func serverSecurity(_ side: Side) throws -> ZMQSecurity {
        switch side {
        case .plain: .plainServer
        case .curve: .curveServer(try server.get().secretKey)
        default: .none
        }
      }

      func clientSecurity(_ side: Side) throws -> ZMQSecurity {
        switch side {
        case .null: .none
        case .plain: .plain(username: "carol", password: "secret")
        case .plainWrong: .plain(username: "carol", password: "guess")
        case .curve: .curve(server: try server.get().publicKey, keys: try client.get())
        case .curveWrongServer: .curve(server: try ZMQCurveKeyPair.generate().publicKey, keys: try client.get())
        case .curveUnknown: .curve(server: try server.get().publicKey, keys: try .generate())
        }
      }

      var rules: ZMQAccessRules {
        get throws {
          var rules = ZMQAccessRules()
          rules.keys = [try client.get().publicKey: "alice"]
          rules.users = ["carol": "secret"]
          return rules
        }
      }
    }

    private func withPorter(
      _ security: ZMQSecurity, domain: String? = nil, context: ZMQContext,
      interceptors: [any RPCServerInterceptor] = [],
      _ body: (String, Porter) async throws -> Void
    ) async throws {
      let porter = Porter()
      try await withServer(services: [porter]) {
        $0.context = context
        $0.transport.security = security
        $0.transport.authenticationDomain = domain
        $0.interceptors = interceptors
      } body: { _, endpoint in
        try await body(endpoint, porter)
      }
    }

    private func ask(
      _ endpoint: String, _ security: ZMQSecurity, context: ZMQContext, timeout: Duration = .seconds(20),
      method: String = "whoami"
    ) async throws -> String {
      var configuration = RPCClientConfiguration()
      configuration.context = context
      configuration.timeout = timeout
      configuration.transport.security = security
      return try await withRPCClient(connectingTo: endpoint, configuration: configuration) { client in
        try await client.remote[method]()
      }
    }

    /// Every server with every client: who belongs gets in and is known, the others get a typed error at their deadline.
    @Test(arguments: [Side.null, .plain, .curve], Side.allCases)
    func matrix(_ server: Side, _ client: Side) async throws {
      let context = ZMQContext()
      let keys = Keys()
      let authenticator = try ZMQAuthenticator(keys.rules, context: context)
      defer { authenticator.stop() }
      try await withPorter(keys.serverSecurity(server), context: context) { endpoint, porter in
        guard server == client else {
          let error = await #expect(throws: RPCError.self) {
            try await ask(endpoint, keys.clientSecurity(client), context: context, timeout: .seconds(3))
          }
          #expect(error?.code == (client == .null ? .timeout : .authenticationFailed), "\(error as Any)")
          #expect(error?.message.contains(endpoint) == true)
          #expect(porter.calls.count("whoami") == 0)
          return
        }
        let user = try await ask(endpoint, keys.clientSecurity(client), context: context)
        #expect(user == [.null: "nobody known", .plain: "carol", .curve: "alice"][server])
      }
    }

    @Test func withADomainNobodyGetsInWithoutAnAuthenticator() async throws {
      let context = ZMQContext()
      let keys = Keys()
      for side in [Side.null, .curve] {
        try await withPorter(keys.serverSecurity(side), domain: "backend", context: context) { endpoint, porter in
          await #expect(throws: RPCError.self) {
            try await ask(endpoint, keys.clientSecurity(side), context: context, timeout: .seconds(2))
          }
          #expect(porter.calls.count("whoami") == 0)
        }
      }
      // Without a domain, CURVE alone encrypts, and proves who the server is.
      try await withPorter(keys.serverSecurity(.curve), context: context) { endpoint, _ in
        let user = try await ask(endpoint, keys.clientSecurity(.curveUnknown), context: context)
        #expect(user == "nobody known")
      }
    }

    /// A client that was refused gets in as soon as the rules say so, without being made anew.
    @Test func rulesThatChangeTakeEffect() async throws {
      let context = ZMQContext()
      let keys = Keys()
      let authenticator = try ZMQAuthenticator(ZMQAccessRules(), context: context)
      defer { authenticator.stop() }
      try await withPorter(keys.serverSecurity(.curve), domain: "backend", context: context) { endpoint, _ in
        let security = try keys.clientSecurity(.curve)
        let answer = Task { try await ask(endpoint, security, context: context, timeout: .seconds(60)) }
        try await eventually("it to be refused") { authenticator.denials > 0 }
        let key = try keys.client.get().publicKey
        authenticator.update { $0.keys[key] = "alice" }
        #expect(try await answer.value == "alice")
        authenticator.update { $0.keys[key] = nil }
        await #expect(throws: RPCError.self) {
          try await ask(endpoint, security, context: context, timeout: .seconds(2))
        }
        authenticator.update {
          $0.keys[key] = "alice"
          $0.deniedAddresses = (try? [ZMQAddressRange("127.0.0.0/8")]) ?? []
        }
        await #expect(throws: RPCError.self) {
          try await ask(endpoint, security, context: context, timeout: .seconds(2))
        }
      }
    }

    @Test func methodsHaveTheirOwnRules() async throws {
      let context = ZMQContext()
      let keys = Keys()
      var rules = try keys.rules
      let bob = try ZMQCurveKeyPair.generate()
      rules.keys[bob.publicKey] = "bob"
      let authenticator = try ZMQAuthenticator(rules, context: context)
      defer { authenticator.stop() }
      let authorization = RPCAuthorization(["read": .authenticated, "write": .users(["alice"])])
      let seen = Witness()
      try await withPorter(
        keys.serverSecurity(.curve), context: context, interceptors: [seen, authorization]
      ) { endpoint, porter in
        let alice = try keys.clientSecurity(.curve)
        let other = ZMQSecurity.curve(server: try keys.server.get().publicKey, keys: bob)
        #expect(try await ask(endpoint, alice, context: context, method: "read") == "alice")
        #expect(try await ask(endpoint, alice, context: context, method: "write") == "alice")
        #expect(try await ask(endpoint, other, context: context, method: "read") == "bob")
        for method in ["write", "whoami", "_zerorpc_name"] {
          let error = await #expect(throws: RemoteError.self) {
            try await ask(endpoint, other, context: context, method: method)
          }
          #expect(error?.name == RPCAuthorization.permissionDenied)
          #expect(error?.message.contains("'bob'") == true)
        }
        #expect(porter.calls.count("write") == 1 && porter.calls.count("whoami") == 0)
        #expect(seen.users.contains("bob at 127.0.0.1") && seen.users.contains("alice at 127.0.0.1"))
      }
    }

    @Test func withoutAuthenticationNobodyIsAnybody() async throws {
      let context = ZMQContext()
      let authorization = RPCAuthorization(["whoami": .everyone, "read": .authenticated], others: .nobody)
      try await withPorter(.none, context: context, interceptors: [authorization]) { endpoint, _ in
        let user = try await ask(endpoint, .none, context: context)
        #expect(user == "nobody known")
        for method in ["read", "write"] {
          await #expect(throws: RemoteError.self) {
            try await ask(endpoint, .none, context: context, method: method)
          }
        }
      }
    }

    @Test func errorsTellNoPaths() async throws {
      let service = Leaky()
      try await withServer(services: [service]) { _, endpoint in
        let error = await #expect(throws: RemoteError.self) {
          try await ask(endpoint, .none, context: .shared, method: "leak")
        }
        #expect(error?.name == "CocoaError")
        #expect(error?.message.contains("secret") == false, "\(error as Any)")
        #expect(error?.traceback == nil)
      }
    }

    /// What is not in the protocol cannot be reached, nor introspection when it is off.
    @Test func introspectionCanBeOff() async throws {
      try await withHarness {
        $0.isIntrospectable = false
      } _: { harness in
        let names = ["ping", "name", "list", "help", "args", "inspect"].map { "_zerorpc_\($0)" }
        for name in names + ["_private", "__init__", "zeroRPCGenerated", "journal"] {
          let error = await #expect(throws: RemoteError.self) { try await harness.client.remote[name]() }
          #expect(error?.name == "NameError")
        }
        try await expectWorks(harness.client)
      }
    }
  }
}

/// Fails over a file whose name nobody should learn.
private struct Leaky: RPCService {
  var zeroRPCGenerated: RPCServiceDefinition {
    RPCServiceDefinition(
      name: "Leaky",
      methods: [
        RPCMethodDefinition("leak") { call in
          let data = try Data(contentsOf: URL(fileURLWithPath: "/nowhere/secret/file"))
          try call.reply { $0.packInteger(Int64(data.count)) }
        }
      ])
  }
}

/// Notes who calls.
private final class Witness: RPCServerInterceptor {
  private let seen = Mutex<Set<String>>([])

  var users: Set<String> { seen.withLock { $0 } }

  func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws {
    let text = "\(call.user ?? "-") at \(call.peerAddress ?? "-")"
    seen.withLock { _ = $0.insert(text) }
    try await next(call)
  }
}
