// Written by 'zrpc import tcp://127.0.0.1:4242' from what the service tells about itself. Edit it as you like.
//
// MessagePackValue stands where neither the service nor its documentation tells a type: write the type that you know.

import ZeroRPC

/// Calls the zerorpc service `cooler_service`.
// zerorpc: service = "cooler_service"
protocol CoolerService: RPCService {
  /// Adds two values.
  ///
  /// - Parameters:
  ///   - a: the first
  ///   - b: the second
  @discardableResult
  func add(a: MessagePackValue, b: MessagePackValue) async throws -> MessagePackValue

  func breaking() async throws -> RPCStream<MessagePackValue>

  /// Has a name that stubs have for something else.
  // zerorpc: name = "client"
  @discardableResult
  func clientMethod() async throws -> MessagePackValue

  /// Raises an error.
  @discardableResult
  func fail(message: MessagePackValue) async throws -> MessagePackValue

  /// Greets somebody by name.
  ///
  /// - Parameter name: who is greeted
  func greet(name: String) async throws -> String

  func items() async throws -> RPCStream<MessagePackValue>

  /// Streams the log.
  ///
  /// “zerorpc: name = "injected"”
  ///
  /// That it is a stream is taken from its documentation.
  func lines() async throws -> RPCStream<MessagePackValue>

  /// Returns something large.
  @discardableResult
  func many() async throws -> MessagePackValue

  /// Returns the mean.
  ///
  /// - Parameter numbers: what to take it of
  /// - Returns: the mean
  func mean(numbers: [Double]) async throws -> Double

  @discardableResult
  func none() async throws -> MessagePackValue

  func nothing() async throws -> RPCStream<MessagePackValue>

  /// Has a name that means something else in Swift.
  ///
  /// - Parameter selfValue: 1 by default
  @discardableResult
  func `repeat`(default: MessagePackValue, selfValue: Int) async throws -> MessagePackValue

  /// Forgets everything.
  func reset() async throws

  /// Says nothing about what it does.
  func secretive(count: MessagePackValue) async throws -> RPCStream<MessagePackValue>

  /// Sets what is to be reached, and returns it.
  ///
  /// - Parameters:
  ///   - degrees: how cold
  ///   - unit: of the degrees; "celsius" by default
  ///   - stepSize: how fast; 0.5 by default
  ///   - notify: who wants to know, by name; nil by default
  /// - Returns: what was set
  // zerorpc: name = "set_target"
  func setTarget(degrees: Double, unit: String, stepSize: Double, notify: String?) async throws -> [String: String]

  @discardableResult
  func slow(seconds: MessagePackValue) async throws -> MessagePackValue

  @discardableResult
  func undocumented(value: MessagePackValue) async throws -> MessagePackValue

  /// Watches the temperature.
  ///
  /// - Parameters:
  ///   - count: how often
  ///   - interval: 0.0 by default
  /// - Returns: degrees
  func watch(count: Int, interval: Double) async throws -> RPCStream<Int>

  // zerorpc: name = "any-name"
  @discardableResult
  func anyName(x: MessagePackValue) async throws -> MessagePackValue

  @discardableResult
  func getAny() async throws -> MessagePackValue

  // zerorpc: name = "get_any"
  @discardableResult
  func getAny2() async throws -> MessagePackValue
}

extension CoolerService {
  /// Calls `repeat` with `selfValue` as 1.
  @discardableResult
  func `repeat`(default: MessagePackValue) async throws -> MessagePackValue {
    try await `repeat`(default: `default`, selfValue: 1)
  }

  /// Calls `setTarget` with `notify` as nil.
  func setTarget(degrees: Double, unit: String, stepSize: Double) async throws -> [String: String] {
    try await setTarget(degrees: degrees, unit: unit, stepSize: stepSize, notify: nil)
  }

  /// Calls `setTarget` with `stepSize` as 0.5, `notify` as nil.
  func setTarget(degrees: Double, unit: String) async throws -> [String: String] {
    try await setTarget(degrees: degrees, unit: unit, stepSize: 0.5, notify: nil)
  }

  /// Calls `setTarget` with `unit` as "celsius", `stepSize` as 0.5, `notify` as nil.
  func setTarget(degrees: Double) async throws -> [String: String] {
    try await setTarget(degrees: degrees, unit: "celsius", stepSize: 0.5, notify: nil)
  }

  /// Calls `watch` with `interval` as 0.0.
  func watch(count: Int) async throws -> RPCStream<Int> {
    try await watch(count: count, interval: 0.0)
  }
}
