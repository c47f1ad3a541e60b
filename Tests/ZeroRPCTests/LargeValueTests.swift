import Foundation
import Synchronization
import TestSupport
import Testing
import ZeroRPC

extension Integration {
  /// Large values, which are sent from where they lie and received into memory of their own.
  @Suite(.serialized) struct LargeValues {
    private func content(_ count: Int, _ seed: Int = 0) -> Data {
      var data = Data(count: count)
      data.withUnsafeMutableBytes { bytes in
        for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: (index &+ seed) &* 31 ^ (index >> 9)) }
      }
      return data
    }

    /// Every byte comes back, from sizes on both sides of each limit, alone and with others in flight.
    @Test(arguments: Transport.allCases)
    func comeBackAsTheyWere(_ transport: Transport) async throws {
      try await withHarness(transport) { harness in
        let specimen = harness.specimen
        let sizes = [32_600, 32_767, 32_768, 65_400, 65_535, 65_536, 131_072, 1 << 20, (5 << 20) + 1]
        for size in sizes {
          let data = content(size)
          #expect(try await specimen.echoData(data) == data, "\(size) bytes")
        }
        try await withThrowingTaskGroup(of: Bool.self) { group in
          for number in 0..<60 {
            group.addTask {
              let data = content(sizes[number % sizes.count], number)
              return try await specimen.echoData(data) == data
            }
            group.addTask { try await specimen.add(number, 1) == number + 1 }
          }
          for try await isRight in group { #expect(isRight) }
        }
      }
    }

    /// The caller may go on using its value: what is sent is what it was when the call was made.
    @Test(arguments: [Transport.tcp, .inproc])
    func mayChangeAfterwards(_ transport: Transport) async throws {
      try await withHarness(transport) { harness in
        let specimen = harness.specimen
        var data = content(4 << 20)
        for number in 0..<20 {
          let before = data
          let call = Task { [data] in try await specimen.echoData(data) }
          data[number] ^= 0xFF
          data[data.count - 1 - number] ^= 0xFF
          let echoed = try await call.value
          #expect(echoed == before)
        }
      }
    }

    /// Callers that find another one's large request being sent leave theirs to be sent later. None of them is forgotten when its
    /// caller goes away, or when the client is closed.
    @Test func endWhenTheirCallersGoAway() async throws {
      try await withServer { _, endpoint in
        let client = try RPCClient(connectingTo: endpoint)
        let specimen = SpecimenClient(client)
        let data = content(1 << 20)
        let ends = Ends()
        try await within(.seconds(60), "all callers to end") {
          try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<32 {
              group.addTask {
                while true {
                  let call = Task { try await specimen.echoData(data) == data }
                  if number % 2 == 0 { call.cancel() }
                  switch await call.result {
                  case .success(let isRight):
                    #expect(isRight)
                    ends.answered.add(1, ordering: .relaxed)
                  case .failure(is CancellationError): ends.cancelled.add(1, ordering: .relaxed)
                  case .failure(let error as RPCError) where error.code == .closed:
                    ends.closed.add(1, ordering: .relaxed)
                    return
                  case .failure(let error): throw error
                  }
                }
              }
            }
            try await eventually("answers and cancellations") {
              ends.answered.load(ordering: .relaxed) > 100 && ends.cancelled.load(ordering: .relaxed) > 100
            }
            client.close()
            try await group.waitForAll()
          }
        }
        #expect(ends.closed.load(ordering: .relaxed) == 32)
        try await expectNothingOpen(client)
      }
    }

    /// A request that has to wait for its server keeps what it refers to.
    @Test func waitForTheirServer() async throws {
      let endpoint = "ipc:///tmp/zrpc-\(UUID().uuidString)"
      var configuration = RPCClientConfiguration()
      configuration.timeout = .seconds(60)
      try await withRPCClient(connectingTo: endpoint, configuration: configuration) { client in
        let specimen = SpecimenClient(client)
        let calls = (0..<4).map { number in
          Task {
            let data = content(1 << 20, number)
            return try await specimen.echoData(data) == data
          }
        }
        try await eventually("the requests to wait") { client.openResources.events == 4 }
        try await withServer(at: endpoint) { _, _ in
          for call in calls { #expect(try await call.value) }
          try await expectNothingOpen(client)
        }
      }
    }

    /// Small calls go on between large ones, on the same connection.
    @Test(arguments: [Transport.tcp, .tcpByLibzmqAtServer])
    func leaveRoomForSmallOnes(_ transport: Transport) async throws {
      try await withHarness(transport) { harness in
        let specimen = harness.specimen
        let calls = Task {
          for number in 0..<200 {
            let sum = try await specimen.add(number, 1)
            #expect(sum == number + 1)
          }
        }
        for number in 0..<40 {
          let data = content(200_000, number)
          #expect(try await specimen.echoData(data) == data)
        }
        try await calls.value
      }
    }

    /// Handlers and interceptors learn who calls, whoever carries the messages.
    @Test(arguments: [
      (Transport.tcp, "127.0.0.1"), (.tcpByLibzmq, "127.0.0.1"), (.tcpByLibzmqAtServer, "127.0.0.1"), (.ipc, "nobody"),
    ])
    func knowWhereTheyComeFrom(_ transport: Transport, _ address: String) async throws {
      let witness = AddressWitness()
      try await withHarness(transport, server: { $0.interceptors = [witness] }) { harness in
        let sum = try await harness.specimen.add(1, 1)
        #expect(sum == 2)
      }
      #expect(witness.addresses == [address])
    }
  }
}

/// Notes where calls come from.
private final class AddressWitness: RPCServerInterceptor {
  private let seen = Mutex<Set<String>>([])

  var addresses: Set<String> { seen.withLock { $0 } }

  func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws {
    let address = call.peerAddress ?? "nobody"
    seen.withLock { _ = $0.insert(address) }
    try await next(call)
  }
}

/// How often calls ended in each way.
private final class Ends: Sendable {
  let answered = Atomic<Int>(0)
  let cancelled = Atomic<Int>(0)
  let closed = Atomic<Int>(0)
}
