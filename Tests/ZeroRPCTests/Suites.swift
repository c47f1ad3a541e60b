import TestSupport
import Testing
import ZeroRPC

/// Holds every suite that uses sockets or clocks: one at a time, so that they do not starve each other.
@Suite(.serialized) enum Integration {}

/// Holds the suites that need neither.
@Suite enum Machines {}

/// Makes a call that every server answers.
func expectWorks(_ client: RPCClient) async throws {
  let sum = try await SpecimenClient(client).add(1, 2)
  #expect(sum == 3)
}
