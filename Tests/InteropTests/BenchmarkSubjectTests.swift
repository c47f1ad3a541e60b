import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroMQ

extension RawInterop {
  /// The benchmark's Swift subject does what its options say, seen from a bare ROUTER.
  @Suite struct BenchmarkSubjectTests {
    /// `--in-flight` is a stream's window: that is granted once the first item, which comes for free, has been taken.
    @Test func inFlightIsTheWindowOfAStream() async throws {
      let router = try RawSocket(.router, binding: "tcp://127.0.0.1:*")
      defer { router.close() }
      let subject = Process()
      subject.executableURL = try Program.built("zerorpc-bench-subject")
      subject.arguments = [
        "load", "--endpoint", router.endpoint, "--mode", "stream", "--in-flight", "40", "--count", "100",
      ]
      // It ends with the pipe at its standard input.
      let input = Pipe()
      subject.standardInput = input
      subject.standardOutput = FileHandle.nullDevice
      try subject.run()
      defer { subject.terminate() }
      let server = RawServer(socket: router)
      let request = try await server.request()
      #expect(request.event.name == "stream")
      // An item of the size that is asked for.
      let size = request.event.arguments.arrayValue?.last?.intValue ?? 0
      try request.reply("STREAM", .binary(Data(count: size)))
      let grant = try await router.event(skipping: ["_zpc_hb"])
      #expect(grant.summary == "_zpc_more [40]")
    }
  }
}
