internal import Foundation
import TestSupport
import Testing
import ZeroMQ

/// Endpoints of every transport, well and badly written.
@Suite struct EndpointTests {
  private func expectTraffic(at endpoint: String) async throws -> String {
    let pull = try ZMQSocket(.pull)
    let real = try pull.bind(endpoint)
    let push = try ZMQSocket(.push)
    try push.connect(real.replacing("0.0.0.0", with: "127.0.0.1"))
    try await push.send(["through", real])
    #expect(try await pull.receive(timeout: .seconds(20)).strings == ["through", real])
    return real
  }

  @Test(arguments: ["tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "tcp://*:*", "tcp://*:0"])
  func portsAreReadBack(_ endpoint: String) async throws {
    let real = try await expectTraffic(at: endpoint)
    #expect(Int(real.split(separator: ":").last ?? "") ?? 0 > 0)
  }

  @Test func versionSix() async throws {
    do {
      let real = try await expectTraffic(at: "tcp://[::1]:*")
      #expect(real.hasPrefix("tcp://[::1]:"))
    } catch let error as ZMQError where error.code == .addressNotAvailable {
      // This machine has no IPv6.
    }
  }

  @Test func pathsOfEveryKind() async throws {
    let name = "zeromq-\(ProcessInfo.processInfo.processIdentifier)"
    #if os(Linux)
      _ = try await expectTraffic(at: "ipc://@\(name)")
    #endif
    let directory = FileManager.default.temporaryDirectory.path
    for endpoint in ["ipc://\(directory)/\(name):with:colons", "ipc://\(name).relative"] {
      #expect(try await expectTraffic(at: endpoint) == endpoint)
    }
    try? FileManager.default.removeItem(atPath: "\(name).relative")
    try? FileManager.default.removeItem(atPath: "\(directory)/\(name):with:colons")
  }

  @Test func oneSocketManyEndpoints() async throws {
    let server = try ZMQSocket(.pull)
    let endpoints = [
      try server.bind("tcp://127.0.0.1:*"), try server.bind("ipc://*"), try server.bind("inproc://many-endpoints"),
    ]
    let source = try ZMQSocket(.push)
    for endpoint in endpoints { try source.connect(endpoint) }
    // PUSH deals in turn, so that each endpoint gets its share once all are connected.
    for number in 0..<30 { try await source.send(["\(number)"]) }
    var seen: Set<String> = []
    for _ in 0..<30 { seen.formUnion(try await server.receive(timeout: .seconds(20)).strings) }
    #expect(seen.count == 30)
    try server.unbind(endpoints[0])
    try source.disconnect(endpoints[2])
    let again = #expect(throws: ZMQError.self) { try server.unbind(endpoints[0]) }
    #expect(again?.code == .notFound)
  }

  @Test func eitherSideMayComeFirst() async throws {
    let endpoints = ["tcp://127.0.0.1:\(try freePort())", "ipc://@first-\(UUID())", "inproc://first-\(UUID())"]
    for endpoint in endpoints {
      let client = try ZMQSocket(.request)
      try client.connect(endpoint)
      let asking = Task {
        try await client.send(["early"], timeout: .seconds(20))
        return try await client.receive(timeout: .seconds(20))
      }
      let server = try ZMQSocket(.reply)
      try server.bind(endpoint)
      let request = try await server.receive(timeout: .seconds(20))
      try await server.send(request)
      #expect(try await asking.value == ["early"])
    }
  }

  @Test(arguments: [
    ("", ZMQError.Code.invalidArgument), ("tcp", .invalidArgument), ("tcp://", .invalidArgument),
    ("tcp://127.0.0.1", .invalidArgument), ("tcp://127.0.0.1:99999", .invalidArgument),
    ("tcp://127.0.0.1:port", .invalidArgument), ("carrier-pigeon://roof", .transportNotSupported),
    ("ipc:///no/such/directory/socket", .notFound), ("ipc://" + String(repeating: "x", count: 200), .nameTooLong),
  ])
  func malformedOnesAreTypedErrors(_ endpoint: String, _ code: ZMQError.Code) throws {
    let socket = try ZMQSocket(.reply)
    let error = #expect(throws: ZMQError.self) { try socket.bind(endpoint) }
    #expect(error?.code == code, "\(error?.message ?? "")")
    #expect(error?.message.contains("'\(endpoint)'") == true)
  }

  @Test func multicastCarriesOnlyPublications() throws {
    for scheme in ["pgm", "epgm", "norm"] {
      let endpoint = "\(scheme)://127.0.0.1;239.192.1.1:5555"
      let isThere = ZMQLibrary.has(scheme == "norm" ? .norm : .pgm)
      for type in [ZMQSocketType.dealer, .router, .request, .reply, .push, .pull, .pair] {
        let socket = try ZMQSocket(type)
        for error in [
          #expect(throws: ZMQError.self, performing: { try socket.bind(endpoint) }),
          #expect(throws: ZMQError.self, performing: { try socket.connect(endpoint) }),
        ] {
          #expect(error?.code == (isThere ? .transportIncompatible : .transportNotSupported))
          #expect(error?.message.contains(endpoint) == true)
        }
      }
    }
  }

  @Test(.enabled(if: ZMQLibrary.has(.pgm), "this libzmq was built without PGM"))
  func multicastOnLoopback() async throws {
    let endpoint = "epgm://127.0.0.1;239.192.1.1:\(try freePort())"
    var options = ZMQSocketOptions()
    options.multicast.rate = 100_000
    let subscriber = try ZMQSocket(.subscribe, options: options)
    try subscriber.subscribe(to: "topic")
    try subscriber.connect(endpoint)
    let publisher = try ZMQSocket(.publish, options: options)
    try publisher.bind(endpoint)
    let publishing = Task {
      // There is no subscription to wait for: multicast has no way back.
      while !Task.isCancelled {
        try await publisher.send(ZMQMessage(topic: "other", ["no"]))
        try await publisher.send(ZMQMessage(topic: "topic", ["by", "multicast"]))
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    defer { publishing.cancel() }
    #expect(try await subscriber.receive(timeout: .seconds(30)).strings == ["topic", "by", "multicast"])
  }

  @Test func malformedMulticastIsNoCrash() throws {
    guard ZMQLibrary.has(.pgm) else { return }
    for rest in ["", "127.0.0.1", "127.0.0.1;", "127.0.0.1;239.192.1.1", "no-such-device;239.192.1.1:5555"] {
      let socket = try ZMQSocket(.subscribe)
      #expect(throws: ZMQError.self, "\(rest)") { try socket.connect("epgm://\(rest)") }
    }
  }
}
