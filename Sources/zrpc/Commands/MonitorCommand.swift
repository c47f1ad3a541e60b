internal import ArgumentParser
internal import MessagePack
internal import ZeroMQ

/// Prints what happens to the connections of an endpoint.
struct MonitorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor",
    abstract: "Print connection events of an endpoint as they happen.",
    discussion: """
      It connects to the endpoint as a client does, and sends nothing: connected and handshakeSucceeded say that a ZeroMQ peer \
      listens there, handshakeFailed… that something else does, disconnected that it went away, connectRetried that it is not \
      there. With --bind it listens instead, and prints who comes and goes.

        zrpc monitor tcp://127.0.0.1:4242
        zrpc monitor --bind tcp://*:4242 --json

      Each line begins with the seconds since the start. It ends with Ctrl-C.
      """)

  @Argument(help: "Where to connect to, as in tcp://127.0.0.1:4242.")
  var endpoint: String

  @Flag(help: "Listen at the endpoint instead of connecting to it.")
  var bind = false

  @Flag(help: "Print one JSON object per line.")
  var json = false

  @Option(parsing: .unconditional, help: ArgumentHelp("End after this number of events.", valueName: "events"))
  var count: Int?

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count takes a number of events from 1 on, not \(count)") }
  }

  func run() async throws {
    do {
      // A ROUTER may be approached by any client; a DEALER approaches any server.
      let socket = try ZMQSocket(bind ? .router : .dealer)
      let events = try socket.monitor()
      if bind { try socket.bind(endpoint) } else { try socket.connect(endpoint) }
      let task = Task { try await show(events) }
      try await Interruption.stopping(by: { task.cancel() }) { try await task.value }
      socket.close()
    } catch is CancellationError {
      // Ctrl-C is how it ends.
    } catch {
      try Failure.end(with: error)
    }
  }

  private func show(_ events: ZMQMonitorEvents) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    var shown = 0
    for await event in events {
      try StandardOutput.write(line: line(event, (clock.now - start) / .seconds(1)))
      shown += 1
      if shown == count { return }
    }
  }

  private func line(_ event: ZMQMonitorEvent, _ seconds: Double) -> String {
    let milliseconds = Int((seconds * 1_000).rounded())
    let rest = milliseconds % 1_000
    let time = "\(milliseconds / 1_000).\(String(repeating: "0", count: rest < 10 ? 2 : rest < 100 ? 1 : 0))\(rest)"
    guard json else { return "\(time) \(event.description.withoutControls)" }
    let fields: [(MessagePackValue, MessagePackValue)] = [
      ("time", .double(Double(milliseconds) / 1_000)), ("event", .string(event.kind.description)),
      ("endpoint", .string(event.endpoint)), ("value", MessagePackValue(UInt64(event.value))),
    ]
    return MessagePackValue.map(MessagePackMap(fields.map { .init(key: $0.0, value: $0.1) })).json
  }
}
