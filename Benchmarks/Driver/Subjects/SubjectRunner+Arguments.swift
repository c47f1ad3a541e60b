internal import BenchmarkSupport
internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension SubjectRunner {
  /// The options of the load role, as in the protocol.
  func loadArguments(
    _ scenario: Scenario, on subject: Subject, endpoint: String, extent: Extent, rate: Double?, warmup: UInt64
  ) -> [String] {
    var arguments = [
      "load", "--endpoint", endpoint, "--mode", scenario.mode.rawValue, "--in-flight", String(scenario.inFlight),
      "--connections", String(scenario.connections), "--size", String(scenario.size), "--warmup", String(warmup),
    ]
    switch extent {
    case .seconds(let seconds): arguments += ["--seconds", String(seconds)]
    case .messages(let count): arguments += ["--count", String(count)]
    }
    if let rate { arguments += ["--rate", String(rate)] }
    return arguments + subject.loadArguments
  }

  /// Enough messages to have code and connections warm, not so many that they take longer than the measuring. Every caller of a
  /// pipelined load makes one at least.
  static func warmup(for scenario: Scenario, on subject: Subject) -> UInt64 {
    if scenario.mode == .idle { return 0 }
    let limit = scenario.size >= 1 << 20 ? 4 : scenario.size >= 1 << 16 ? 200 : 2000
    let callers = scenario.mode == .pipelined ? scenario.inFlight : 0
    return UInt64(max(min(limit, subject.warmup), callers))
  }

  /// What a child sees: our own environment and the additions.
  static func environment(_ additions: [String: String]) -> [String: String] {
    ProcessInfo.processInfo.environment.merging(additions) { $1 }
  }

  /// An endpoint that nobody uses.
  func freeEndpoint(_ transport: Transport) throws -> String {
    switch transport {
    case .tcp: "tcp://127.0.0.1:\(try freePort())"
    case .ipc: "ipc://\(directory.path)/\(UInt32.random(in: 0 ... .max)).sock"
    case .inproc: "inproc://benchmark"
    }
  }

  /// A port that is free now. Not every peer can tell which one it got when left to choose. It lies below those of outgoing
  /// connections, among which a socket that keeps trying to connect could be given the very port that it connects to.
  private func freePort() throws -> UInt16 {
    for _ in 0..<1_000 {
      let port = UInt16.random(in: 20_000..<32_768)
      if isFree(port) { return port }
    }
    throw BenchError(.failedRun, "no free port")
  }

  private func isFree(_ port: UInt16) -> Bool {
    #if canImport(Darwin)
      let listener = socket(AF_INET, SOCK_STREAM, 0)
    #else
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, length) == 0 }
    }
  }
}
