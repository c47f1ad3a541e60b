/// Counts messages and bytes of one direction at one side of a broker.
struct TrafficCount: Sendable {
  var messages: UInt64 = 0
  var bytes: UInt64 = 0

  mutating func note(_ count: Int) {
    messages &+= 1
    bytes &+= UInt64(count)
  }

  mutating func add(_ messages: UInt64, _ bytes: UInt64) {
    self.messages &+= messages
    self.bytes &+= bytes
  }
}

/// Counts what passed a broker, as libzmq's steerable proxy does.
struct BrokerTraffic: Sendable {
  var fromClients = TrafficCount()
  var toClients = TrafficCount()
  var fromWorkers = TrafficCount()
  var toWorkers = TrafficCount()

  /// The eight numbers of `STATISTICS`, in the order of zmq_proxy_steerable(3).
  var numbers: [UInt64] {
    [fromClients, toClients, fromWorkers, toWorkers].flatMap { [$0.messages, $0.bytes] }
  }
}
