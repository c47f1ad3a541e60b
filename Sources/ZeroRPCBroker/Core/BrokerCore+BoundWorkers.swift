internal import Logging
internal import ZeroMQ
internal import ZeroRPC

// Workers that connect. Their sockets are ROUTERs, which say nothing before they are addressed, and a bound ROUTER must know a
// peer's routing id to address it. libzmq gives ids to peers by counting (a zero byte and a 32-bit number), so a socket of
// the broker's own that connects learns how far the count has come, and every number before that is tried once: whoever
// answers a ping is a worker.
extension BrokerCore {
  /// How many ids are tried after one census at most; more peers cannot have come in the meantime.
  private static let censusLimit: UInt32 = 100_000

  /// Prepares a link before anybody can connect to it, so that the first count is known.
  func prepareBound(_ link: BrokerLink, number: Int) throws(ZMQError) {
    link.censusEndpoint = "inproc://zrpc.broker-census.\(token.map { String($0, radix: 16) }.joined()).\(number)"
    _ = try link.socket.bind(link.censusEndpoint)
    var buffer = MessageBuffer()
    let census = try openCensus(link)
    defer { census.close() }
    guard buffer.receive(from: link.socket) == .done, let first = BrokerCore.number(of: buffer.bytes(of: 0)) else {
      throw ZMQError(
        code: .notSupported,
        message: "cannot bind '\(link.endpoint)': this libzmq does not number the peers of a ROUTER")
    }
    link.nextID = first &+ 1
  }

  private func openCensus(_ link: BrokerLink) throws(ZMQError) -> SocketHandle {
    let census = try configuration.context.openSocket(.dealer, RPCTransportOptions())
    do { try census.connect(link.censusEndpoint) } catch {
      census.close()
      throw error
    }
    _ = token.withUnsafeBytes { census.send($0, more: false) }
    return census
  }

  /// The number in an id that libzmq made.
  private static func number(of id: UnsafeRawBufferPointer) -> UInt32? {
    guard id.count == 5, id[0] == 0 else { return nil }
    return UInt32(bigEndian: id.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
  }

  /// Asks how far the count of peers has come; the answer is a message of the link's.
  func takeCensus(_ state: inout State, _ link: BrokerLink) {
    guard link.isBound, link.census == nil else { return }
    link.needsCensus = false
    link.census = try? openCensus(link)
    touch(link, &state)
  }

  /// The worker that the message in the buffer came from; nil when it is the census, or of nobody that is a worker yet.
  func boundSender(_ state: inout State, _ link: BrokerLink, _ now: UInt64) -> BrokerRoute? {
    let id = state.buffer.bytes(of: 0)
    let routing = Array(id)
    if state.buffer.count == 2, state.buffer.size(of: 1) == token.count,
      state.buffer.bytes(of: 1).elementsEqual(token)
    {
      if let number = BrokerCore.number(of: id) { tryIDs(&state, link, before: number, now) }
      link.census?.close()
      link.census = nil
      return nil
    }
    guard let route = link.peers[routing] else {
      // A worker with an id of its own choice is known as soon as it says anything.
      approach(&state, link, routing, now)
      drop(.fromWorker, &state, "a message of a peer that is no worker yet")
      return nil
    }
    return route
  }

  private func tryIDs(_ state: inout State, _ link: BrokerLink, before end: UInt32, _ now: UInt64) {
    let count = min(end &- link.nextID, BrokerCore.censusLimit)
    for offset in 0..<count {
      let number = (end &- count) &+ offset
      let routing = [0] + withUnsafeBytes(of: number.bigEndian) { Array($0) }
      if link.peers[routing] == nil { approach(&state, link, routing, now) }
    }
    link.nextID = end &+ 1
  }

  /// Asks a peer whether it is a worker.
  private func approach(_ state: inout State, _ link: BrokerLink, _ routing: [UInt8], _ now: UInt64) {
    let route = BrokerRoute(link, routing: routing, worker: -1, now: now)
    if probe(route, &state, now) { link.peers[routing] = route }
  }

  /// Takes a peer that has answered among the workers.
  func enroll(_ state: inout State, _ route: BrokerRoute, _ now: UInt64) {
    let link = route.link
    link.enrolled += 1
    route.worker = state.machine.addWorker("\(link.endpoint)#\(link.enrolled)", now: now)
    while state.routes.count <= route.worker { state.routes.append(nil) }
    state.routes[route.worker] = route
    rise(route, &state, now)
  }
}
