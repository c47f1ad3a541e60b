import ExampleSupport
import Synchronization
import ZeroRPC

/// What workers are given.
// zerorpc: pusher
protocol Squaring: RPCService {
  func square(_ number: Int) async throws
}

/// What the sink is given.
// zerorpc: pusher
protocol Summing: RPCService {
  func add(_ number: Int, from worker: Int) async throws
}

/// What ends the workers.
// zerorpc: publisher
protocol Control: RPCService {
  func stop() async throws
}

struct Worker: Squaring {
  let number: Int
  let sink: SummingPusher

  func square(_ number: Int) async throws { try await sink.add(number * number, from: self.number) }
}

actor Sink: Summing {
  private let expected: Int
  private let control: ControlPublisher
  private(set) var sum = 0
  private(set) var shares: [Int: Int] = [:]

  init(expecting expected: Int, control: ControlPublisher) { (self.expected, self.control) = (expected, control) }

  func add(_ number: Int, from worker: Int) throws {
    sum += number
    shares[worker, default: 0] += 1
    if shares.values.reduce(0, +) == expected { try control.stop() }
  }
}

struct Stopping: Control {
  let puller: Puller

  func stop() { puller.beginGracefulShutdown() }
}

@main
struct Pipeline {
  static func main() async {
    await runExample {
      let publisher = RPCPublisher()
      let control = try publisher.bind("tcp://127.0.0.1:*")
      let sink = Sink(expecting: 1_000, control: ControlPublisher(publisher))
      let collector = Puller(sink)
      let results = try await collector.bind("tcp://127.0.0.1:*")
      let collecting = Task { try await collector.run() }

      let ventilator = RPCPusher()
      let jobs = try ventilator.bind("tcp://127.0.0.1:*")
      let workers = (1...3).map { number in
        Task { try await work(number, jobs: jobs, results: results, control: control) }
      }
      try await ventilator.waitForConsumers(3)
      try await publisher.waitForSubscribers(3)
      let squaring = SquaringPusher(ventilator)
      for number in 1...1_000 { try await squaring.square(number) }

      // They end by the signal alone.
      for worker in workers { try await worker.value }
      let (sum, shares) = (await sink.sum, await sink.shares)
      print("sum \(sum), shares \(shares.values.sorted())")
      try expect(sum == 333_833_500, "the squares up to a thousand add up to 333833500, not \(sum)")
      try expect(shares.values.sorted() == [333, 333, 334], "the workers should share evenly: \(shares)")
      collecting.cancel()
      try await collecting.value
    }
  }

  static func work(_ number: Int, jobs: String, results: String, control: String) async throws {
    let sink = SummingPusher(try RPCPusher(connectingTo: results))
    let puller = Puller(Worker(number: number, sink: sink))
    try await puller.connect(jobs)
    let signal = Subscriber(Stopping(puller: puller))
    try await signal.connect(control)
    let listening = Task { try await signal.run() }
    try await puller.run()
    listening.cancel()
    try await listening.value
    print("worker \(number) was told to stop")
  }
}
