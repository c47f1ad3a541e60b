internal import BenchmarkSupport
internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Runs one scenario on one subject: starts its server, then its load, and stops both.
struct SubjectRunner {
  /// When the load is done.
  enum Extent {
    case seconds(Double)
    case messages(UInt64)
  }

  let supervisor: Supervisor
  /// For the sockets of ipc.
  let directory: URL
  /// How long a child may take beyond what it was asked for before it counts as hanging.
  var patience: Double = 30

  /// The result of a run. Throws `BenchError`; no child is left in either case.
  func run(
    _ scenario: Scenario, on subject: Subject, extent: Extent, rate: Double? = nil, warmup: UInt64? = nil,
    serverEnvironment: [String: String] = [:], loadEnvironment: [String: String] = [:]
  ) throws -> MeasuredRun {
    let warmup = warmup ?? Self.warmup(for: scenario, on: subject)
    var server: ChildProcess?
    defer { if let server { supervisor.stop(server) } }
    var endpoint = "inproc://benchmark"
    if scenario.transport != .inproc {
      let child = try startServer(scenario, on: subject, environment: serverEnvironment)
      server = child
      endpoint = try readyEndpoint(of: child)
    }
    let arguments = loadArguments(
      scenario, on: subject, endpoint: endpoint, extent: extent, rate: rate, warmup: warmup)
    var before = server.flatMap { ServerSample(of: $0.identifier) }
    let load = try supervisor.start(
      "\(subject.name) load", subject.command + arguments, environment: Self.environment(loadEnvironment))
    defer { supervisor.stop(load, patience: 0) }
    if scenario.mode == .idle, let child = server {
      // The calls that open the connections are not idleness.
      _ = try supervisor.wait(seconds: 0.5) { load.ending != nil }
      before = ServerSample(of: child.identifier)
    }
    try finish(load, server: server, extent: extent)
    let after = server.flatMap { ServerSample(of: $0.identifier) }
    let result = try Self.result(of: load)
    var measurement = MeasuredRun(load: result)
    if let before, let after {
      measurement.server = after.usage(since: before, messages: result.received + warmup)
    }
    if let child = server {
      server = nil
      try stopServer(child)
    }
    return measurement
  }

  private func startServer(
    _ scenario: Scenario, on subject: Subject, environment: [String: String]
  ) throws -> ChildProcess {
    var arguments = ["serve", "--endpoint", try freeEndpoint(scenario.transport), "--mode", scenario.mode.rawValue]
    if scenario.mode == .stream || scenario.mode.isOneWay { arguments += ["--in-flight", String(scenario.inFlight)] }
    if scenario.mode.isOneWay { arguments += ["--size", String(scenario.size)] }
    return try supervisor.start(
      "\(subject.name) serve", (subject.serverCommand ?? subject.command) + arguments,
      environment: Self.environment(environment))
  }

  private func readyEndpoint(of server: ChildProcess) throws -> String {
    var endpoint: String?
    _ = try supervisor.wait(seconds: patience) {
      endpoint = server.output.lines.first { $0.hasPrefix("ready ") }.map { String($0.dropFirst(6)) }
      return endpoint != nil || server.ending != nil
    }
    if let endpoint, server.ending == nil { return endpoint }
    if case .exited(3) = server.ending { throw BenchError(.unsupported, server.lastErrors) }
    let what = server.ending.map { "ended before it was ready (\($0))" } ?? "was not ready after \(Int(patience)) s"
    throw BenchError(.failedRun, "\(server.name) \(what):\n\(server.lastErrors)")
  }

  private func finish(_ load: ChildProcess, server: ChildProcess?, extent: Extent) throws {
    var limit = patience
    if case .seconds(let seconds) = extent { limit += seconds }
    _ = try supervisor.wait(seconds: limit) { load.ending != nil || server?.ending != nil }
    if let server, let ending = server.ending, load.ending == nil {
      throw BenchError(.failedRun, "\(server.name) ended during the load (\(ending)):\n\(server.lastErrors)")
    }
    switch load.ending {
    case .exited(0): return
    case .exited(3): throw BenchError(.unsupported, load.lastErrors)
    case .some(let ending): throw BenchError(.failedRun, "\(load.name) failed (\(ending)):\n\(load.lastErrors)")
    case nil:
      throw BenchError(.failedRun, "\(load.name) hung and was killed after \(Int(limit)) s:\n\(load.lastErrors)")
    }
  }

  private func stopServer(_ server: ChildProcess) throws {
    if let ending = server.ending {
      throw BenchError(.failedRun, "\(server.name) ended before it was told to (\(ending)):\n\(server.lastErrors)")
    }
    guard supervisor.stop(server) else {
      throw BenchError(
        .failedRun, "\(server.name) did not stop within 5 s of SIGTERM and was killed:\n\(server.lastErrors)")
    }
  }

  private static func result(of load: ChildProcess) throws -> LoadResult {
    guard let line = load.output.lines.last(where: { $0.hasPrefix("{") }) else {
      throw BenchError(.failedRun, "\(load.name) printed no result line:\n\(load.lastErrors)")
    }
    let result: LoadResult
    do {
      result = try JSONDecoder().decode(LoadResult.self, from: Data(line.utf8))
    } catch {
      throw BenchError(.failedRun, "\(load.name) printed a result that cannot be read: \(error)")
    }
    guard result.sent == result.received else {
      throw BenchError(.failedRun, "\(load.name) sent \(result.sent) messages, but received \(result.received)")
    }
    return result
  }
}
