import ExampleSupport
import ZeroRPC

/// What the Python service offers.
protocol Model: RPCService {
  /// Trains the network, and tells after each epoch how good it is.
  func train(epochs: Int) async throws -> RPCStream<Epoch>
  /// The probability of each digit, for each picture.
  func classify(_ pictures: [[Int]]) async throws -> [[Double]]
}

struct Epoch: Codable, Sendable {
  var epoch: Int
  var loss: Double
  var accuracy: Double
}

/// What callers see.
protocol DigitReader: RPCService {
  /// Reads a row of digits. One that is not certain is a question mark.
  // zerorpc: throws = BadPicture
  func read(_ pictures: [[Int]]) async throws -> Reading
}

struct Reading: Codable, Sendable {
  var text: String
  /// How probable each digit is, from 0 to 1.
  var confidence: [Double]
}

/// A picture is none.
struct BadPicture: Error, Codable {
  var index: Int
  var reason: String
}

/// The front: it checks what callers send, asks the model once for all digits, and decides what is certain enough.
struct Front: DigitReader {
  let model: ModelClient

  func read(_ pictures: [[Int]]) async throws -> Reading {
    for (index, picture) in pictures.enumerated() {
      guard picture.count == Glyph.pixels, picture.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        throw BadPicture(index: index, reason: "a picture is a list of \(Glyph.pixels) pixels, each 0 or 1")
      }
    }
    var reading = Reading(text: "", confidence: [])
    for probabilities in try await model.with({ $0.timeout = .seconds(20) }).classify(pictures) {
      let best = probabilities.max() ?? 0
      let digit = probabilities.firstIndex(of: best) ?? 0
      reading.text += best < 0.6 ? "?" : "\(digit)"
      reading.confidence.append(best)
    }
    return reading
  }
}

@main
struct ModelServer {
  static func main() async {
    await runExample {
      try await withPythonService("python/model_server.py") { endpoint in
        try await withRPCClient(connectingTo: endpoint) { client in
          let model = ModelClient(client)
          try await train(model)

          let server = RPCServer(services: [Front(model: model)])
          let front = try await server.bind("tcp://127.0.0.1:*")
          let serving = Task { try await server.run() }
          try await withRPCClient(connectingTo: front) { client in
            try await read(with: DigitReaderClient(client))
          }
          server.beginGracefulShutdown()
          try await serving.value
        }
      }
    }
  }

  /// Has the model trained until it is good enough; leaving the loop ends the training.
  static func train(_ model: ModelClient) async throws {
    var accuracy = 0.0
    for try await epoch in try await model.train(epochs: 50) {
      print("epoch \(epoch.epoch): loss \(round(epoch.loss)), accuracy \(round(epoch.accuracy))")
      accuracy = epoch.accuracy
      if epoch.accuracy >= 0.95 && epoch.epoch >= 3 { break }
    }
    try expect(accuracy >= 0.95, "the network should learn to read 95 of 100 digits, not \(accuracy)")
  }

  static func read(with reader: DigitReaderClient) async throws {
    // Digits with some wrong pixels, always the same.
    var noise = SplitMix(state: 2)
    let number = (0..<100).map { _ in Int(noise.next() % 10) }
    let pictures = number.map { Glyph(of: $0, noise: 0.05, &noise).bits }
    print(Glyph.row(pictures.prefix(8)))

    let reading = try await reader.read(pictures)
    let digits = Array(reading.text)
    print("read as \(reading.text.prefix(8)), then \(reading.text.dropFirst(8))")
    let hits = zip(number, digits).count { "\($0)" == String($1) }
    print("\(hits) of \(number.count) digits were read right")
    try expect(hits >= 90, "at least 90 of 100 digits should be read right, not \(hits)")

    do {
      let reading = try await reader.read([[1, 0, 1]])
      throw Unexpected(description: "three pixels are no digit, not even \(reading.text)")
    } catch let error as BadPicture {
      print("three pixels: \(error.reason)")
    }
  }

  static func round(_ number: Double) -> Double { (number * 1_000).rounded() / 1_000 }
}
