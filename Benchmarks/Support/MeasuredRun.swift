/// What is known of one run of one subject: the report of the load, and what was seen of the server from outside.
package struct MeasuredRun: Codable, Sendable {
  package var load: LoadResult
  /// Nil where the system does not tell, and for inproc, where the load's process is the server too.
  package var server: ServerUsage?

  package init(load: LoadResult, server: ServerUsage? = nil) {
    self.load = load
    self.server = server
  }
}

/// What a server process has used during a load, warm-up included.
package struct ServerUsage: Codable, Sendable, Equatable {
  package var cpuNanoseconds: UInt64
  package var switches: UInt64
  package var residentBytes: UInt64
  /// The messages that it was used for: the load's, and its warm-up.
  package var messages: UInt64
  /// For how long it was watched.
  package var elapsedNanoseconds: UInt64

  package init(
    cpuNanoseconds: UInt64, switches: UInt64, residentBytes: UInt64, messages: UInt64, elapsedNanoseconds: UInt64
  ) {
    self.cpuNanoseconds = cpuNanoseconds
    self.switches = switches
    self.residentBytes = residentBytes
    self.messages = messages
    self.elapsedNanoseconds = elapsedNanoseconds
  }
}

/// Heap allocations of one call on each side, by the difference of two runs of different length.
package struct AllocationFigures: Codable, Sendable, Equatable {
  /// Made by the load's process, those of libzmq apart.
  package var client: Double
  package var server: Double
  /// Made by libzmq itself.
  package var clientInLibzmq: Double
  package var serverInLibzmq: Double

  package init(client: Double, server: Double, clientInLibzmq: Double, serverInLibzmq: Double) {
    self.client = client
    self.server = server
    self.clientInLibzmq = clientInLibzmq
    self.serverInLibzmq = serverInLibzmq
  }
}
