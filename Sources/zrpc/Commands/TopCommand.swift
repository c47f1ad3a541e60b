internal import ArgumentParser
internal import ZeroMQ

/// Shows what a broker or a proxy does, again and again.
struct TopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "Watch the calls of a broker, or the messages of a proxy.",
    discussion: """
      The endpoint is what 'zrpc broker' got as --control, or the control socket of a steerable proxy. In a terminal the table is \
      refreshed until Ctrl-C; into a pipe go plain lines. It exits with 2 if no answer comes.
        zrpc top ipc:///tmp/top
        zrpc top ipc:///tmp/top --once --json
      """)

  @Argument(help: "The control endpoint of the broker or proxy.")
  var endpoint: String

  @Option(parsing: .unconditional, help: ArgumentHelp("Ask again after this time.", valueName: "seconds"))
  var interval: Double = 1

  @Option(parsing: .unconditional, help: ArgumentHelp("Give up if no answer has come by then.", valueName: "seconds"))
  var timeout: Double = 5

  @Flag(help: "Show it once, and end. Of a proxy, the rates are measured for one interval.")
  var once = false

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func validate() throws {
    guard interval >= 0.05, interval <= 1e6 else {
      throw ValidationError("--interval takes seconds from 0.05 to 1e6, not \(interval)")
    }
    guard timeout > 0, timeout <= 1e6 else {
      throw ValidationError("--timeout takes seconds above 0 and up to 1e6, not \(timeout)")
    }
  }

  func run() async throws {
    do {
      let inquiry = try Inquiry(endpoint, timeout: .seconds(timeout))
      let task = Task { try await show(inquiry) }
      try await Interruption.stopping(by: { task.cancel() }) { try await task.value }
    } catch is CancellationError {
      // Ctrl-C is how it ends.
    } catch let error as Inquiry.Unanswered {
      StandardError.write(line: "zrpc: \(error)")
      throw Failure.unanswered
    } catch {
      try Failure.end(with: error)
    }
  }

  private func show(_ inquiry: Inquiry) async throws {
    let isTerminal = StandardOutput.isTerminal && !json && !once
    let clock = ContinuousClock()
    var previous: Inquiry.Answer?
    var asked = clock.now
    while true {
      let answer = try await inquiry.ask()
      let now = clock.now
      let elapsed = (now - asked) / .seconds(1)
      let screen = TopScreen(answer: answer, previous: previous, seconds: elapsed)
      var needsRates = false
      if case .proxy = answer { needsRates = once && !json && previous == nil }
      if !needsRates {
        if isTerminal {
          // Home, the text, and nothing of what stood there before.
          let text = screen.table.split(separator: "\n", omittingEmptySubsequences: false).joined(
            separator: "\u{1B}[K\n")
          try StandardOutput.write(line: "\u{1B}[H\(text)\u{1B}[K\n\u{1B}[J")
        } else {
          try StandardOutput.write(line: json ? screen.json : once ? screen.table : screen.lines)
        }
        if once { return }
      }
      (previous, asked) = (answer, now)
      try await Task.sleep(for: .seconds(interval))
    }
  }
}
