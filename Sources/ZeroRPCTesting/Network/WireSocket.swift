internal import ZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Is a DEALER or ROUTER socket of a test network, with the rules of zmq_socket(3): a DEALER deals to its connections in
/// turn and waits when none has room; a ROUTER takes the connection from the first part, and says so when it is gone.
final class WireSocket: MemorySocket {
  let descriptor: Int32
  private let wire: Wire

  init(_ type: ZMQSocketType, on wire: Wire) throws(ZMQError) {
    guard type == .dealer || type == .router else {
      throw ZMQError(
        code: .notSupported,
        message: "a test network carries calls, whose sockets are dealer and router; it has no \(type) sockets")
    }
    self.wire = wire
    descriptor = wire.change { state in
      defer { state.nextNode -= 1 }
      state.nodes[state.nextNode] = Node(type: type)
      return state.nextNode
    }
  }

  // MARK: Sending

  func send(_ bytes: UnsafeRawBufferPointer, more: Bool) -> SocketHandle.Outcome {
    wire.change { state in
      guard let node = state.nodes[descriptor], !node.isDead else { return .failed(EHOSTUNREACH) }
      if !node.isWriting {
        let outcome = begin(node, bytes, &state)
        if outcome == .done { state.nodes[descriptor]?.isWriting = more }
        if outcome != .done || node.type == .router { return outcome }
      }
      state.nodes[descriptor]?.writing.append(Array(bytes))
      guard !more else { return .done }
      let parts = state.nodes[descriptor]?.writing ?? []
      let way = state.nodes[descriptor]?.way
      state.nodes[descriptor]?.writing = []
      state.nodes[descriptor]?.isWriting = false
      state.nodes[descriptor]?.way = nil
      // A connection that broke in the middle takes the message with it.
      if let way { wire.transmit(parts, on: way, from: descriptor, &state) }
      return .done
    }
  }

  /// Chooses the way of a message by its first part.
  private func begin(
    _ node: Node, _ bytes: UnsafeRawBufferPointer, _ state: inout Wire.State
  ) -> SocketHandle.Outcome {
    if node.type == .router {
      let way = node.pipes.first { state.pipes[$0].map { $0.routing.elementsEqual(bytes) } ?? false }
      guard let way else { return .failed(EHOSTUNREACH) }
      guard wire.hasRoom(way, from: descriptor, &state) else { return .wouldBlock }
      state.nodes[descriptor]?.way = way
      return .done
    }
    for offset in 0..<node.pipes.count {
      let index = (node.next + offset) % node.pipes.count
      guard wire.hasRoom(node.pipes[index], from: descriptor, &state) else { continue }
      state.nodes[descriptor]?.next = index + 1
      state.nodes[descriptor]?.way = node.pipes[index]
      return .done
    }
    return .wouldBlock
  }

  // MARK: Receiving

  func receive() -> [UInt8]? {
    wire.change { state in
      guard var node = state.nodes[descriptor], !node.isDead else { return nil }
      // Put back below; nobody else holds its arrays meanwhile.
      state.nodes[descriptor] = nil
      defer { state.nodes[descriptor] = node }
      if let part = node.reading.popFirst() { return part }
      guard let (number, parts) = node.popFirst() else { return nil }
      if let pipe = state.pipes[number] {
        // The lane that leads here.
        wire.took(number, 1 - pipe.laneFrom(descriptor), &state)
      }
      node.reading = parts[...]
      return node.reading.popFirst()
    }
  }

  var hasMore: Bool { wire.change { $0.nodes[descriptor].map { !$0.reading.isEmpty } ?? false } }

  var readiness: (toReceive: Bool, toSend: Bool) {
    wire.change { state in
      guard let node = state.nodes[descriptor], !node.isDead else { return (false, false) }
      var toSend = false
      for pipe in node.pipes where wire.hasRoom(pipe, from: descriptor, &state) { toSend = true }
      return (node.isReadable || !node.reading.isEmpty, toSend || node.type == .router)
    }
  }

  // MARK: Endpoints

  func set(_ option: MemorySocketOption, _ value: Int) {
    wire.change { state in
      switch option {
      case .sendHighWaterMark: state.nodes[descriptor]?.sendHighWaterMark = value
      case .receiveHighWaterMark: state.nodes[descriptor]?.receiveHighWaterMark = value
      case .reconnectInterval: state.nodes[descriptor]?.reconnectInterval = UInt64(max(0, value)) * 1_000_000
      }
    }
  }

  func bind(_ endpoint: String) throws(ZMQError) -> String {
    try wire.change { state throws(ZMQError) in
      var real = endpoint
      if real.hasSuffix(":*") || real.hasSuffix(":0") {
        real = real.dropLast() + String(state.nextPort)
        state.nextPort += 1
      }
      guard state.listeners[real] == nil else {
        throw ZMQError(
          code: .addressInUse,
          message: "cannot bind '\(real)': another socket of the test network is bound to it; choose another name")
      }
      state.listeners[real] = descriptor
      wire.joinAll(real, &state)
      return real
    }
  }

  func connect(_ endpoint: String) throws(ZMQError) {
    wire.change { state in
      state.nodes[descriptor]?.targets[endpoint] = false
      wire.join(descriptor, endpoint, &state)
    }
  }

  func detach(_ endpoint: String) throws(ZMQError) {
    wire.change { state in
      if state.listeners[endpoint] == descriptor { state.listeners[endpoint] = nil }
      state.nodes[descriptor]?.targets[endpoint] = nil
      for number in state.nodes[descriptor]?.pipes ?? [] where state.pipes[number]?.endpoint == endpoint {
        wire.sever(number, &state)
      }
    }
  }

  func close() {
    wire.change { state in
      guard let node = state.nodes[descriptor] else { return }
      state.listeners = state.listeners.filter { $0.value != descriptor }
      // What it has sent still arrives, and then its end.
      for number in node.pipes {
        guard let pipe = state.pipes[number] else { continue }
        wire.dispatch(.end, on: number, pipe.laneFrom(descriptor), &state)
      }
      state.nodes[descriptor]?.targets = [:]
      state.nodes[descriptor]?.isDead = true
      state.nodes[descriptor]?.inbox = []
      state.nodes[descriptor]?.inboxHead = 0
      wire.forgetIfGone(descriptor, &state)
    }
  }
}
