import TestSupport
import Testing

/// Holds the suites that talk to other implementations: one at a time, so that they do not starve each other.
@Suite(.serialized, .enabled(if: PythonPeer.interpreter != nil, Comment(rawValue: PythonPeer.reason)))
enum PythonInterop {}

/// Holds the suites that talk to raw sockets, which behave as a foreign or a hostile peer.
@Suite(.serialized) enum RawInterop {}
