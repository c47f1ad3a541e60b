internal import ZeroMQ

/// Is a backend socket with what is known of its peers. The core's lock guards it.
final class BrokerLink {
  let endpoint: String
  /// Whether workers connect to it; otherwise it is connected to one.
  let isBound: Bool
  let socket: SocketHandle
  let monitor: SocketHandle
  /// The only worker of a connected link; -1 on a bound one.
  var worker = -1
  var source: BrokerSource?
  var monitorSource: BrokerSource?
  /// Whether something was sent to the socket in this turn, which may have consumed the edge that tells of input.
  var isTouched = false

  /// The peers of a bound link by their routing ids.
  var peers: [[UInt8]: BrokerRoute] = [:]
  /// The smallest routing id that libzmq has not given to anybody when it was last asked.
  var nextID: UInt32 = 0
  /// The socket whose routing id tells how far libzmq has come.
  var census: SocketHandle?
  /// Where ``census`` connects.
  var censusEndpoint = ""
  var needsCensus = false
  /// When each peer is to be asked whether it is still there.
  var patrols: [UInt64] = []
  /// The number of workers that there have been, for their names.
  var enrolled = 0

  init(endpoint: String, isBound: Bool, socket: SocketHandle, monitor: SocketHandle) {
    (self.endpoint, self.isBound, self.socket, self.monitor) = (endpoint, isBound, socket, monitor)
  }

  /// Whether libzmq tells nothing of connections.
  var isInproc: Bool { endpoint.hasPrefix("inproc:") }
}

/// Is the way to one worker. The core's lock guards it.
final class BrokerRoute {
  let link: BrokerLink
  /// What a bound link addresses the worker by.
  let routing: [UInt8]?
  /// The worker's number in the machine; -1 for a peer that has not answered yet.
  var worker: Int
  var backlog = Backlog()
  var lastHeard: UInt64
  /// When the probe was sent that has not been answered; 0 when there is none.
  var probedAt: UInt64 = 0
  /// When it was last sent a probe.
  var lastProbe: UInt64 = 0
  /// Whether it ever answered a probe. One that never did is not judged by that.
  var answersProbes = false
  var isUp = false
  var isSilent = false

  init(_ link: BrokerLink, routing: [UInt8]?, worker: Int, now: UInt64) {
    (self.link, self.routing, self.worker, lastHeard) = (link, routing, worker, now)
  }
}
