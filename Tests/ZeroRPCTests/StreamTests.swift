import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroRPC

extension Integration {
  /// Streams from a server, and without one.
  @Suite struct StreamTests {
    static let sizes = [0, 1, 2, 99, 100, 101, 102, 10_000]

    @Test(arguments: Transport.allCases, sizes)
    func arrivesComplete(_ transport: Transport, _ size: Int) async throws {
      try await withHarness(transport) { harness in
        let items = try await collect(try await harness.specimen.count(to: size))
        #expect(items == Array(0..<size))
      }
    }

    @Test(arguments: [1, 2, 3, 10, 11, 100, 1_000])
    func arrivesCompleteThroughWindow(_ window: Int) async throws {
      try await withHarness { harness in
        let specimen = harness.specimen.with { $0.streamWindow = window }
        let items = try await within(.seconds(30), "the stream") {
          try await collect(try await specimen.count(to: 357))
        }
        #expect(items == Array(0..<357))
      }
    }

    @Test func itemsOfCodableTypes() async throws {
      try await withHarness { harness in
        let items = try await collect(try await harness.specimen.samples(120))
        #expect(items == (0..<120).map { Sample.numbered($0) })
      }
    }

    @Test(arguments: [0, 1, 2, 100, 101, 250])
    func failsAfterItems(_ size: Int) async throws {
      try await withHarness { harness in
        var items: [Int] = []
        let error = await #expect(throws: RemoteError.self) {
          for try await item in try await harness.specimen.failing(after: size) { items.append(item) }
        }
        #expect(error?.name == "Refusal")
        #expect(error?.message == "boom")
        #expect(items == Array(0..<size))
      }
    }

    @Test func itemThatCannotBeSent() async throws {
      try await withHarness { harness in
        var count = 0
        let error = await #expect(throws: RemoteError.self) {
          for try await _ in try await harness.specimen.unsendables() { count += 1 }
        }
        #expect(error?.name == "TypeError")
        #expect(count == 0)
        let sum = try await harness.specimen.add(1, 2)
        #expect(sum == 3)
      }
    }

    @Test(arguments: [Transport.tcp, .inproc])
    func aThousandAtOnce(_ transport: Transport) async throws {
      try await withHarness(transport) { harness in
        let specimen = harness.specimen
        let right = try await within(.seconds(60), "the streams") {
          try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<1_000 {
              group.addTask {
                try await collect(try await specimen.count(to: 150 + number % 7)).count == 150 + number % 7
              }
            }
            var right = 0
            for try await isRight in group where isRight { right += 1 }
            return right
          }
        }
        #expect(right == 1_000)
      }
    }

    @Test(arguments: [2, 10, 100])
    func producerStaysWithinTheWindow(_ window: Int) async throws {
      try await withHarness { harness in
        let stream = try await harness.specimen.with { $0.streamWindow = window }.endless("e")
        var taken = 0
        for try await number in stream {
          #expect(number == taken)
          taken += 1
          // Everything that a producer may do is done when it has no credit left; what it wrote beyond what was taken is
          // bounded by the window at every moment, so it may be looked at at any.
          #expect(harness.journal.count("e written") <= taken + window)
          if taken % 97 == 0 {
            try await harness.journal.wait(for: "e written", count: taken)
          }
          if taken == 1_000 { break }
        }
      }
    }

    @Test func leavingEarlyEndsTheProducer() async throws {
      try await withHarness { harness in
        for round in 0..<20 {
          var count = 0
          for try await _ in try await harness.specimen.endless("e\(round)") {
            count += 1
            if count == round * 10 + 1 { break }
          }
          try await harness.journal.wait(for: "e\(round) ended")
        }
        try await expectNothingOpen(harness.client)
        try await expectNothingOpen(harness.server)
      }
    }

    @Test func neverIteratedStreamEndsTheProducer() async throws {
      try await withHarness { harness in
        _ = try await harness.specimen.endless("e")
        try await harness.journal.wait(for: "e ended")
      }
    }

    @Test func cancellingTheConsumerEndsTheProducer() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen
        let consumer = Task {
          var count = 0
          for try await _ in try await specimen.endless("e") { count += 1 }
          return count
        }
        try await harness.journal.wait(for: "e written", count: 500)
        consumer.cancel()
        await #expect(throws: CancellationError.self) { try await consumer.value }
        try await harness.journal.wait(for: "e ended")
      }
    }

    @Test func slowConsumerOfAStreamGetsAll() async throws {
      try await withHarness { harness in
        var items: [Int] = []
        for try await item in try await harness.specimen.count(to: 300) {
          items.append(item)
          if items.count % 50 == 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect(items == Array(0..<300))
      }
    }

    /// The time-out covers the first reply only, as in the reference.
    @Test func timeoutCoversTheFirstItemOnly() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen.with { $0.timeout = .milliseconds(400) }
        let items = try await within(.seconds(20), "the stream") {
          try await collect(try await specimen.slowly(to: 8, pause: 0.1))
        }
        #expect(items == Array(0..<8))
      }
    }

    @Test func severalWritersOfOneStream() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen
        let items = try await within(.seconds(20), "the stream") {
          try await collect(try await specimen.together(1_000, writers: 4))
        }
        #expect(items.sorted() == Array(0..<1_000))
      }
    }
  }

  /// Streams without a network: a closure that makes one runs beside its consumer.
  @Suite struct LocalStreamTests {
    @Test(arguments: StreamTests.sizes)
    func arrivesComplete(_ size: Int) async throws {
      #expect(try await collect(SpecimenService(Journal()).count(to: size)) == Array(0..<size))
    }

    @Test func fails() async throws {
      var items: [Int] = []
      await #expect(throws: SpecimenService.Refusal.self) {
        for try await item in SpecimenService(Journal()).failing(after: 3) { items.append(item) }
      }
      #expect(items == [0, 1, 2])
    }

    @Test func producerIsOneItemAhead() async throws {
      let journal = Journal()
      var taken = 0
      for try await number in SpecimenService(journal).endless("e") {
        #expect(number == taken)
        taken += 1
        #expect(journal.count("e written") <= taken)
        if taken == 500 { break }
      }
      try await journal.wait(for: "e ended")
    }

    @Test func cancellingTheConsumerEndsTheProducer() async throws {
      let journal = Journal()
      let consumer = Task { for try await _ in SpecimenService(journal).endless("e") {} }
      try await journal.wait(for: "e written", count: 100)
      consumer.cancel()
      await #expect(throws: CancellationError.self) { try await consumer.value }
      try await journal.wait(for: "e ended")
    }

    @Test func severalWriters() async throws {
      let items = try await within(.seconds(20), "the stream") {
        try await collect(SpecimenService(Journal()).together(1_000, writers: 4))
      }
      #expect(items.sorted() == Array(0..<1_000))
    }

    @Test func elementsOfAnotherSequence() async throws {
      let source = AsyncStream { continuation in
        for number in 0..<5 { continuation.yield(number) }
        continuation.finish()
      }
      #expect(try await collect(RPCStream(source)) == [0, 1, 2, 3, 4])
    }
  }
}
