// What a test does to the network.
extension RPCTestNetwork {
  /// What happens to messages; setting it sets both directions, and it reads as that of messages to the server.
  public var faults: RPCFaults {
    get { toServer }
    set { (toServer, toClient) = (newValue, newValue) }
  }

  /// What happens to messages to servers.
  public var toServer: RPCFaults {
    get { wire.change { $0.faults[.toServer] ?? RPCFaults() } }
    set { wire.change { $0.faults[.toServer] = newValue } }
  }

  /// What happens to messages to clients.
  public var toClient: RPCFaults {
    get { wire.change { $0.faults[.toClient] ?? RPCFaults() } }
    set { wire.change { $0.faults[.toClient] = newValue } }
  }

  /// Loses the next messages of a direction, of the kinds that its faults concern.
  public func loseNext(_ count: Int = 1, _ direction: Direction) {
    wire.change { $0.losesNext[direction, default: 0] += count }
  }

  /// What has happened in a direction so far.
  public func counts(_ direction: Direction) -> Counts { wire.change { $0.counts[direction] ?? Counts() } }

  /// Partitions the network: loses everything on the way to and from an endpoint, or all of them, from now on. Both ends take
  /// their connection for good, as they do when a cable is out.
  public func cut(_ endpoint: String? = nil) { wire.change { _ = $0.cut.insert(endpoint ?? "") } }

  /// Ends ``cut(_:)``. What was sent meanwhile stays lost, and connections on which that happened break: TCP has no gaps.
  public func restore(_ endpoint: String? = nil) { wire.restore(endpoint ?? "") }

  /// Keeps everything on the way to and from an endpoint, or all of them, from now on: an outage that TCP survives.
  public func hold(_ endpoint: String? = nil) { wire.change { _ = $0.held.insert(endpoint ?? "") } }

  /// Ends ``hold(_:)``. What was sent meanwhile goes on its way.
  public func release(_ endpoint: String? = nil) { wire.release(endpoint ?? "") }

  /// Breaks all connections with an endpoint, or with all of them. What is under way is lost. The ends notice, and connect anew
  /// after `RPCTransportOptions.reconnectInterval`; calls that were open stay behind on the connection that is gone.
  public func disconnect(_ endpoint: String? = nil) {
    wire.change { state in
      for number in state.pipes.keys.sorted() where endpoint == nil || state.pipes[number]?.endpoint == endpoint {
        wire.sever(number, &state)
      }
    }
  }

  /// Distinguishes one run from another: when messages arrived, where, and how large they were.
  package var fingerprint: UInt64 { wire.change { $0.fingerprint } }

  /// Has a closure called with each message that arrives, and each that is lost. It must not use the network.
  package func observe(
    _ observer: @escaping @Sendable (_ direction: Direction, _ parts: [[UInt8]], _ arrives: Bool) -> Void
  ) {
    wire.change { $0.observer = observer }
  }
}

extension Wire {
  func restore(_ endpoint: String) {
    change { state in
      state.cut.remove(endpoint)
      // Whoever has closed or died meanwhile could not say so.
      for number in state.pipes.keys.sorted() {
        guard let pipe = state.pipes[number], !state.isCut(pipe.endpoint) else { continue }
        if pipe.hasGap || state.nodes[pipe.connector]?.isDead ?? true || state.nodes[pipe.listener]?.isDead ?? true {
          sever(number, &state)
        }
      }
      joinAll(endpoint.isEmpty ? nil : endpoint, &state)
    }
  }

  func release(_ endpoint: String) {
    change { state in
      state.held.remove(endpoint)
      for number in state.pipes.keys.sorted() {
        guard let pipe = state.pipes[number], !state.isHeld(pipe.endpoint) else { continue }
        for lane in 0..<2 {
          state.pipes[number]?.lanes[lane].held = []
          for parcel in pipe.lanes[lane].held { dispatch(parcel, on: number, lane, &state) }
        }
      }
    }
  }

  func kill(_ endpoint: String) {
    change { state in
      guard let listener = state.listeners.removeValue(forKey: endpoint) else { return }
      state.nodes[listener]?.isDead = true
      state.nodes[listener]?.targets = [:]
      for number in state.nodes[listener]?.pipes ?? [] where !state.isCut(endpoint) { sever(number, &state) }
    }
  }
}
