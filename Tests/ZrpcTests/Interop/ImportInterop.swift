import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroRPC

@testable import zrpc

extension ZrpcInterop {
  /// From a running service to a client that compiles: `CoolerService.swift` beside this folder is what `zrpc import` wrote,
  /// and the plugin has made `CoolerServiceClient` of it.
  @Suite struct ImportTests {
    static let fixture = Program.root.appending(path: "Tests/ZrpcTests/Import/CoolerService.swift")

    /// With `ZERORPC_UPDATE_GOLDEN=1` in the environment it writes the file instead.
    @Test func writesWhatIsCompiledHere() async throws {
      let service = try await PythonService()
      let run = try await zrpc(
        "import", service.endpoint, "--stream", "secretive", "--stream", "items", "--stream", "nothing", "--stream",
        "breaking")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("taken for streams by their documentation: lines;"), "\(run.errors)")
      let text = run.output.replacing(service.endpoint, with: "tcp://127.0.0.1:4242")
      if ProcessInfo.processInfo.environment["ZERORPC_UPDATE_GOLDEN"] == "1" {
        try Data(text.utf8).write(to: Self.fixture)
      }
      let expected = try String(decoding: Data(contentsOf: Self.fixture), as: UTF8.self)
      let difference = zip(text.split(separator: "\n"), expected.split(separator: "\n")).first { $0 != $1 }
      #expect(text == expected, "\(difference.map { "written: \($0)\nexpected: \($1)" } ?? "one ends early")")
    }

    @Test func callsTheService() async throws {
      let service = try await PythonService()
      try await withRPCClient(connectingTo: service.endpoint) { client in
        let cooler = CoolerServiceClient(client)
        #expect(try await cooler.greet(name: "you") == "Hello, you!")
        #expect(try await cooler.add(a: 1, b: 2) == 3)
        #expect(try await cooler.add(a: "1", b: "2") == "12")
        try await cooler.reset()
        #expect(try await cooler.mean(numbers: [1, 2]) == 1.5)
        // What the service assumes is assumed here too.
        let set = ["degrees": "-3.5", "unit": "celsius", "step": "0.5", "notify": "None"]
        #expect(try await cooler.setTarget(degrees: -3.5) == set)
        #expect(
          try await cooler.setTarget(degrees: 1, unit: "kelvin", stepSize: 2, notify: "me")
            == ["degrees": "1.0", "unit": "kelvin", "step": "2.0", "notify": "me"])
        var degrees: [Int] = []
        for try await degree in try await cooler.watch(count: 3) { degrees.append(degree) }
        #expect(degrees == [0, 1, 2])
        var lines: [MessagePackValue] = []
        for try await line in try await cooler.lines() { lines.append(line) }
        #expect(lines == ["one", "two"])
        var items = 0
        for try await _ in try await cooler.secretive(count: 4) { items += 1 }
        #expect(items == 4)
        #expect(try await cooler.repeat(default: "x") == ["x", 1])
        #expect(try await cooler.clientMethod() == "client")
        #expect(try await cooler.anyName(x: 5) == 5)
        #expect(try await cooler.getAny() == 1)
        #expect(try await cooler.getAny2() == 2)
        let error = await #expect(throws: RemoteError.self) { try await cooler.fail(message: "no") }
        #expect(error?.name == "ValueError")
      }
    }

    /// Python 3.11 and later: what is documented can be called, the rest is there to be filled in.
    @Test func aServiceThatTellsLess() async throws {
      let service = try await PythonService("--mute", "--fridge")
      let directory = FileManager.default.temporaryDirectory.appending(path: "zrpc-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: directory) }
      let file = directory.appending(path: "Fridge.swift").path
      let run = try await zrpc("import", service.endpoint, "--name", "Fridge", "--access", "public", "-o", file)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output == "")
      #expect(run.errors.contains("zerorpc on Python 3.11 and later cannot"), "\(run.errors)")
      #expect(run.errors.contains("wrote Fridge to \(file)"), "\(run.errors)")
      let text = try String(decoding: Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
      for part in [
        "// zerorpc: service = \"Cooler\"", "public protocol Fridge: RPCService {",
        "func greet(name: String) async throws -> String", "func watch(count: Int) async throws -> RPCStream<Int>",
        "  // func undocumented() async throws -> MessagePackValue",
      ] {
        #expect(text.contains(part), "\(part) in \(text)")
      }
      #expect(try GeneratorRun.diagnose(text) == "")

      let again = try await zrpc("import", service.endpoint, "--output", file)
      #expect(again.status == 64)
      #expect(again.errors.contains("it exists; --force replaces it"))
      #expect(try await zrpc("import", service.endpoint, "--output", file, "--force").status == 0)
      let wrong = try await zrpc("import", service.endpoint, "--stream", "wathc")
      #expect(wrong.status == 1)
      #expect(wrong.errors.contains("has no method 'wathc'; it has "), "\(wrong.errors)")
    }
  }
}

extension ZrpcIntegration {
  /// A service of Swift tells the types.
  @Suite struct SwiftImportTests {
    @Test func typesAreThoseOfTheService() async throws {
      try await withServer { _, endpoint in
        let run = try await zrpc("import", endpoint)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("func add(a: Int, b: Int) async throws -> Int"), "\(run.output)")
        #expect(run.output.contains("-> RPCStream<Int>"), "\(run.output)")
        #expect(try GeneratorRun.diagnose(run.output) == "")
      }
    }
  }
}
