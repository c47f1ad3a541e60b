internal import Logging
internal import MessagePack
internal import ZeroMQ

/// Runs the handlers of the messages that a receiver gets.
///
/// Nothing that a message holds ends it: what is no event, names no method, does not fit the method, or makes the handler
/// throw is logged, and the next message is taken.
struct ReceiverWorker: Sendable {
  /// Messages that a worker handles before the loop looks after the sockets again.
  private static let messagesPerTurn = 64

  private let connection: ReceiverConnection
  private let methods: MethodTable
  private let middleware: ServerMiddleware
  private let isIntercepted: Bool
  private let logger: Logger
  private let warnings: WarningLimiter
  private let tracer: EventTracer?
  private let instruments: HandlerInstruments?

  init(
    _ connection: ReceiverConnection, _ methods: MethodTable, _ configuration: RPCReceiverConfiguration, role: String
  ) {
    self.connection = connection
    self.methods = methods
    middleware = ServerMiddleware(configuration)
    isIntercepted = !configuration.interceptors.isEmpty
    logger = configuration.logger
    warnings = connection.warnings
    tracer = EventTracer(configuration.logger, role: role)
    instruments = HandlerInstruments(.receiver, configuration.instrumentation, configuration.logger)
  }

  /// Handles messages, one after the other, until the connection is drained or closed.
  func work() async {
    var frame = Frame()
    var count = 0
    while true {
      switch connection.take(into: &frame) {
      case .ended: return
      case .nothing:
        count = 0
        guard await connection.waitForMessage() else { return }
      case .message:
        if let call = call(&frame) { await run(call) }
        count += 1
        if count == ReceiverWorker.messagesPerTurn {
          count = 0
          await Task.yield()
        }
      }
    }
  }

  /// Reads a message; nil, and logged, when it is none or names no method.
  private func call(_ frame: inout Frame) -> RPCServerCall? {
    do {
      var (layout, method) = try frame.withUnsafeBytes { bytes throws(MalformedEvent) in
        let layout = try EventReader.read(bytes)
        tracer?.log(.received, bytes)
        return (layout, methods.find(UnsafeRawBufferPointer(rebasing: bytes[layout.name])))
      }
      guard let method else {
        let name = frame.withUnsafeBytes { String(decoding: $0[layout.name].prefix(80), as: UTF8.self) }
        warnings.log("message for an unknown method ignored", ["method": "\(name)"])
        return nil
      }
      // How long the message has waited in queues is not known, so that no time can be left to it.
      layout.remainingMilliseconds = nil
      layout.streamMilliseconds = nil
      return RPCServerCall(
        nil, routing: InlineBytes(), hops: [], id: InlineBytes(), version: layout.version,
        header: RequestHeader(layout, now: 0), definition: method, unknownName: nil, user: nil, request: &frame,
        argumentsStart: layout.arguments,
        machine: ServerCallMachine(version: layout.version, heartbeat: 0, now: 0))
    } catch {
      warnings.log("malformed message ignored", ["reason": "\(error)"])
      return nil
    }
  }

  // Inlined, because every layer of async functions costs a look at the executor on the way back.
  @inline(__always)
  private func run(_ call: RPCServerCall) async {
    guard let method = call.definition else { return }
    if let instruments {
      await instruments.report(call) { await handle(call, method) }
    } else {
      _ = await handle(call, method)
    }
  }

  /// Runs the handler of a message; returns the error with which it ended.
  @inline(__always)
  private func handle(_ call: RPCServerCall, _ method: MethodTable.Method) async -> (any Error)? {
    do {
      if call.header.isPlain, !isIntercepted {
        try await method.definition.handler(call)
      } else {
        try await call.run(method.definition.handler, through: middleware)
      }
      return nil
    } catch let error as CancellationError where Task.isCancelled {
      // The receiver stops.
      return error
    } catch let error as RPCArgumentError {
      warnings.log("message ignored", ["method": "\(call.method)", "reason": "\(error.message)"])
      return error
    } catch {
      logger.warning("a handler failed", metadata: ["method": "\(call.method)", "error": "\(error)"])
      return error
    }
  }
}

extension ServerMiddleware {
  init(_ configuration: RPCReceiverConfiguration) {
    var server = RPCServerConfiguration()
    server.interceptors = configuration.interceptors
    server.propagators = configuration.propagators
    self.init(server)
  }
}
