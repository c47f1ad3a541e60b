/// Names a kind of type that is generated on request: a sender of messages that nobody answers, or a mock.
public enum MessagePattern: String, Codable, Sendable, Equatable, CaseIterable {
  /// Pushes each message to one of the consumers.
  case pusher
  /// Publishes each message to all subscribers.
  case publisher
  /// Stands in for the service in tests.
  case mock

  /// The key of a configuration file that lists the services to generate it for.
  var configurationKey: String { "\(rawValue)s" }

  /// The end of the name of the generated type: `CalculatorPusher`.
  var suffix: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}
