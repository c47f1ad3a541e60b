internal import MessagePack
internal import Synchronization

/// Tells interceptors once that a call, or its stream, is over, and what the header of its last reply held.
final class CallObserver: Sendable {
  private struct State: Sendable {
    var action: (@Sendable ((any Error)?, [String: MessagePackValue]) -> Void)?
    var headers: [String: MessagePackValue] = [:]
  }

  private let state: Mutex<State>
  private let takesHeaders: Bool

  /// - Parameter takesHeaders: whether the action wants to know the header of the last reply.
  init(
    takesHeaders: Bool = true, _ action: @escaping @Sendable ((any Error)?, [String: MessagePackValue]) -> Void
  ) {
    state = Mutex(State(action: action))
    self.takesHeaders = takesHeaders
  }

  /// Notes the reply with which a call has ended.
  func note(_ call: ClientCall) {
    guard takesHeaders else { return }
    let headers = call.replyHeaders
    state.withLock { $0.headers = headers }
  }

  func end(_ error: (any Error)?) {
    let (action, headers) = state.withLock { state in
      defer { state.action = nil }
      return (state.action, state.headers)
    }
    action?(error, headers)
  }
}
