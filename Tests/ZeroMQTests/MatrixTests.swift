internal import Foundation
import TestSupport
import Testing
import ZeroMQ

/// Is one combination of the matrix: two types, who binds, and the transport.
struct Combination: Sendable, CustomTestStringConvertible {
  let swift: ZMQSocketType
  let other: ZMQSocketType
  let transport: String
  let swiftBinds: Bool

  var testDescription: String { "\(swift) \(swiftBinds ? "binds" : "connects"), \(other), \(transport)" }

  /// A fresh endpoint to bind to.
  var endpoint: String {
    switch transport {
    case "inproc": "inproc://\(UUID())"
    case "ipc": "ipc://*"
    default: "tcp://127.0.0.1:*"
    }
  }

  /// All pairs of types that talk to each other; the first may be either side.
  static let pairs: [(ZMQSocketType, ZMQSocketType)] = [
    (.request, .reply), (.request, .router), (.dealer, .reply), (.dealer, .router), (.dealer, .dealer),
    (.router, .router), (.reply, .request), (.router, .request), (.reply, .dealer), (.router, .dealer),
    (.publish, .subscribe), (.subscribe, .publish), (.extendedPublish, .subscribe), (.subscribe, .extendedPublish),
    (.publish, .extendedSubscribe), (.extendedSubscribe, .publish), (.extendedPublish, .extendedSubscribe),
    (.extendedSubscribe, .extendedPublish), (.push, .pull), (.pull, .push), (.pair, .pair),
  ]

  static func all(_ transports: [String]) -> [Combination] {
    transports.flatMap { transport in
      pairs.flatMap { pair in
        [true, false].map { Combination(swift: pair.0, other: pair.1, transport: transport, swiftBinds: $0) }
      }
    }
  }
}

/// Does what a test needs of the far end of a connection, whether that is Swift or Python.
protocol FarEnd: Sendable {
  func send(_ message: ZMQMessage) async throws
  func receive() async throws -> ZMQMessage
}

struct SwiftEnd: FarEnd {
  let socket: ZMQSocket
  func send(_ message: ZMQMessage) async throws { try await socket.send(message, timeout: .seconds(20)) }
  func receive() async throws -> ZMQMessage { try await socket.receive(timeout: .seconds(20)) }
}

struct PythonEnd: FarEnd {
  let peer: PythonPeer
  let name: String

  func send(_ message: ZMQMessage) async throws {
    let frames = message.parts.map { "bytes.fromhex('\(hex($0))')" }.joined(separator: ", ")
    try await peer.run("send('\(name)', \(frames))")
  }

  func receive() async throws -> ZMQMessage {
    let text = try await peer.string("' '.join(f.hex() or '-' for f in receive('\(name)'))")
    return ZMQMessage(parts: text.split(separator: " ").map { $0 == "-" ? [] : bytes(String($0)) })
  }
}

extension Combination {
  /// What is sent: parts of every interesting small size, the first of them a topic, a routing id or nothing special.
  static let body = ZMQMessage(parts: [[84], [], part(1), part(255), part(256)])

  /// Opens the Swift side.
  func open() throws -> ZMQSocket {
    var options = ZMQSocketOptions()
    if swift == .dealer || swift == .router { options.routingID = Array("swift".utf8) }
    if swift == .router { options.routerMandatory = true }
    let socket = try ZMQSocket(swift, options: options)
    if swift == .subscribe { try socket.subscribe(to: "T") }
    return socket
  }

  /// Sends a message from the side that may speak first, and an answer where the pattern has one.
  func converse(_ near: SwiftEnd, _ far: some FarEnd) async throws {
    let body = Combination.body
    switch (swift, other) {
    case (.request, .reply), (.dealer, .dealer), (.pair, .pair):
      try await oneWay(near, far, body, body)
      try await oneWay(far, near, body, body)
    case (.reply, .request):
      try await oneWay(far, near, body, body)
      try await oneWay(near, far, body, body)
    case (.request, .router):
      let envelope = try await request(near, far, body)
      try await far.send(ZMQMessage(parts: envelope + body.parts))
      #expect(try await near.receive() == body)
    case (.router, .request):
      let envelope = try await request(far, near, body)
      try await near.send(ZMQMessage(parts: envelope + body.parts))
      #expect(try await far.receive() == body)
    case (.dealer, .reply):
      try await oneWay(near, far, delimited(body), body)
      try await oneWay(far, near, body, delimited(body))
    case (.reply, .dealer):
      try await oneWay(far, near, delimited(body), body)
      try await oneWay(near, far, body, delimited(body))
    case (.dealer, .router):
      try await oneWay(near, far, body, routed("swift", body))
      try await oneWay(far, near, routed("swift", body), body)
    case (.router, .dealer):
      try await oneWay(far, near, body, routed("other", body))
      try await oneWay(near, far, routed("other", body), body)
    case (.router, .router):
      // Neither may speak before it knows the other's id, which is set on both sides; it tries until the peer is there.
      try await eventually("the other router is there") {
        do {
          try await near.send(routed("other", body))
          return true
        } catch let error as ZMQError where error.code == .hostUnreachable {
          return false
        }
      }
      #expect(try await far.receive() == routed("swift", body))
      try await oneWay(far, near, routed("swift", body), routed("other", body))
    case (.push, .pull): try await oneWay(near, far, body, body)
    case (.pull, .push): try await oneWay(far, near, body, body)
    case (.publish, _), (.extendedPublish, _): try await publish(near, far, body)
    default: try await publish(far, near, body)
    }
  }

  private func oneWay(
    _ sender: some FarEnd, _ receiver: some FarEnd, _ sent: ZMQMessage, _ expected: ZMQMessage
  ) async throws {
    try await sender.send(sent)
    let received = try await receiver.receive()
    #expect(received == expected)
  }

  /// Sends a request to a ROUTER and returns the envelope that came with it.
  private func request(_ client: some FarEnd, _ router: some FarEnd, _ body: ZMQMessage) async throws -> [[UInt8]] {
    try await client.send(body)
    let parts = try await router.receive().parts
    #expect(parts.count == body.parts.count + 2)
    #expect(parts.dropFirst().first == [])
    #expect(Array(parts.dropFirst(2)) == body.parts)
    return Array(parts.prefix(2))
  }

  private func publish(_ publisher: some FarEnd, _ subscriber: some FarEnd, _ body: ZMQMessage) async throws {
    let types = [swift, other]
    if types.contains(.extendedSubscribe) { try await subscriber.send(ZMQMessage(ZMQSubscription(to: "T"))) }
    if types.contains(.extendedPublish) {
      // It receives from the start: a subscriber that binds tells a publisher only when it is used.
      async let received = subscriber.receive()
      #expect(try await publisher.receive().subscription == ZMQSubscription(to: "T"))
      try await publisher.send(["other topic"])
      try await publisher.send(body)
      #expect(try await received == body)
      return
    }
    // A PUB does not say when the subscription has come, so it publishes until one is through.
    let journal = Journal()
    let publishing = Task {
      while journal.count("through") == 0 {
        try await publisher.send(["other topic"])
        try await publisher.send(body)
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    let received = await Result { try await subscriber.receive() }
    journal.note("through")
    // Not cancelled: the answer to a command under way would be taken for that to the next.
    try await publishing.value
    #expect(try received.get() == body)
  }

  private func delimited(_ message: ZMQMessage) -> ZMQMessage { ZMQMessage(parts: [[]] + message.parts) }
  private func routed(_ id: String, _ message: ZMQMessage) -> ZMQMessage {
    ZMQMessage(parts: [Array(id.utf8)] + message.parts)
  }
}

/// Every pair of types, either side binding, over every transport, Swift with Swift.
@Suite(.serialized) struct SwiftMatrixIntegration {
  @Test(arguments: Combination.all(["inproc", "ipc", "tcp"]))
  func talks(_ combination: Combination) async throws {
    let near = try combination.open()
    var options = ZMQSocketOptions()
    if [.dealer, .router].contains(combination.other) { options.routingID = Array("other".utf8) }
    if combination.other == .router { options.routerMandatory = true }
    let far = try ZMQSocket(combination.other, options: options)
    if combination.other == .subscribe { try far.subscribe(to: "T") }
    if combination.swiftBinds {
      try far.connect(try near.bind(combination.endpoint))
    } else {
      try near.connect(try far.bind(combination.endpoint))
    }
    try await combination.converse(SwiftEnd(socket: near), SwiftEnd(socket: far))
  }
}

extension PyZMQInterop {
  /// Every pair of types, either side binding, over the transports that cross processes, Swift with pyzmq.
  @Suite(.serialized) struct Matrix {
    private static let shared = SharedPeer()
    private let peer: PythonPeer

    init() async throws { peer = try await Matrix.shared.get() }

    @Test(arguments: Combination.all(["ipc", "tcp"]))
    func talks(_ combination: Combination) async throws {
      let near = try combination.open()
      var extra = ""
      if [.dealer, .router].contains(combination.other) { extra += ", identity=b'other'" }
      if combination.other == .subscribe { extra += ", subscribe=b'T'" }
      let endpoint = combination.swiftBinds ? try near.bind(combination.endpoint) : combination.endpoint
      let role = combination.swiftBinds ? "connect" : "bind"
      let real = try await peer.string("open_socket('far', '\(combination.other)', '\(role)', '\(endpoint)'\(extra))")
      if !combination.swiftBinds { try near.connect(real) }
      defer { near.close() }
      do {
        try await combination.converse(SwiftEnd(socket: near), PythonEnd(peer: peer, name: "far"))
      } catch {
        try? await peer.run("close('far')")
        throw error
      }
      try await peer.run("close('far')")
    }
  }
}

extension Result where Failure == any Error, Success: Sendable {
  /// What a body returns or throws.
  init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
