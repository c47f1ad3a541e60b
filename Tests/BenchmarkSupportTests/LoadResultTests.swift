import Foundation
import Testing

@testable import BenchmarkSupport

@Suite struct LoadResultTests {
  /// A line as the floor's C program prints it.
  private let line = """
    {"subject":"floor","mode":"open-loop","endpoint":"tcp://127.0.0.1:4242","in_flight":1,"connections":2,"size":60,\
    "sent":3,"received":3,"elapsed_ns":2000000000,"cpu_user_ns":10,"cpu_system_ns":20,"voluntary_switches":5,\
    "involuntary_switches":1,"max_rss_bytes":6184960,"optimized":true,"latency_ns":{"count":3,"min":100,"mean":200,\
    "p50":200,"p90":300,"p99":300,"p99_9":300,"max":300},"histogram":[[100,1],[200,1],[278,1]]}
    """

  @Test func decodesTheProtocolsLine() throws {
    let result = try JSONDecoder().decode(LoadResult.self, from: Data(line.utf8))
    #expect(result.mode == .openLoop)
    #expect(result.rate == 1.5)
    #expect(result.latency.count == 3)
    #expect(result.latency.percentile(0.5) == 200)
    #expect(result.latency.percentile(1) == 300)
    #expect(result.latency.mean == 200)
  }

  @Test func encodesWhatItDecodes() throws {
    let result = try JSONDecoder().decode(LoadResult.self, from: Data(line.utf8))
    let again = try JSONDecoder().decode(LoadResult.self, from: JSONEncoder().encode(result))
    #expect(again == result)
  }

  @Test func refusesBucketsThatDoNotExist() {
    for bad in ["[[100]]", "[[99999999,1]]"] {
      let text = line.replacingOccurrences(of: "[[100,1],[200,1],[278,1]]", with: bad)
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(LoadResult.self, from: Data(text.utf8)) }
    }
  }

  @Test(arguments: [
    (LoadMode.sequential, 2, 1), (.pipelined, 4, 8), (.openLoop, 1, 1), (.pipelined, 0, 1),
  ])
  func optionsThatDoNotFitAreNamed(mode: LoadMode, inFlight: Int, connections: Int) {
    var options = LoadOptions(endpoint: "tcp://127.0.0.1:1", mode: mode)
    options.count = 10
    options.inFlight = inFlight
    options.connections = connections
    #expect(options.problem != nil)
  }
}
