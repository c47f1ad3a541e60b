internal import Synchronization

/// Stands in for one method of a service: answers by a closure, and records the calls. Generated mocks have one per method.
///
/// ```swift
/// let mock = CalculatorMock()                 // asked for by `// zerorpc: mock` above the protocol
/// mock.on.divide { a, b in a / b }
/// …
/// #expect(mock.on.divide.calls.count == 1)
/// #expect(mock.on.divide.calls[0].b == 2)     // the arguments have the names of the parameters
/// ```
public final class RPCMockMethod<Arguments: Sendable, Result: Sendable>: Sendable {
  /// Answers a call.
  public typealias Handler = @Sendable (Arguments) async throws -> Result

  private struct State: Sendable {
    var handler: Handler?
    var calls: [Arguments] = []
  }

  /// The mock and the method, as error messages name them.
  public let name: String
  private let state = Mutex(State())

  /// Makes a method that nothing answers yet.
  public init(_ name: String) { self.name = name }

  /// Has a closure answer all calls from now on, in place of the one before.
  public func callAsFunction(_ handler: @escaping Handler) { state.withLock { $0.handler = handler } }

  /// The arguments of all calls so far, in the order in which they came, those that failed included.
  public var calls: [Arguments] { state.withLock { $0.calls } }

  /// Forgets the calls so far, and keeps the closure.
  public func forgetCalls() { state.withLock { $0.calls = [] } }

  /// Records a call and answers it. Generated code calls it.
  ///
  /// - Throws: what the closure throws; ``RPCError`` with `notMocked` when the test has given none.
  public func call(_ arguments: Arguments) async throws -> Result {
    let handler = state.withLock { state in
      state.calls.append(arguments)
      return state.handler
    }
    guard let handler else {
      throw RPCError(
        code: .notMocked, message: "\(name) was called, and the test says nothing about it; give it a closure first")
    }
    return try await handler(arguments)
  }
}

extension RPCError.Code {
  /// A mock was called for which the test has given no closure.
  public static let notMocked = RPCError.Code("notMocked")
}
