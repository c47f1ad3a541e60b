/// Is what every generated client stub conforms to.
public protocol RPCServiceClient: Sendable {
  /// The client that carries the calls.
  var client: RPCClient { get }
  /// The options of every call that the stub makes.
  var options: RPCCallOptions { get set }
  /// Makes a stub.
  init(_ client: RPCClient, options: RPCCallOptions)
}

extension RPCServiceClient {
  /// Returns a stub whose calls have other options.
  ///
  /// ```swift
  /// try await calculator.with { $0.timeout = .seconds(1) }.add(1, 2)
  /// ```
  public func with(_ change: (inout RPCCallOptions) -> Void) -> Self {
    var copy = self
    change(&copy.options)
    return copy
  }
}
