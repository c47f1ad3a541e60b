internal import ArgumentParser
internal import MessagePack
internal import Synchronization
internal import ZeroRPC

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Says how a server of the load is set up.
struct ServerOptions: ParsableArguments {
  @Argument var endpoint: String
  @Option var heartbeat = 0.5
  @Option var handlers = 8_192
  @Option var queued = 32_768
  @Option var descriptors: Int?
  @Option var queuedBytes = 256 << 20

  func serve() async throws {
    if let descriptors {
      var limit = rlimit(rlim_cur: rlim_t(descriptors), rlim_max: rlim_t(descriptors))
      #if canImport(Glibc)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      #else
        setrlimit(RLIMIT_NOFILE, &limit)
      #endif
    }
    var configuration = RPCServerConfiguration()
    configuration.heartbeat = .seconds(heartbeat)
    configuration.shutdownGrace = .seconds(3)
    configuration.limits.handlers = handlers
    configuration.limits.handlersPerPeer = handlers
    configuration.limits.queuedCalls = queued
    configuration.limits.queuedCallsPerPeer = queued
    configuration.limits.queuedBytes = queuedBytes
    configuration.limits.unsentBytesPerPeer = 4 << 20
    configuration.transport.sendHighWaterMark = 100
    let server = RPCServer(services: [LoadService()], configuration: configuration)
    try await server.bind(endpoint)
    print("ready")
    fflush(nil)
    try await server.runUntilSignalled()
  }
}

/// Is what the load calls.
struct LoadService: RPCService {
  private final class Gauge: Sendable { let running = Atomic<Int>(0) }

  private let gauge = Gauge()

  var zeroRPCGenerated: RPCServiceDefinition {
    let gauge = gauge
    return RPCServiceDefinition(
      name: "Load",
      methods: [
        RPCMethodDefinition("echo") { call in
          let text = try call.arguments(count: 1) { try $0.decode(0, as: String.self) }
          try call.reply { $0.packString(text) }
        },
        RPCMethodDefinition("work") { call in
          let milliseconds = try call.arguments(count: 1) { try $0.decode(0, as: Int.self) }
          gauge.running.add(1, ordering: .relaxed)
          defer { gauge.running.subtract(1, ordering: .relaxed) }
          try await Task.sleep(for: .milliseconds(milliseconds))
          try call.reply { $0.packInteger(Int64(milliseconds)) }
        },
        RPCMethodDefinition("digest") { call in
          let count = try call.arguments(count: 1) { try $0.decode(0, as: String.self).utf8.count }
          try await Task.sleep(for: .milliseconds(20))
          try call.reply { $0.packInteger(Int64(count)) }
        },
        RPCMethodDefinition("spin") { call in
          let milliseconds = try call.arguments(count: 1) { try $0.decode(0, as: Int.self) }
          let end = ContinuousClock.now + .milliseconds(milliseconds)
          while ContinuousClock.now < end {}
          try call.reply { $0.packInteger(Int64(milliseconds)) }
        },
        RPCMethodDefinition("count", isStream: true) { call in
          let limit = try call.arguments(count: 1) { try $0.decode(0, as: Int.self) }
          try await call.reply(streaming: RPCStream(contentsOf: 0..<limit)) { try $0.pack($1) }
        },
        RPCMethodDefinition("blob") { call in
          let count = try call.arguments(count: 1) { try $0.decode(0, as: Int.self) }
          try call.reply { $0.packString(String(repeating: "x", count: count)) }
        },
        RPCMethodDefinition("running") { call in
          try call.arguments(count: 0) { _ in }
          try call.reply { $0.packInteger(Int64(gauge.running.load(ordering: .relaxed))) }
        },
        RPCMethodDefinition("memory") { call in
          try call.arguments(count: 0) { _ in }
          try call.reply { $0.packInteger(Int64(Resources.now.residentKilobytes)) }
        },
      ])
  }
}
