internal import ArgumentParser
internal import ZeroMQ

/// Runs a plain ZeroMQ proxy until it is told to end.
struct ProxyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proxy",
    abstract: "Pass messages on between two endpoints, without looking into them.",
    discussion: """
      A proxy goes between running peers and out again: its frontend binds what clients connect to, its backend connects to \
      what servers bind. An endpoint may say so itself: @ENDPOINT binds, +ENDPOINT connects. Port 0 or * takes a free port; \
      the real endpoints are printed.
        zrpc proxy queue --frontend tcp://*:4242 --backend tcp://10.0.0.1:4242

      SIGTERM and Ctrl-C end it in an orderly way, with exit code 0: it waits up to two seconds for a moment in which no \
      request waits for its reply. A second signal ends it at once.

      The control socket takes PAUSE, RESUME, TERMINATE and STATISTICS. The last is answered by eight unsigned 64-bit \
      integers: messages and bytes that the frontend received and sent, then those of the backend.

      A queue deals single messages, so two zerorpc servers behind it lose each other's streams and heartbeats.
      """,
    subcommands: [Queue.self, Forwarder.self, Streamer.self])

  /// Passes requests to servers in turn, and replies back.
  struct Queue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Deal requests to servers in turn, and replies back (ROUTER/DEALER).")
    @OptionGroup var options: ProxyOptions
    func run() async throws { try await options.run(.queue) }
  }

  /// Passes publications to subscribers, and subscriptions back.
  struct Forwarder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Pass publications to subscribers, and subscriptions back (XSUB/XPUB).",
      discussion: """
        Publishers usually bind and subscribers connect; between them it is
          zrpc proxy forwarder --frontend +PUBLISHER --backend @ENDPOINT
        """)
    @OptionGroup var options: ProxyOptions
    func run() async throws { try await options.run(.forwarder) }
  }

  /// Passes work to workers in turn.
  struct Streamer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Deal work to workers in turn (PULL/PUSH).",
      discussion: """
        Ventilators usually bind and workers connect; between them it is
          zrpc proxy streamer --frontend +VENTILATOR --backend @ENDPOINT
        """)
    @OptionGroup var options: ProxyOptions
    func run() async throws { try await options.run(.streamer) }
  }
}
