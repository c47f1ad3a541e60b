import Foundation
import TestSupport
import Testing
import ZeroMQ

/// A wrong command line, and what is said about it.
struct BadInput: Sendable, CustomTestStringConvertible {
  let arguments: [String]
  let status: Int32
  let complaint: String

  init(_ arguments: [String], _ status: Int32, _ complaint: String) {
    (self.arguments, self.status, self.complaint) = (arguments, status, complaint)
  }

  var testDescription: String { arguments.joined(separator: " ") }

  // NOBODY is an endpoint where nobody listens, SERVICE one of a service, TAKEN one that is in use; MISSING is a file that is
  // not there, GARBAGE one that holds something else, and FOLDER a directory.

  /// What all commands that call a service have in common.
  static let connections = [["call"], ["inspect"], ["import"], ["bench"]].flatMap { command -> [BadInput] in
    let method = ["call", "bench"].contains(command[0]) ? ["add", "1", "2"] : []
    func line(_ endpoint: String, _ options: String...) -> [String] { command + [endpoint] + method + options }
    return [
      BadInput(command, 64, "Missing expected argument '<endpoint>'"),
      BadInput(line("nonsense"), 64, "cannot connect 'nonsense'"),
      BadInput(line("tcp://127.0.0.1:99999"), 64, "tcp://127.0.0.1:99999"),
      BadInput(line("tcp://127.0.0.1"), 64, "tcp://127.0.0.1"),
      BadInput(line("carrier://pigeon"), 64, "carrier://pigeon"),
      BadInput(line("TAKEN", "--bind"), 1, "cannot bind 'TAKEN'"),
      BadInput(line("NOBODY", "--timeout", "0.2"), 2, "NOBODY"),
      BadInput(line("SERVICE", "--timeout", "-1"), 64, "--timeout takes seconds above 0"),
      BadInput(line("SERVICE", "--timeout", "soon"), 64, "The value 'soon' is invalid for '--timeout <seconds>'"),
      BadInput(line("SERVICE", "--heartbeat", "-1"), 64, "--heartbeat takes seconds from 0"),
      BadInput(line("SERVICE", "--server-key", "MISSING"), 64, "MISSING"),
      BadInput(line("SERVICE", "--server-key", "GARBAGE"), 64, "GARBAGE"),
      BadInput(line("SERVICE", "--server-key", "FOLDER"), 64, "FOLDER"),
      BadInput(line("SERVICE", "--curve-key-file", "MISSING"), 64, "give --server-key"),
      BadInput(line("SERVICE", "--nosuch"), 64, "nknown option '--nosuch'"),
    ]
  }

  static let others = [
    BadInput(["call", "SERVICE"], 64, "Missing expected argument '<method>'"),
    BadInput(["call", "SERVICE", "nosuch"], 1, "NameError: nosuch"),
    BadInput(["call", "SERVICE", "add", "1"], 1, "TypeError"),
    BadInput(["call", "SERVICE", "add", "1", "two"], 1, "TypeError"),
    BadInput(["call", "SERVICE", "add", "1", "{x", "--json"], 64, "Argument 2, {x, cannot be sent"),
    BadInput(["call", "SERVICE", "add", "1e999"], 64, "too large"),
    BadInput(["call", "SERVICE", "add", "99999999999999999999"], 64, "does not fit 64 bits"),
    BadInput(["call", "SERVICE", "add", #"{"$binary": 5}"#], 64, "$binary takes a string in base64"),
    BadInput(["inspect", "SERVICE", "nosuch"], 1, "has no method 'nosuch'"),
    BadInput(["inspect", "SERVICE", "add", "divide"], 64, "Unexpected argument 'divide'"),
    BadInput(["import", "SERVICE", "--stream", "nosuch"], 1, "has no method 'nosuch'"),
    BadInput(["import", "SERVICE", "--stream", "add", "--value", "add"], 64, "both --stream and --value"),
    BadInput(["import", "SERVICE", "--name", "not a name"], 64, "--name takes the name of a Swift type"),
    BadInput(["import", "SERVICE", "--access", "secret"], 64, "'secret' is invalid"),
    BadInput(["import", "SERVICE", "--force"], 64, "--force goes with --output"),
    BadInput(["import", "SERVICE", "--output", "GARBAGE"], 64, "it exists; --force replaces it"),
    BadInput(["import", "SERVICE", "--output", "FOLDER/no/such.swift"], 74, "cannot write 'FOLDER/no/such.swift'"),
    BadInput(["bench", "SERVICE"], 64, "Missing expected argument '<method>'"),
    BadInput(["bench", "SERVICE", "nosuch"], 1, "NameError: nosuch"),
    BadInput(["bench", "SERVICE", "add", "1"], 1, "TypeError"),
    BadInput(
      ["bench", "SERVICE", "add", "1", "2", "--requests", "0"], 64, "--requests takes a number of calls from 1"),
    BadInput(["bench", "SERVICE", "add", "1", "2", "--requests", "-3"], 64, "'-3' is invalid"),
    BadInput(["bench", "SERVICE", "add", "1", "2", "--duration", "0"], 64, "--duration takes seconds above 0"),
    BadInput(["bench", "SERVICE", "add", "1", "2", "--rate", "0"], 64, "--rate takes calls per second above 0"),
    BadInput(["bench", "SERVICE", "add", "1", "2", "--in-flight", "0"], 64, "--in-flight takes a number of calls"),
    BadInput(["bench", "SERVICE", "add", "1", "2", "--connections", "0"], 64, "--connections takes a number"),
    BadInput(
      ["bench", "SERVICE", "add", "1", "2", "--connections", "3", "--in-flight", "2"], 64, "connections without a call"),
    BadInput(["bench", "TAKEN", "add", "--bind", "--connections", "2"], 64, "--bind goes with one connection"),

    BadInput(["nosuch"], 64, "'nosuch' is neither a command nor an endpoint"),
    BadInput(["--nosuch"], 64, "Unknown option '--nosuch'"),
    BadInput(["--server", "module"], 64, "which zrpc cannot load"),
    BadInput(["tcp://127.0.0.1:99999"], 64, "tcp://127.0.0.1:99999"),
    BadInput(["NOBODY", "--timeout", "0.2"], 2, "NOBODY"),
    BadInput(["SERVICE", "nosuch"], 1, "NameError: nosuch"),
    BadInput(["-j", "SERVICE", "add", "1", "two"], 64, "Argument 2, two, cannot be sent"),
    BadInput(["SERVICE", "add", "--timeout", "0"], 64, "--timeout takes seconds above 0"),
    BadInput(["--bind", "TAKEN", "add"], 1, "cannot bind 'TAKEN'"),

    BadInput(["keygen"], 64, "Missing expected argument '<name>'"),
    BadInput(["keygen", "FOLDER/no/such"], 64, "FOLDER/no/such"),
    BadInput(["keygen", "EXISTING"], 64, "EXISTING"),

    BadInput(["proxy", "queue", "--backend", "NOBODY"], 64, "a proxy needs a frontend"),
    BadInput(["proxy", "forwarder", "--frontend", "NOBODY"], 64, "a proxy needs a backend"),
    BadInput(["proxy", "streamer", "--frontend", "nonsense", "--backend", "NOBODY"], 64, "cannot bind 'nonsense'"),
    BadInput(["proxy", "queue", "--frontend", "TAKEN", "--backend", "NOBODY"], 1, "cannot bind 'TAKEN'"),
    BadInput(["proxy", "queue", "--capture-type", "net"], 64, "'net' is invalid"),
    BadInput(["proxy", "carousel"], 64, "carousel"),

    BadInput(["broker", "--frontend", "NOBODY"], 64, "Missing --backend"),
    BadInput(["broker", "--frontend", "nonsense", "--backend", "NOBODY"], 64, "cannot bind 'nonsense'"),
    BadInput(["broker", "--frontend", "TAKEN", "--backend", "NOBODY"], 1, "cannot bind 'TAKEN'"),
    BadInput(["broker", "--queue", "-1", "--frontend", "x", "--backend", "x"], 64, "--queue takes a number of calls"),
    BadInput(
      ["broker", "--frontend", "x", "--backend", "x", "--backend-key-file", "MISSING"], 64, "give --backend-server-key"),
    BadInput(["broker", "--frontend", "x", "--backend", "x", "--frontend-key-file", "GARBAGE"], 64, "GARBAGE"),
    BadInput(["broker", "--policy", "best", "--frontend", "x", "--backend", "x"], 64, "'best' is invalid"),

    BadInput(["top"], 64, "Missing expected argument '<endpoint>'"),
    BadInput(["top", "nonsense"], 64, "cannot connect 'nonsense'"),
    BadInput(["top", "NOBODY", "--timeout", "0.2"], 2, "no answer from 'NOBODY'"),
    BadInput(["top", "NOBODY", "--interval", "0"], 64, "--interval takes seconds"),
    BadInput(["top", "NOBODY", "--timeout", "-1"], 64, "--timeout takes seconds above 0"),

    BadInput(["monitor"], 64, "Missing expected argument '<endpoint>'"),
    BadInput(["monitor", "nonsense"], 64, "cannot connect 'nonsense'"),
    BadInput(["monitor", "TAKEN", "--bind"], 1, "cannot bind 'TAKEN'"),
    BadInput(["monitor", "NOBODY", "--count", "0"], 64, "--count takes a number of events"),
  ]
}

extension ZrpcIntegration {
  /// Bad input for every command: a clear message, the documented exit code, and no stack trace.
  @Suite struct BadInputTests {
    @Test func isRefused() async throws {
      let directory = FileManager.default.temporaryDirectory.appending(path: "zrpc-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: directory) }
      for name in ["garbage", "existing.key", "existing.key_secret"] {
        try Data("no key\n".utf8).write(to: directory.appending(path: name))
      }
      let taken = try ZMQSocket(.reply)
      let places = [
        "NOBODY": "tcp://127.0.0.1:\(try freePort())", "TAKEN": try taken.bind("tcp://127.0.0.1:*"),
        "MISSING": directory.appending(path: "missing").path, "GARBAGE": directory.appending(path: "garbage").path,
        "EXISTING": directory.appending(path: "existing").path, "FOLDER": directory.path,
      ]
      try await withServer { _, endpoint in
        let places = places.merging(["SERVICE": endpoint]) { $1 }
        func place(_ text: String) -> String { places.reduce(text) { $0.replacing($1.key, with: $1.value) } }
        for input in BadInput.connections + BadInput.others {
          let run = try ToolRun.zrpc(input.arguments.map(place))
          #expect(try await run.status() == input.status, "\(input.testDescription): \(run.errors)")
          #expect(run.errors.contains(place(input.complaint)), "\(input.testDescription): \(run.errors)")
          // These say at once what they have attached.
          if !["proxy", "broker"].contains(input.arguments[0]) {
            #expect(run.output == "", "\(input.testDescription)")
          }
          for trace in ["Fatal error", "Stack dump", "Traceback", "Thread 0", "#0", ".swift:"] {
            #expect(!run.errors.contains(trace), "\(input.testDescription): \(run.errors)")
          }
        }
      }
    }

    /// A reader that goes away is no mistake, and a full disk is one.
    @Test func outputThatNobodyTakes() async throws {
      guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
      let zrpc = try Program.built("zrpc").path
      try await withServer { _, endpoint in
        let full = try ToolRun(["/bin/sh", "-c", "\"$0\" call \"$1\" add 1 2 > /dev/full", zrpc, endpoint])
        #expect(try await full.status() == 74)
        #expect(full.errors.contains("cannot write to the standard output"), "\(full.errors)")
        let head = try ToolRun(["/bin/sh", "-c", "\"$0\" call \"$1\" count 100000 | head -n 2", zrpc, endpoint])
        #expect(try await head.status() == 0)
        #expect(head.output == "0\n1\n")
        #expect(head.errors == "")
      }
    }
  }
}
