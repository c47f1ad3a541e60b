import ExampleSupport
import Foundation
import ZeroRPC

@main
struct BinaryStar {
  static func main() async {
    await runExample {
      let folder = FileManager.default.temporaryDirectory.appending(path: "binary-star-\(UUID().uuidString.prefix(8))")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let primary = Place(folder, "primary", peer: "backup")
      let backup = Place(folder, "backup", peer: "primary")
      let client = try FailoverClient([primary.endpoint, backup.endpoint])

      var first = primary.start(.primary)
      let second = backup.start(.backup)
      try await waitUntil { first.server.state == .active && second.server.state == .passive }
      try await call(client, times: 100, expecting: "primary")

      first.task.cancel()
      try await first.task.value
      print("the primary is gone")
      try await call(client, times: 100, expecting: "backup")
      try expect(second.server.state == .active, "the backup should be active")

      first = primary.start(.primary)
      try await waitUntil { first.server.state == .passive }
      print("the primary is back and stands by")
      try await call(client, times: 100, expecting: "backup")

      await client.close()
      for running in [first, second] {
        running.task.cancel()
        try await running.task.value
      }
    }
  }

  /// Makes calls, of which none may fail, and all must be answered by one server.
  static func call(_ client: FailoverClient, times: Int, expecting expected: String) async throws {
    for _ in 0..<times {
      let name = try await client.whoAnswers(within: .seconds(20))
      try expect(name == expected, "the \(expected) should have answered, not the \(name)")
    }
    print("the \(expected) answered \(times) calls")
  }
}

/// Says where a server of the pair and its peer are to be found.
struct Place {
  let endpoint: String
  private let state: String
  private let peerState: String

  init(_ folder: URL, _ name: String, peer: String) {
    endpoint = "ipc://\(folder.path)/\(name)"
    state = "ipc://\(folder.path)/\(name)-state"
    peerState = "ipc://\(folder.path)/\(peer)-state"
  }

  /// Starts the server of this place.
  func start(_ state: StateMachine.State) -> (server: StarServer, task: Task<Void, any Error>) {
    let server = StarServer(state)
    let task = Task { try await server.run(at: endpoint, publishingAt: self.state, listeningTo: peerState) }
    return (server, task)
  }
}
