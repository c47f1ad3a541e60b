package import MessagePack
internal import Synchronization
package import ZeroMQ

/// Is a bare ZeroMQ socket, for peers that do what no polite peer does.
package final class RawSocket: Sendable {
  private let socket: Mutex<SocketHandle?>
  package let endpoint: String

  /// Binds or connects a socket of a type.
  package init(_ type: ZMQSocketType, binding endpoint: String) throws {
    let handle = try ZMQContext.shared.open(type)
    do {
      self.endpoint = try handle.bind(endpoint)
    } catch {
      handle.close()
      throw error
    }
    socket = Mutex(handle)
  }

  package init(_ type: ZMQSocketType, connecting endpoint: String) throws {
    let handle = try ZMQContext.shared.open(type)
    do {
      try handle.connect(endpoint)
    } catch {
      handle.close()
      throw error
    }
    self.endpoint = endpoint
    socket = Mutex(handle)
  }

  /// Binds a socket, and takes it over.
  package convenience init(_ handle: SocketHandle, binding endpoint: String) throws {
    let real: String
    do { real = try handle.bind(endpoint) } catch {
      handle.close()
      throw error
    }
    try self.init(handle, at: real)
  }

  /// Connects a socket, and takes it over.
  package convenience init(_ handle: SocketHandle, connecting endpoint: String) throws {
    do { try handle.connect(endpoint) } catch {
      handle.close()
      throw error
    }
    try self.init(handle, at: endpoint)
  }

  /// Takes over a socket that is bound or connected.
  package init(_ handle: SocketHandle, at endpoint: String) throws {
    self.endpoint = endpoint
    socket = Mutex(handle)
  }

  deinit { close() }

  /// Closes the socket; what was sent leaves, as the linger says.
  package func closeGracefully() {
    socket.withLock { socket in
      socket?.close()
      socket = nil
    }
  }

  package func close() {
    socket.withLock { socket in
      // Nothing is kept for a peer that is gone: a test must not hang at its end (ZMQ_LINGER = 17).
      try? socket?.set(17, 0, named: "linger")
      socket?.close()
      socket = nil
    }
  }

  /// Sends one message.
  package func send(_ frames: [[UInt8]]) throws {
    try socket.withLock { socket in
      for (index, frame) in frames.enumerated() {
        let outcome = frame.withUnsafeBytes { socket?.send($0, more: index < frames.count - 1) }
        guard outcome == .done else { throw NeverHappened("the raw socket could not send: \(outcome as Any)") }
      }
    }
  }

  /// Receives a message if one is there.
  package func receiveNow() -> [[UInt8]]? {
    socket.withLock { socket in
      guard let socket else { return nil }
      var frames: [[UInt8]] = []
      var frame = Frame()
      repeat {
        guard frame.receive(from: socket) == .done else { return nil }
        frames.append(frame.withUnsafeBytes { Array($0) })
      } while frame.hasMore(from: socket)
      return frames
    }
  }

  /// Receives the next message; throws when none comes.
  package func receive(within limit: Duration = .seconds(10)) async throws -> [[UInt8]] {
    var message: [[UInt8]]?
    try await eventually("a message on the raw socket", within: limit) {
      message = self.receiveNow()
      return message != nil
    }
    return message ?? []
  }

  /// Receives the next event, skipping those with the given names.
  package func event(skipping skipped: Set<String> = [], within limit: Duration = .seconds(10)) async throws -> RawEvent
  {
    while true {
      let event = try RawEvent(frames: try await receive(within: limit))
      if !skipped.contains(event.name.stringValue ?? "") { return event }
    }
  }
}

/// Is an event as it stands on the wire, with nothing interpreted.
package struct RawEvent: Sendable {
  /// What stands before the payload.
  package var envelope: [[UInt8]]
  package var payload: [UInt8]
  package var header: MessagePackValue
  package var name: MessagePackValue
  package var arguments: MessagePackValue

  package init(frames: [[UInt8]]) throws {
    guard let payload = frames.last else { throw NeverHappened("an empty message") }
    let value = try MessagePackValue(parsing: payload)
    guard case .array(let parts) = value, parts.count == 3 else { throw NeverHappened("no event: \(value)") }
    envelope = Array(frames.dropLast())
    (self.payload, header, name, arguments) = (payload, parts[0], parts[1], parts[2])
  }

  package subscript(key: String) -> MessagePackValue? { header[key] }

  /// Packs an event with any header, name and arguments.
  package static func pack(
    header: MessagePackValue, _ name: MessagePackValue, _ arguments: MessagePackValue
  ) throws -> [UInt8] {
    Array(try MessagePackValue.array([header, name, arguments]).serialized())
  }

  /// Packs an event that opens a channel.
  package static func request(
    _ name: MessagePackValue, _ arguments: MessagePackValue, id: MessagePackValue, version: MessagePackValue? = 3,
    extra: [(MessagePackValue, MessagePackValue)] = []
  ) throws -> [UInt8] {
    var pairs = [MessagePackMap.Pair(key: "message_id", value: id)]
    if let version { pairs.append(.init(key: "v", value: version)) }
    pairs += extra.map { .init(key: $0.0, value: $0.1) }
    return try pack(header: .map(MessagePackMap(pairs)), name, arguments)
  }

  /// Packs an event on a channel.
  package static func reply(
    _ name: MessagePackValue, _ arguments: MessagePackValue, to channel: MessagePackValue,
    id: MessagePackValue = .string("reply-id"), version: MessagePackValue? = 3
  ) throws -> [UInt8] {
    try request(name, arguments, id: id, version: version, extra: [("response_to", channel)])
  }
}
