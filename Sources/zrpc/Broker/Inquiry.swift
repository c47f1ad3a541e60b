internal import MessagePack
internal import ZeroMQ

/// Asks a broker's statistics endpoint, or a proxy's control socket, what it does.
///
/// Only `STATISTICS` is sent at first: libzmq's own proxy aborts when it is sent what it does not know. What answers from a
/// ROUTER is no such proxy, and may be asked for more.
final class Inquiry: Sendable {
  /// What was answered.
  enum Answer {
    /// A broker's report.
    case broker(MessagePackValue)
    /// Messages and bytes: received and sent by the frontend, received and sent by the backend.
    case proxy([UInt64])
  }

  /// Reports that no usable answer came.
  struct Unanswered: Error, CustomStringConvertible {
    let description: String
  }

  private let endpoint: String
  private let socket: SocketHandle
  private let timeout: Duration

  /// Starts connecting.
  ///
  /// - Throws: `ZMQError` when the endpoint is malformed.
  init(_ endpoint: String, timeout: Duration) throws {
    self.endpoint = endpoint
    self.timeout = timeout
    socket = try ZMQContext.shared.open(.dealer)
    do { try socket.connect(endpoint) } catch {
      socket.close()
      throw error
    }
  }

  deinit { socket.close() }

  /// Asks once.
  ///
  /// - Throws: ``Unanswered``, or `CancellationError`.
  func ask() async throws -> Answer {
    var isRouter = false
    let frames = try await exchange("STATISTICS", isRouter: &isRouter)
    guard frames.count == 8, frames.allSatisfy({ $0.count == 8 }) else {
      throw Unanswered(
        description:
          "what answers at '\(endpoint)' is neither a broker's statistics nor a proxy's control endpoint: it sent "
          + "\(frames.count) frames instead of eight numbers")
    }
    let numbers = frames.map { $0.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } }
    guard isRouter, let report = try await exchange("REPORT", isRouter: &isRouter).first,
      let value = try? MessagePackValue(parsing: report), value["workers"]?.arrayValue != nil
    else { return .proxy(numbers) }
    return .broker(value)
  }

  private func exchange(_ command: String, isRouter: inout Bool) async throws -> [[UInt8]] {
    // A REP socket wants the delimiter of a REQ.
    _ = socket.send(UnsafeRawBufferPointer(start: nil, count: 0), more: true)
    _ = Array(command.utf8).withUnsafeBytes { socket.send($0, more: false) }
    let clock = ContinuousClock()
    let end = clock.now + timeout
    var frame = Frame()
    var frames: [[UInt8]] = []
    while true {
      if frame.receive(from: socket) == .done {
        isRouter = frame.property("Socket-Type") == "ROUTER"
        frames.append(frame.withUnsafeBytes { Array($0) })
        while frame.hasMore, frame.receive(from: socket) == .done { frames.append(frame.withUnsafeBytes { Array($0) }) }
        if frames.first?.isEmpty == true { frames.removeFirst() }
        return frames
      }
      guard clock.now < end else {
        throw Unanswered(
          description:
            "no answer from '\(endpoint)' within \(timeout); is it the --control endpoint of a running broker or "
            + "proxy?")
      }
      try await Task.sleep(for: .milliseconds(3))
    }
  }
}
