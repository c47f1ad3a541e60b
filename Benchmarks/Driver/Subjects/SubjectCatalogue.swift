internal import BenchmarkSupport
internal import Foundation

/// Every subject that we know how to run, and which of them are here.
struct SubjectCatalogue {
  var all: [Subject]

  /// Those whose programs exist, in the order of the catalogue.
  var present: [Subject] { all.filter { $0.files.allSatisfy(FileManager.default.fileExists(atPath:)) } }
  /// Those that would have to be installed.
  var absent: [Subject] { all.filter { !$0.files.allSatisfy(FileManager.default.fileExists(atPath:)) } }

  /// Looks beside this program for the project's own subjects, and under `root` for the peers.
  init(layout: Layout) {
    let floor = layout.sibling("zerorpc-bench-floor")
    let runtime = layout.sibling("zerorpc-bench-subject")
    let python = layout.path(".peers/venv/bin/python")
    let script = layout.path("Benchmarks/Peers/zerorpc-python/peer.py")
    let pythonInstallation = "python -m venv .peers/venv && .peers/venv/bin/pip install zerorpc"
    let echo: Set<LoadMode> = [.sequential, .pipelined, .openLoop]
    all = [
      Subject(
        name: SubjectName.floor, command: [floor], modes: Set(LoadMode.allCases), transports: Set(Transport.allCases),
        isPeer: false, files: [floor], installation: "swift build -c release --product zerorpc-bench-floor"),
      Subject(
        name: SubjectName.zeroRPC, command: [runtime], loadArguments: ["--caller", "plain"],
        modes: Set(LoadMode.allCases), transports: Set(Transport.allCases), isPeer: false, files: [runtime],
        installation: "swift build -c release --product zerorpc-bench-subject"),
      Subject(
        name: SubjectName.zeroRPCOnExecutor, command: [runtime], loadArguments: ["--caller", "executor"],
        modes: echo, transports: Set(Transport.allCases), isPeer: false, files: [runtime],
        installation: "swift build -c release --product zerorpc-bench-subject"),
      Subject(
        name: SubjectName.zeroRPCPython, command: [python, script], modes: [.sequential, .pipelined, .stream],
        transports: [.tcp, .ipc], warmup: 200, files: [python, script],
        installation: pythonInstallation),
      Subject(
        name: SubjectName.zeroRPCFromPython, command: [runtime], serverCommand: [python, script], modes: [.stream],
        transports: [.tcp, .ipc], warmup: 200, files: [runtime, python, script], installation: pythonInstallation),
      Subject(
        name: SubjectName.pythonFromZeroRPC, command: [python, script], serverCommand: [runtime], modes: [.stream],
        transports: [.tcp, .ipc], warmup: 200, files: [runtime, python, script], installation: pythonInstallation),
      Self.native(SubjectName.gRPCCPlusPlus, layout, packages: "libgrpc++-dev protobuf-compiler-grpc", stream: true),
      Self.native(SubjectName.capnProto, layout, packages: "libcapnp-dev capnproto", stream: false),
      Subject(
        name: SubjectName.gRPCSwift, command: [layout.path(".peers/bin/grpc-swift")],
        modes: [.sequential, .pipelined, .stream], transports: [.tcp], warmup: 1000,
        files: [layout.path(".peers/bin/grpc-swift")], installation: "make -C Benchmarks/Peers grpc-swift"),
    ]
  }

  private static func native(_ name: String, _ layout: Layout, packages: String, stream: Bool) -> Subject {
    let program = layout.path(".peers/bin/\(name)")
    return Subject(
      name: name, command: [program], modes: stream ? [.sequential, .pipelined, .stream] : [.sequential, .pipelined],
      transports: [.tcp, .ipc], files: [program],
      installation: "apt-get install \(packages), then make -C Benchmarks/Peers")
  }
}
