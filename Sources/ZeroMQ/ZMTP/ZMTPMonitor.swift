#if os(Linux)
  internal import Synchronization

  /// Passes on what happens to a socket's connections: without any lock held, in order, on the event loop.
  final class ZMTPMonitor: EventSource {
    let registration = EventRegistration(descriptor: -1)
    private let context: ZMQContext
    private let kinds: [ZMQMonitorEvent.Kind]
    private let handler: SocketMonitor.Handler
    private let events = Mutex<[ZMQMonitorEvent]>([])

    init(_ context: ZMQContext, reporting kinds: [ZMQMonitorEvent.Kind]?, _ handler: @escaping SocketMonitor.Handler) {
      self.context = context
      self.kinds = kinds ?? ZMQMonitorEvent.Kind.known
      self.handler = handler
      context.eventLoop.register(self)
    }

    /// Passes on the events of libzmq's socket too, which stands beside this one.
    func follow(_ socket: SocketHandle) throws(ZMQError) {
      _ = try SocketMonitor(socket, in: context, reporting: kinds, handler)
    }

    /// Takes an event.
    func post(_ event: ZMQMonitorEvent) {
      guard kinds.contains(event.kind) || event.kind == .monitorStopped else { return }
      events.withLock { $0.append(event) }
      context.eventLoop.visit(self)
    }

    /// Ends after what was posted.
    func stop() { post(ZMQMonitorEvent(kind: .monitorStopped, endpoint: "", value: 0)) }

    func service(now: UInt64) -> Bool {
      let events = events.withLock { events in
        defer { events = [] }
        return events
      }
      for event in events {
        handler(event)
        if event.kind == .monitorStopped { context.eventLoop.unregister(self) }
      }
      return false
    }

    func close() {}
  }
#endif
