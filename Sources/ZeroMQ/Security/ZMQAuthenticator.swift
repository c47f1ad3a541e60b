internal import CZeroMQ
public import Logging
internal import Synchronization

/// Decides who may connect to the servers of a context, by rules that can change at any time: a ZAP handler (RFC 27).
///
/// ```swift
/// let authenticator = try ZMQAuthenticator(rules)          // before the servers are bound
/// authenticator.update { $0.keys[newKey] = "dave" }        // from now on
/// ```
///
/// It works until ``stop()``, whether or not a reference to it is kept. There is one per context. libzmq asks it when a peer
/// connects by `tcp` or `ipc`, not by `inproc`; a connection that stands stays when the rules change. A client that was refused is
/// given up by its libzmq and has to connect again, which `RPCClient` does each second.
///
/// The user id of who was let in is a property of every frame that comes from it, ``ZMQFrame/Property/userID``. A peer
/// that was not is told no reason. Denials are logged as warnings, counted here, and reported by the monitor of the server's
/// socket as `handshakeFailedAuth`.
public final class ZMQAuthenticator: Sendable {
  private let core: AuthenticatorCore

  /// Starts deciding.
  ///
  /// - Parameters:
  ///   - rules: those of all domains that have none of their own.
  ///   - context: whose servers ask.
  ///   - logger: where denials are logged; nowhere by default.
  /// - Throws: ``ZMQError`` with `addressInUse` when the context has an authenticator.
  public init(
    _ rules: ZMQAccessRules, context: ZMQContext = .shared,
    logger: Logger = Logger(label: "zeromq.authenticator", factory: { _ in SwiftLogNoOpLogHandler() })
  ) throws(ZMQError) {
    core = try AuthenticatorCore(rules, context, logger)
  }

  /// Changes the rules of a domain; without a name, those of all domains that have none of their own. A domain gets rules of
  /// its own, to begin with a copy, when they are changed first.
  public func update(domain: String? = nil, _ change: @Sendable (inout ZMQAccessRules) -> Void) {
    core.update(domain, change)
  }

  /// The rules of a domain; without a name, those of all domains that have none of their own.
  public func rules(of domain: String? = nil) -> ZMQAccessRules { core.rules(of: domain) }

  /// How many peers were let in since the start.
  public var admissions: Int { core.counts.admitted }
  /// How many peers were refused since the start.
  public var denials: Int { core.counts.denied }

  /// Ends it. From then on servers with a domain let nobody in; CURVE servers without one let in everybody who knows their
  /// public key.
  public func stop() { core.close() }
}

/// Answers libzmq's questions on the event loop, so that it depends on no task of the application's.
final class AuthenticatorCore: EventSource {
  private struct State: ~Copyable {
    var socket: SocketHandle?
    var frame = Frame()
  }

  private struct Book: Sendable {
    var rules: ZMQAccessRules
    var domains: [String: ZMQAccessRules] = [:]
    var admitted = 0
    var denied = 0
  }

  /// Where libzmq asks.
  private static let endpoint = "inproc://zeromq.zap.01"
  /// Questions taken in one turn, before other sources get theirs.
  private static let budget = 64
  /// A question has seven frames or eight; one of many more is none.
  private static let maximumFrames = 32

  let registration: EventRegistration
  private let context: ZMQContext
  private let logger: Logger
  private let state: Guarded<State>
  private let book: Mutex<Book>

  init(_ rules: ZMQAccessRules, _ context: ZMQContext, _ logger: Logger) throws(ZMQError) {
    let socket = try context.open(.router)
    do throws(ZMQError) {
      try socket.set(ZMQ_LINGER, 0, named: "linger")
      _ = try socket.bind(AuthenticatorCore.endpoint)
    } catch {
      socket.close()
      guard error.code == .addressInUse else { throw error }
      throw ZMQError(
        code: .addressInUse,
        message: "this context has an authenticator; update its rules, stop it first, or use another ZMQContext")
    }
    (self.context, self.logger) = (context, logger)
    book = Mutex(Book(rules: rules))
    registration = EventRegistration(descriptor: socket.descriptor)
    var state = State()
    state.socket = socket
    self.state = Guarded(state)
    context.eventLoop.register(self)
    context.eventLoop.visit(self)
  }

  func update(_ domain: String?, _ change: (inout ZMQAccessRules) -> Void) {
    book.withLock { book in
      guard let domain else { return change(&book.rules) }
      change(&book.domains[domain, default: book.rules])
    }
  }

  func rules(of domain: String?) -> ZMQAccessRules {
    book.withLock { book in domain.flatMap { book.domains[$0] } ?? book.rules }
  }

  var counts: (admitted: Int, denied: Int) { book.withLock { ($0.admitted, $0.denied) } }

  func service(now: UInt64) -> Bool {
    var denied: [(request: ZAPRequest, reason: String)] = []
    let hasMore = state.withLock { state in
      guard let socket = state.socket else { return false }
      for _ in 0..<AuthenticatorCore.budget {
        guard let frames = receive(&state, socket) else { break }
        guard let request = ZAPRequest(frames: frames) else { continue }
        let decision = rules(of: request.domain).decide(on: request)
        _ = socket.send(whole: ZMQMessage(parts: request.reply(decision)))
        book.withLock { if case .admitted = decision { $0.admitted += 1 } else { $0.denied += 1 } }
        if case .denied(let reason) = decision { denied.append((request, reason)) }
      }
      return socket.isReadable
    }
    for (request, reason) in denied {
      logger.warning(
        "a peer was refused",
        metadata: [
          "reason": "\(reason)", "address": "\(request.address)", "mechanism": "\(request.mechanism)",
          "subject": "\(request.subject.debugDescription)", "domain": "\(request.domain)",
        ])
    }
    return hasMore
  }

  private func receive(_ state: inout State, _ socket: SocketHandle) -> [[UInt8]]? {
    var frames: [[UInt8]] = []
    repeat {
      guard state.frame.receive(from: socket) == .done else { return nil }
      if frames.count < AuthenticatorCore.maximumFrames { frames.append(state.frame.withUnsafeBytes { Array($0) }) }
    } while state.frame.hasMore
    return frames
  }

  func close() {
    state.withLock { state in
      guard let socket = state.socket else { return }
      state.socket = nil
      state.frame.clear()
      context.eventLoop.unregister(self)
      socket.close()
    }
  }
}
