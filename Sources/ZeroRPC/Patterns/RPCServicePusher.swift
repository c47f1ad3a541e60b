/// Is what every generated pusher conforms to.
public protocol RPCServicePusher: Sendable {
  /// The connection that the messages travel on.
  var pusher: RPCPusher { get }
  /// The options of every message that the stub pushes.
  var options: RPCSendOptions { get set }
  /// Makes a stub.
  init(_ pusher: RPCPusher, options: RPCSendOptions)
}

extension RPCServicePusher {
  /// Returns a stub whose messages have other options.
  ///
  /// ```swift
  /// try await jobs.with { $0.timeout = .seconds(1) }.resize("cat.png", to: 128)
  /// ```
  public func with(_ change: (inout RPCSendOptions) -> Void) -> Self {
    var copy = self
    change(&copy.options)
    return copy
  }
}

/// Is what every generated publisher conforms to.
public protocol RPCServicePublisher: Sendable {
  /// The connection that the messages travel on.
  var publisher: RPCPublisher { get }
  /// The options of every message that the stub publishes.
  var options: RPCSendOptions { get set }
  /// Makes a stub.
  init(_ publisher: RPCPublisher, options: RPCSendOptions)
}

extension RPCServicePublisher {
  /// Returns a stub whose messages have other options.
  public func with(_ change: (inout RPCSendOptions) -> Void) -> Self {
    var copy = self
    change(&copy.options)
    return copy
  }
}
