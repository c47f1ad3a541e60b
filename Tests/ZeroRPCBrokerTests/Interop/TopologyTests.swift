import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC
import ZeroRPCBroker

extension BrokerInterop {
  /// Swift servers and clients around brokers.
  @Suite struct TopologyTests {
    @Test(arguments: [Transport.tcp, .ipc, .inproc])
    func threeBrokersInARow(transport: Transport) async throws {
      try await withServer(at: transport.endpoint) { _, endpoint in
        try await withBroker(backends: [endpoint], frontend: transport.endpoint) { _, first in
          try await withBroker(backends: [first], frontend: transport.endpoint) { _, second in
            try await withBroker(backends: [second], frontend: transport.endpoint) { broker, third in
              try await expectWorkers(1, broker)
              try await withRPCClient(connectingTo: third) { client in
                try await makeCalls(500, atOnce: 16, client)
                let items = try await collect(try await SpecimenClient(client).count(to: 1_000))
                #expect(items == Array(0..<1_000))
                let error = await #expect(throws: RemoteError.self) { try await SpecimenClient(client).fail("oops") }
                #expect(error?.message.contains("oops") == true)
              }
            }
          }
        }
      }
    }

    @Test func aThousandClients() async throws {
      try await withServer { _, first in
        try await withServer { _, second in
          try await withBroker(backends: [first, second]) { broker, frontend in
            try await expectWorkers(2, broker)
            var configuration = RPCClientConfiguration()
            configuration.timeout = .seconds(60)
            try await withThrowingTaskGroup(of: Void.self) { group in
              for _ in 0..<1_000 {
                group.addTask { [configuration] in
                  try await withRPCClient(connectingTo: frontend, configuration: configuration) { client in
                    try await makeCalls(10, atOnce: 2, client)
                  }
                }
              }
              try await group.waitForAll()
            }
            let statistics = broker.statistics
            #expect(statistics.done == 10_000)
            for worker in statistics.workers { #expect((4_500...5_500).contains(worker.done)) }
          }
        }
      }
    }

    /// Nobody has more calls than the credit says, the others wait and are served in the end.
    @Test func creditHoldsAcrossClients() async throws {
      let journal = Journal()
      try await withServer(journal: journal) { server, endpoint in
        try await withBroker(backends: [endpoint], { $0.policy = .credit(3) }) { broker, frontend in
          try await expectWorkers(1, broker)
          try await withRPCClient(connectingTo: frontend) { one in
            try await withRPCClient(connectingTo: frontend) { other in
              let calls = (0..<20).map { number in
                Task { try await SpecimenClient(number < 10 ? one : other).wait("tag") }
              }
              try await eventually("three calls at the worker, 17 in the queue") {
                let statistics = broker.statistics
                return server.openCalls == 3 && statistics.waiting == 17 && statistics.workers[0].inFlight == 3
              }
              journal.release("tag")
              for call in calls { try await call.value }
            }
          }
          #expect(broker.statistics.done == 20)
        }
      }
    }

    /// Without a worker calls wait, with heartbeats answered, for longer than a client endures silence.
    @Test func callsWaitForAWorker() async throws {
      let backend = "tcp://127.0.0.1:\(try freePort())"
      try await withBroker(backends: [backend], { $0.queueLimit = 2 }) { broker, frontend in
        var configuration = RPCClientConfiguration()
        configuration.heartbeat = .milliseconds(300)
        try await withRPCClient(connectingTo: frontend, configuration: configuration) { client in
          let specimen = SpecimenClient(client)
          let calls = (0..<2).map { number in Task { try await specimen.add(number, 1) } }
          try await eventually("both calls to wait") { broker.statistics.waiting == 2 }
          let refused = await #expect(throws: RemoteError.self) { try await specimen.add(1, 2) }
          #expect(refused?.name == "BrokerOverloaded")
          try await Task.sleep(for: .seconds(2))
          try await withServer(at: backend, { $0.heartbeat = .milliseconds(300) }) { _, _ in
            for (number, call) in calls.enumerated() {
              let sum = try await call.value
              #expect(sum == number + 1)
            }
          }
          #expect(broker.statistics.drops["overloaded"] == 1)
        }
      }
    }

    @Test func aCancelledCallIsForgotten() async throws {
      try await withServer { server, endpoint in
        try await withBroker(backends: [endpoint], { $0.policy = .credit(1) }) { broker, frontend in
          try await expectWorkers(1, broker)
          try await withRPCClient(connectingTo: frontend) { client in
            let running = Task { try await SpecimenClient(client).wait("never") }
            try await eventually("the call to run") { server.openCalls == 1 }
            let waiting = Task { try await SpecimenClient(client).wait("never") }
            try await eventually("the call to wait") { broker.statistics.waiting == 1 }
            for call in [waiting, running] {
              call.cancel()
              await #expect(throws: CancellationError.self) { try await call.value }
            }
            try await expectEveryChannelForgotten(broker)
            #expect(try await SpecimenClient(client).add(1, 2) == 3)
          }
        }
      }
    }

    @Test func memoryIsFlat() async throws {
      try await withServer { _, endpoint in
        try await withBroker(backends: [endpoint, endpoint]) { broker, frontend in
          try await expectWorkers(2, broker)
          try await withRPCClient(connectingTo: frontend) { client in
            try await makeCalls(10_000, atOnce: 64, client)
            let before = try residentBytes()
            try await makeCalls(50_000, atOnce: 64, client)
            let growth = try residentBytes() - before
            #expect(growth < 16 << 20, "\(growth) bytes")
            #expect(broker.statistics.done == 60_000)
          }
        }
      }
    }
  }
}
