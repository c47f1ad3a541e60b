public import Logging
public import ZeroMQ
public import ZeroRPC

/// Sets how a broker works. The defaults suit most uses.
public struct RPCBrokerConfiguration: Sendable {
  /// Which worker gets the next call; in turn.
  public var policy: RPCBrokerPolicy = .roundRobin
  /// How many calls wait at most while no worker is free; 10,000. More are answered with the remote error `BrokerOverloaded`.
  public var queueLimit = 10_000
  /// How many channels are open at most, waiting ones included; a million. More calls are answered with `BrokerOverloaded`.
  public var channelLimit = 1_000_000
  /// How many messages wait at most for one client or worker that does not take them, beside what ZeroMQ holds; 10,000. The
  /// channels of further ones end, as if the peer were lost.
  public var backlogLimit = 10_000
  /// How many clients may be connected; nil, the default, leaves a quarter of the descriptors that the process may have (`ulimit
  /// -n`, read when the broker is made), and 48 at least, to everything else. More are closed as they come, and try again until
  /// there is room.
  public var connectionLimit: Int?
  /// After how much silence of both sides a channel with heartbeats is forgotten; a minute. It should be several times the
  /// heartbeat interval of clients and servers.
  public var silence: Duration = .seconds(60)
  /// After how much silence a channel is forgotten on which no heartbeat was ever seen; an hour.
  public var silenceWithoutHeartbeats: Duration = .seconds(3_600)
  /// How long a worker may be silent before the broker asks whether it is there, and how long it then has to answer before it
  /// gets no more new calls; two seconds. Nil never asks; workers that connect need it.
  public var probeInterval: Duration? = .seconds(2)
  /// How long a graceful shutdown waits for open channels at most; 30 s.
  public var shutdownGrace: Duration = .seconds(30)
  /// How the sockets that clients connect to behave, and how clients prove who they are: by default not at all.
  ///
  /// ```swift
  /// configuration.frontend.security = .curveServer(brokerKeys.secretKey)
  /// configuration.backend.security = .curve(server: workerPublicKey, keys: brokerKeys)
  /// ```
  public var frontend = RPCTransportOptions()
  /// How the sockets to the workers behave. The broker is the workers' client, also when it is they who connect.
  public var backend = RPCTransportOptions()
  /// How the sockets behave by which questions about the broker come in.
  public var control = RPCTransportOptions()
  /// The ZeroMQ context; the shared one.
  public var context: ZMQContext = .shared
  /// What the broker logs to, at `debug` and `trace`; nothing unless set.
  public var logger = Logger(label: "zerorpc.broker") { _ in SwiftLogNoOpLogHandler() }

  /// Makes the defaults.
  public init() {}

  var limits: BrokerMachine.Limits {
    var limits = BrokerMachine.Limits()
    limits.policy = policy
    limits.waitingCalls = max(0, queueLimit)
    limits.channels = max(1, channelLimit)
    // A sum of a time and the longest of durations must not overflow.
    let longest: UInt64 = 1 << 60
    limits.silence = min(longest, max(1_000_000, silence.clampedNanoseconds))
    limits.silenceWithoutHeartbeats = min(longest, max(limits.silence, silenceWithoutHeartbeats.clampedNanoseconds))
    return limits
  }
}
