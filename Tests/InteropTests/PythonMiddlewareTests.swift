import Foundation
import TestSupport
import Testing
import ZeroRPC

extension PythonInterop {
  /// Task context and declared errors between Swift and the real Python, whose middleware hooks see them.
  @Suite struct PythonMiddlewareTests {
    /// A middleware object as users of zerorpc-python write it, and what its hooks saw.
    static let middleware = """
      class Tracer(object):
          def __init__(self):
              self.trace_id = None
              self.loaded = []
              self.errors = []
          def load_task_context(self, header):
              self.trace_id = header.get('trace_id')
              self.loaded.append(sorted(k for k in header if k not in ('message_id', 'v', 'response_to')))
          def get_task_context(self):
              return {'trace_id': self.trace_id} if self.trace_id else {}
          def client_handle_remote_error(self, event):
              self.errors.append(event.args[0])
      tracer = Tracer()
      context = zerorpc.Context()
      context.register_middleware(tracer)
      """

    /// Tells what task context its handler got.
    struct Teller: RPCService {
      var zeroRPCGenerated: RPCServiceDefinition {
        RPCServiceDefinition(
          name: "Teller",
          methods: [
            RPCMethodDefinition("context") { call in
              try call.arguments(count: 0) { _ in }
              try call.reply { try $0.pack(RPCTaskContext.current.headers) }
            }
          ])
      }
    }

    @Test func aSwiftHandlerGetsThePythonTaskContext() async throws {
      try await withServer(services: [Teller()]) { _, endpoint in
        let python = try PythonPeer()
        defer { python.kill() }
        try await python.run(Self.middleware)
        try await python.run("c = connect('\(endpoint)', context=context)")
        try await expect(python, "c.context()", "{}")
        try await python.run("tracer.trace_id = 'abc'")
        try await expect(python, "c.context()", "{'trace_id': 'abc'}")
        #expect(python.errors.isEmpty)
      }
    }

    @Test func aPythonHandlerLoadsTheSwiftTaskContext() async throws {
      let python = try PythonPeer()
      defer { python.kill() }
      try await python.run(Self.middleware)
      let endpoint = try await python.string("serve(context=context)")
      try await withRPCClient(connectingTo: endpoint) { client in
        let sum: Int = try await withRPCHeaders(["trace_id": "from-swift"]) { try await client.remote.add(1, 2) }
        #expect(sum == 3)
        try await expect(python, "tracer.trace_id", "'from-swift'")
        let timed: Int = try await client.remote.with {
          $0.timeout = .seconds(10)
          $0.headers = ["user": 7]
        }.add(1, 2)
        #expect(timed == 3)
        try await expect(python, "tracer.loaded", "[['trace_id'], ['user', 'zrpc_timeout']]")
      }
      #expect(python.errors.isEmpty)
    }

    /// Swift calls Python, which calls Swift: the context arrives where it began.
    @Test func contextPassesThroughPython() async throws {
      try await withServer(services: [Teller()]) { _, endpoint in
        let python = try PythonPeer()
        defer { python.kill() }
        try await python.run(Self.middleware)
        try await python.run("c = connect('\(endpoint)', context=context)\nservice.through = lambda: c.context()")
        let pythonEndpoint = try await python.string("serve(context=context)")
        try await withRPCClient(connectingTo: pythonEndpoint) { client in
          let headers: [String: MessagePackValue] = try await withRPCHeaders(["trace_id": "round-trip"]) {
            try await client.remote.through()
          }
          #expect(headers == ["trace_id": "round-trip"])
        }
        #expect(python.errors.isEmpty)
      }
    }

    @Test func declaredErrorsAreOrdinaryOnesToPython() async throws {
      try await withServer { _, endpoint in
        let python = try PythonPeer()
        defer { python.kill() }
        try await python.run(Self.middleware)
        try await python.run("c = connect('\(endpoint)', context=context)")
        try await expect(
          python, "error_of(lambda: c.withdraw(101))",
          "['Overdrawn', 'Overdrawn(missing: 1, note: Optional(\"é\"))', False]")
        try await expect(python, "error_of(lambda: c.withdraw(-1))", "['Locked', 'the account is frozen', False]")
        try await expect(python, "error_of(lambda: list(c.withdrawals(2)))[0]", "'Overdrawn'")
        try await expect(python, "tracer.errors", "['Overdrawn', 'Locked', 'Overdrawn']")
        try await expect(python, "c.withdraw(40)", "60")
        #expect(python.errors.isEmpty)
      }
    }
  }
}
