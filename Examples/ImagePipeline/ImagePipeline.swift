import ExampleSupport
import Foundation
import ZeroRPC

/// What workers are given: pixels of three bytes each, row by row.
// zerorpc: pusher
protocol Filtering: RPCService {
  func filter(_ pixels: Data, width: Int, height: Int, number: Int) async throws
}

/// What the album is given.
// zerorpc: pusher
protocol Collecting: RPCService {
  func collect(_ pixels: Data, width: Int, height: Int, number: Int, by worker: Int) async throws
}

/// Filters pictures, and pushes them on.
struct Worker: Filtering {
  let number: Int
  let album: CollectingPusher

  func filter(_ pixels: Data, width: Int, height: Int, number: Int) async throws {
    let picture = Picture(width: width, height: height, pixels: pixels)
    let edges = try picture.edges()
    try await album.collect(edges.pixels, width: width, height: height, number: number, by: self.number)
  }
}

/// Keeps the filtered pictures.
actor Album: Collecting {
  private(set) var pictures: [Int: Picture] = [:]
  private(set) var shares: [Int: Int] = [:]

  func collect(_ pixels: Data, width: Int, height: Int, number: Int, by worker: Int) throws {
    try expect(pictures[number] == nil, "picture \(number) came twice")
    pictures[number] = Picture(width: width, height: height, pixels: pixels)
    shares[worker, default: 0] += 1
  }
}

@main
struct ImagePipeline {
  static let count = 9
  static let workers = 3

  static func main() async {
    await runExample {
      let album = Album()
      let collector = Puller(album)
      let results = try await collector.bind("tcp://127.0.0.1:*")
      let collecting = Task { try await collector.run() }

      // Pictures are large: one at a time for each worker, so that a slow one does not hoard them. The camera waits meanwhile.
      var configuration = RPCSenderConfiguration()
      configuration.transport.sendHighWaterMark = 1
      let camera = RPCPusher(configuration: configuration)
      let jobs = try camera.bind("tcp://127.0.0.1:*")
      let filtering = Task { try await runWorkers(jobs: jobs, results: results) }

      try await camera.waitForConsumers(workers)
      for number in 1...count {
        let picture = Picture(scene: number)
        try await FilteringPusher(camera).filter(
          picture.pixels, width: picture.width, height: picture.height, number: number)
      }
      try await waitUntil { await album.pictures.count == count }
      filtering.cancel()
      try await filtering.value
      collecting.cancel()
      try await collecting.value

      let (pictures, shares) = (await album.pictures, await album.shares)
      print(
        "\(count) pictures of \(Picture(scene: 1).pixels.count >> 10) KiB each, by worker:",
        shares.sorted { $0.key < $1.key }.map(\.value))
      try expect(shares.values.reduce(0, +) == count, "each picture should have been filtered once: \(shares)")
      try expect(pictures[1] == Picture(scene: 1).edges(), "the first picture should be what the filter makes of it")
      try save(pictures)
    }
  }

  static func runWorkers(jobs: String, results: String) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...workers {
        var configuration = RPCReceiverConfiguration()
        configuration.transport.receiveHighWaterMark = 1
        let album = CollectingPusher(try RPCPusher(connectingTo: results))
        let puller = Puller(Worker(number: number, album: album), configuration: configuration)
        try await puller.connect(jobs)
        group.addTask { try await puller.run() }
      }
      try await group.waitForAll()
    }
  }

  /// Writes the pictures into a directory, if one was named.
  static func save(_ pictures: [Int: Picture]) throws {
    guard let directory = CommandLine.arguments.dropFirst().first else { return }
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for (number, picture) in pictures {
      try Picture(scene: number).ppm.write(to: URL(fileURLWithPath: "\(directory)/\(number)-photo.ppm"))
      try picture.ppm.write(to: URL(fileURLWithPath: "\(directory)/\(number)-edges.ppm"))
    }
    print("written to \(directory)")
  }
}
