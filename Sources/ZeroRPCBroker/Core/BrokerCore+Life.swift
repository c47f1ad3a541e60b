internal import Logging
internal import ZeroMQ
internal import ZeroRPC

// Beginning and end, and where the broker is attached.
extension BrokerCore {
  private static func closed(_ endpoint: String) -> RPCError {
    RPCError(code: .closed, message: "cannot use '\(endpoint)': the broker has stopped; make a new one")
  }

  /// Listens for clients; returns the real endpoint.
  func bindFrontend(_ endpoint: String) throws -> String {
    try state.withLock { state in
      guard let frontend = state.frontend else { throw BrokerCore.closed(endpoint) }
      do { return try frontend.attach(.bind, to: endpoint) } catch { throw RPCError(error) }
    }
  }

  /// Listens for questions; returns the real endpoint.
  func bindControl(_ endpoint: String) throws -> String {
    let (real, started) = try state.withLock { state in
      guard state.frontend != nil else { throw BrokerCore.closed(endpoint) }
      do {
        let socket = try state.control ?? configuration.open(.router, for: .control)
        let real: String
        do { real = try socket.attach(.bind, to: endpoint) } catch {
          if state.control == nil { socket.close() }
          throw error
        }
        guard state.control == nil else { return (real, BrokerSource?.none) }
        state.control = socket
        let source = BrokerSource(self, .control, socket)
        state.controlSource = source
        return (real, state.isRunning ? source : nil)
      } catch { throw RPCError(error) }
    }
    if let started { loop.register(started) }
    return real
  }

  /// Connects to a worker that is bound.
  func connectBackend(_ endpoint: String) throws { try addLink(endpoint, isBound: false) }

  /// Listens for workers that connect; returns the real endpoint.
  func bindBackend(_ endpoint: String) throws -> String { try addLink(endpoint, isBound: true) }

  @discardableResult
  private func addLink(_ endpoint: String, isBound: Bool) throws -> String {
    let (real, started) = try state.withLock { state in
      guard state.frontend != nil else { throw BrokerCore.closed(endpoint) }
      do { return try openLink(&state, endpoint, isBound: isBound) } catch { throw RPCError(error) }
    }
    for source in started { loop.register(source) }
    return real
  }

  private func openLink(
    _ state: inout State, _ endpoint: String, isBound: Bool
  ) throws(ZMQError) -> (String, [BrokerSource]) {
    let socket = try configuration.open(isBound ? .router : .dealer, for: .backend)
    let monitor: SocketHandle
    do { monitor = try socket.openMonitor(ConnectionEvent.watched, in: configuration.context) } catch {
      socket.close()
      throw error
    }
    let now = MonotonicTime.now()
    var link = BrokerLink(endpoint: endpoint, isBound: isBound, socket: socket, monitor: monitor)
    var real = endpoint
    do {
      if isBound {
        try prepareBound(link, number: state.links.count)
        real = try socket.attach(.bind, to: endpoint)
        let named = BrokerLink(endpoint: real, isBound: true, socket: socket, monitor: monitor)
        (named.nextID, named.censusEndpoint) = (link.nextID, link.censusEndpoint)
        link = named
      } else {
        _ = try socket.attach(.connect, to: endpoint)
      }
    } catch {
      socket.stopMonitor()
      monitor.close()
      socket.close()
      throw error
    }
    if !isBound {
      link.worker = state.machine.addWorker(endpoint, now: now)
      while state.routes.count <= link.worker { state.routes.append(nil) }
      let route = BrokerRoute(link, routing: nil, worker: link.worker, now: now)
      state.routes[link.worker] = route
      // Of inproc no monitor tells.
      if link.isInproc { rise(route, &state, now) }
    }
    let number = state.links.count
    let source = BrokerSource(self, .link(number), socket)
    let monitorSource = BrokerSource(self, .monitor(number), monitor)
    (link.source, link.monitorSource) = (source, monitorSource)
    state.links.append(link)
    return (real, state.isRunning ? [source, monitorSource] : [])
  }

  // MARK: Life

  /// Starts passing messages on.
  func start() {
    let sources: [BrokerSource] = state.withLock { state in
      guard !state.isRunning, !state.isClosed else { return [] }
      state.isRunning = true
      state.startedAt = MonotonicTime.now()
      let links = state.links.flatMap { [$0.source, $0.monitorSource] }
      return (links + [state.controlSource, state.frontendSource]).compactMap { $0 }
    }
    for source in sources { loop.register(source) }
  }

  /// Waits until the broker is closed.
  func waitUntilClosed() async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      let isClosed = state.withLock { state in
        if !state.isClosed { state.closeWaiters.append(continuation) }
        return state.isClosed
      }
      if isClosed { continuation.resume() }
    }
  }

  /// Has the broker end as soon as no channel is open.
  func drain() {
    let source: BrokerSource? = state.withLock { state in
      guard !state.isClosed, state.drainsSince == 0 else { return nil }
      state.drainsSince = MonotonicTime.now()
      state.nextTick = 0
      return state.isRunning ? state.frontendSource : nil
    }
    if let source { loop.visit(source) } else { close(unlessRunning: true) }
  }

  /// Closes all sockets.
  func close() { close(unlessRunning: false) }

  private func close(unlessRunning: Bool) {
    let waiters = state.withLock { state in unlessRunning && state.isRunning ? [] : shut(&state) }
    for waiter in waiters { waiter.resume() }
  }

  /// Closes all sockets; returns who waits for it.
  func shut(_ state: inout State) -> [UnsafeContinuation<Void, Never>] {
    guard !state.isClosed else { return [] }
    state.isClosed = true
    var sources: [BrokerSource?] = [state.frontendSource, state.controlSource]
    for link in state.links { sources += [link.source, link.monitorSource] }
    // While the descriptors are open.
    for case .some(let source) in sources { loop.unregister(source) }
    state.frontend?.close()
    state.control?.close()
    for link in state.links {
      link.socket.stopMonitor()
      link.monitor.close()
      link.census?.close()
      link.socket.close()
      (link.source, link.monitorSource) = (nil, nil)
      // They refer to the link.
      link.peers = [:]
    }
    (state.frontend, state.control, state.frontendSource, state.controlSource) = (nil, nil, nil, nil)
    (state.held, state.clientBacklogs, state.touched) = ([:], [:], [])
    defer { state.closeWaiters = [] }
    return state.closeWaiters
  }
}
