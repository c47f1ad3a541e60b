public import MessagePack
internal import ZeroMQ

/// Is one call that a server runs: its arguments, and the way to answer. Generated code uses it.
///
/// The connection's lock guards what changes; the request frame belongs to the task that runs the handler.
public final class RPCServerCall: @unchecked Sendable {  // guarded by the connection's lock, see above
  /// Where answers go; nil for a message that was pushed or published.
  let connection: ServerConnection?
  let routing: InlineBytes
  /// Routing frames behind the first, when the call came through brokers.
  let hops: [[UInt8]]
  /// The channel's id with its MessagePack type: replies echo it exactly.
  let id: InlineBytes
  let version: Int
  /// What the request's header says beyond its ids.
  let header: RequestHeader
  let definition: MethodTable.Method?
  private let unknownName: String?
  /// Who calls, if the connection's authenticator knows.
  let user: String?
  // The checks at run time cost more than the access; the handler's task is the only user.
  @exclusivity(unchecked) private var request = Frame()
  private let argumentsStart: Int

  // Guarded by the connection's lock.
  /// What the events of the call mean, and the passing of time.
  @exclusivity(unchecked) var machine: ServerCallMachine
  /// The hash of the channel's key.
  let hash: UInt64
  /// Whether a heartbeat waits until its peer can take it.
  var owesHeartbeat = false
  var key = -1
  var worker: HandlerWorker?
  /// Producers that wait for credit: usually one, but a writer may be shared by child tasks.
  var creditWaiters: [UnsafeContinuation<Void, Never>] = []

  // Touched by the handler's task only.
  private(set) var hasReplied = false
  /// What the calls of the handler inherit; nil when there is nothing. Set before the handler runs.
  var scope: CallScope?
  /// Whether the answer is kept back until the interceptors have returned, and the request until then.
  var holdsAnswer = false
  private var heldAnswer: MessagePackPacker?
  /// The task context of an error, taken where the handler threw it.
  var failureHeaders: HeaderEntries?

  init(
    _ connection: ServerConnection?, routing: InlineBytes, hops: [[UInt8]], id: InlineBytes, version: Int,
    header: RequestHeader, definition: MethodTable.Method?, unknownName: String?, user: String?,
    request: inout Frame, argumentsStart: Int, machine: ServerCallMachine, hash: UInt64 = 0
  ) {
    self.connection = connection
    self.routing = routing
    self.hops = hops
    self.id = id
    self.version = version
    self.header = header
    self.definition = definition
    self.unknownName = unknownName
    self.user = user.flatMap { $0.isEmpty ? nil : $0 }
    self.argumentsStart = argumentsStart
    self.machine = machine
    self.hash = hash
    self.request.take(&request)
  }

  /// The name of the method on the wire.
  public var method: String { definition?.definition.name ?? unknownName ?? "" }

  private var parameters: [RPCParameter] { definition?.definition.parameters ?? [] }

  // MARK: Arguments

  /// Reads the arguments. Their number is checked first, then the closure reads each; the views are valid only inside.
  ///
  /// - Throws: what becomes a `TypeError` at the caller and names the argument.
  public func arguments<Arguments>(
    count: Int, _ body: (borrowing RPCArguments) throws -> Arguments
  ) throws -> Arguments {
    func read(_ view: MessagePackView) throws -> Arguments {
      guard view.kind == .array else {
        throw RPCArgumentError(
          message: "\(method)() takes its arguments as an array, found \(view.kind)", isMalformed: false)
      }
      guard view.count == count else { throw arityError(given: view.count, expected: count) }
      return try body(RPCArguments(view: view, call: self))
    }
    do {
      if holdsAnswer {
        // Interceptors look at the request later.
        return try request.withUnsafeBytes { bytes in
          try MessagePackParser.withView(of: UnsafeRawBufferPointer(rebasing: bytes[argumentsStart...]), body: read)
        }
      }
      defer { request.clear() }
      return try request.withValue(from: argumentsStart, read)
    } catch let error as MessagePackError {
      throw RPCArgumentError(message: "\(method)() cannot read its arguments: \(error)", isMalformed: true)
    }
  }

  private func arityError(given: Int, expected: Int) -> RPCArgumentError {
    let names = parameters.map(\.name)
    let text: String
    if given < expected, names.count == expected {
      let missing = names[given...].map { "'\($0)'" }
      text =
        "\(method)() missing \(missing.count) required positional argument\(missing.count == 1 ? "" : "s"): "
        + missing.joined(separator: ", ")
    } else {
      text =
        "\(method)() takes \(expected) positional argument\(expected == 1 ? "" : "s") but \(given) "
        + (given == 1 ? "was given" : "were given")
    }
    return RPCArgumentError(message: text, isMalformed: false)
  }

  // MARK: Answers

  /// Whether nobody waits for an answer.
  var isOneWay: Bool { connection == nil || header.isOneWay }

  /// Ends the call if nobody waits for an answer: then none is packed or sent, and an error is logged.
  private func endsUnanswered(_ error: RemoteError? = nil) -> Bool {
    guard isOneWay else { return false }
    hasReplied = true
    if let error { connection?.logUnanswered(error, of: method) }
    // Interceptors that are still under way belong to the call.
    if !holdsAnswer { connection?.forget(self) }
    return true
  }

  /// Answers with a value.
  ///
  /// - Throws: what packing the value throws; then the caller gets a `TypeError`.
  public func reply(_ pack: (inout MessagePackPacker) throws -> Void) throws {
    if endsUnanswered() { return }
    var packer = MessagePackPacker()
    EventWriter.reply("OK", to: id, replyHeaders(), into: &packer)
    packer.packArrayHeader(1)
    // An answer that is held is looked at.
    packer.keepsReferences = !holdsAnswer && connection?.keepsReferences == true
    do {
      try pack(&packer)
      try packer.check()
    } catch let error as MessagePackError {
      throw RPCArgumentError(message: "the result of \(method)() cannot be sent: \(error)", isMalformed: false)
    }
    hasReplied = true
    if holdsAnswer {
      heldAnswer = .some(consume packer)
    } else {
      _ = connection?.emit(self, &packer, isLast: true)
    }
  }

  /// Answers that the method returned nothing.
  public func reply() throws {
    try reply { $0.packNil() }
  }

  /// Answers with the items of a stream, each as soon as the caller has room for it.
  ///
  /// - Throws: what the producer throws, and `CancellationError` when the caller has left.
  public func reply<Element>(
    streaming stream: RPCStream<Element>, _ pack: @escaping @Sendable (inout MessagePackPacker, Element) throws -> Void
  ) async throws {
    // Nobody would take the items.
    if endsUnanswered() { return }
    let headers = replyHeaders()
    switch stream.source {
    case .producer(let produce):
      try await produce(RPCStream<Element>.Writer { try await self.send($0, headers, pack) })
    case .remote:
      for try await item in stream { try await send(item, headers, pack) }
    }
    var packer = MessagePackPacker()
    EventWriter.reply("STREAM_DONE", to: id, headers, into: &packer)
    packer.packNil()
    hasReplied = true
    if holdsAnswer {
      heldAnswer = .some(consume packer)
    } else {
      try await send(&packer, isLast: true)
    }
  }

  /// Sends the answer that was kept back.
  func sendHeldAnswer() async throws {
    holdsAnswer = false
    if endsUnanswered() { return }
    guard var packer = heldAnswer.take() else { return }
    try await send(&packer, isLast: true)
  }

  /// Forgets the answer that was kept back: an error takes its place.
  func dropHeldAnswer() {
    holdsAnswer = false
    hasReplied = false
    heldAnswer = nil
  }

  /// The value of the answer that is kept back; nil if it is none, or the end of a stream.
  func heldResult() throws -> MessagePackValue? {
    guard let bytes = heldAnswer?.withUnsafeBytes({ Array($0) }) else { return nil }
    let event = try bytes.withUnsafeBytes { try MessagePackValue(parsing: $0) }
    return event.arrayValue?.last?.arrayValue?.first
  }

  /// The caller's network address, while the request is still there.
  func peerAddress() -> String? {
    if let address = request.property("Peer-Address") { return address.isEmpty ? nil : address }
    return connection?.peerAddress(routing)
  }

  /// The arguments, while the request is still there.
  func argumentValues() throws -> [MessagePackValue] {
    try request.withUnsafeBytes { bytes in
      guard argumentsStart < bytes.count else { return [] }
      return try MessagePackValue(parsing: UnsafeRawBufferPointer(rebasing: bytes[argumentsStart...])).arrayValue ?? []
    }
  }

  private func send<Element>(
    _ item: Element, _ headers: HeaderEntries?, _ pack: (inout MessagePackPacker, Element) throws -> Void
  ) async throws {
    var packer = MessagePackPacker()
    EventWriter.reply("STREAM", to: id, headers, into: &packer)
    packer.keepsReferences = connection?.keepsReferences == true
    do {
      try pack(&packer, item)
      try packer.check()
    } catch let error as MessagePackError {
      throw RPCArgumentError(message: "an item of \(method)() cannot be sent: \(error)", isMalformed: false)
    }
    try await send(&packer, isLast: false)
    // The deadline was that of the first reply; the calls of a producer that goes on have the stream's.
    scope?.move(to: header.streamDeadline)
  }

  /// The entries of the request's header that are not the protocol's own. Read before the arguments are.
  func headers() -> [String: MessagePackValue] {
    guard header.foreignEntries > 0 else { return [:] }
    return request.withUnsafeBytes { bytes in
      guard header.range.upperBound <= bytes.count else { return [:] }
      return HeaderEntries.read(UnsafeRawBufferPointer(rebasing: bytes[header.range]))
    }
  }

  private func send(_ packer: inout MessagePackPacker, isLast: Bool) async throws {
    guard let connection else { throw CancellationError() }
    while true {
      switch connection.emit(self, &packer, isLast: isLast) {
      case .sent: return
      case .ended: throw CancellationError()
      case .noCredit:
        connection.instruments?.stalled()
        await withTaskCancellationHandler {
          await withUnsafeContinuation { continuation in
            if !connection.park(self, continuation) { continuation.resume() }
          }
        } onCancel: {
          connection.unpark(self)
        }
        try Task.checkCancellation()
      }
    }
  }

  /// Answers with an error that a handler threw, and with its encoded form when it is declared.
  func reply(_ error: any Error, declared types: [RPCErrorType]) async {
    let types = (definition?.definition.errors ?? []) + types
    await reply(RemoteError(describing: error), encoded: types.lazy.compactMap { $0.encode(error) }.first)
  }

  /// Answers with an error. Waits for credit, as an error inside a stream costs one.
  func reply(_ error: RemoteError, encoded: [UInt8]? = nil) async {
    guard !hasReplied, !endsUnanswered(error) else { return }
    hasReplied = true
    var packer = MessagePackPacker()
    pack(error, encoded: encoded, into: &packer)
    try? await send(&packer, isLast: true)
  }

  /// Answers with an error at once; only for a call that has sent nothing yet.
  func replyAtOnce(_ error: RemoteError) {
    guard !hasReplied, !endsUnanswered(error) else { return }
    hasReplied = true
    failureHeaders = headersOutsideOfHandler()
    var packer = MessagePackPacker()
    pack(error, into: &packer)
    _ = connection?.emit(self, &packer, isLast: true)
  }

  private func pack(_ error: RemoteError, encoded: [UInt8]? = nil, into packer: inout MessagePackPacker) {
    pack(error, encoded: encoded, failureHeaders ?? replyHeaders(), into: &packer)
  }

  /// Packs an error with entries of its header.
  func pack(
    _ error: RemoteError, encoded: [UInt8]? = nil, _ headers: HeaderEntries?, into packer: inout MessagePackPacker
  ) {
    if let encoded {
      EventWriter.failure(encoded, to: id, headers, into: &packer)
    } else {
      EventWriter.reply("ERR", to: id, headers, into: &packer)
    }
    if version < 2 {
      packer.packArrayHeader(1)
      packer.packString("\(error.name)(\(error.message))")
      return
    }
    packer.packArrayHeader(3)
    packer.packString(error.name)
    packer.packString(error.message)
    if let traceback = error.traceback { packer.packString(traceback) } else { packer.packNil() }
  }
}

/// Gives access to the arguments of a call while they are read.
public struct RPCArguments {
  let view: MessagePackView
  let call: RPCServerCall

  /// Reads one argument.
  ///
  /// - Throws: what becomes a `TypeError` at the caller and names the argument.
  @inlinable
  public func decode<Value: MessagePackDecodable>(_ index: Int, as type: Value.Type = Value.self) throws -> Value {
    do {
      return try self[index].decode(type)
    } catch let error as MessagePackError {
      throw mismatch(index, error)
    }
  }

  /// Reads one argument of any decodable type.
  ///
  /// - Throws: what becomes a `TypeError` at the caller and names the argument.
  @inlinable
  @_disfavoredOverload
  public func decode<Value: Decodable>(_ index: Int, as type: Value.Type = Value.self) throws -> Value {
    do {
      return try self[index].decode(type)
    } catch let error as MessagePackError {
      throw mismatch(index, error)
    }
  }

  /// The argument at a place.
  public subscript(index: Int) -> MessagePackView { view[index] }

  /// The error for an argument that could not be read.
  @usableFromInline
  func mismatch(_ index: Int, _ error: MessagePackError) -> any Error {
    let parameters = call.definition?.definition.parameters ?? []
    let name = index < parameters.count ? " '\(parameters[index].name)'" : ""
    return RPCArgumentError(
      message: "\(call.method)() argument\(name): \(error.prefixed(by: "args[\(index)]"))", isMalformed: false)
  }
}

/// Is what the caller sees as `TypeError`: arguments or a result that do not fit.
struct RPCArgumentError: Error {
  let message: String
  /// Whether the bytes are no MessagePack at all.
  let isMalformed: Bool
}
