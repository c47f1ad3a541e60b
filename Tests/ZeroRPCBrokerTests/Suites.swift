import TestSupport
import Testing

/// Holds the suites with sockets: one at a time, so that they do not starve each other.
@Suite(.serialized) enum BrokerInterop {}
