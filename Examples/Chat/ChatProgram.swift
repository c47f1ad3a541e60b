import ExampleSupport
import Foundation
import ZeroRPC

@main
struct ChatProgram {
  static func main() async throws {
    let words = Array(CommandLine.arguments.dropFirst())
    switch words.first {
    case nil: await runExample { try await check() }
    case "serve": try await serve(at: words.dropFirst().first ?? "tcp://127.0.0.1:4260")
    case "join" where words.count > 1:
      try await join(as: words[1], at: words.dropFirst(2).first ?? "tcp://127.0.0.1:4260")
    default:
      print("usage: chat | chat serve [ENDPOINT] | chat join NAME [ENDPOINT]")
      exit(64)
    }
  }

  /// Three people who talk to each other, one of whom comes later.
  static func check() async throws {
    let server = RPCServer(services: [try Room(publishingAt: "tcp://127.0.0.1:*")])
    let endpoint = try await server.bind("tcp://127.0.0.1:*")
    let serving = Task { try await server.run() }
    try await withRPCClient(connectingTo: endpoint) { client in
      let ada = Member(name: "Ada", client: client)
      let bob = Member(name: "Bob", client: client)
      let eve = Member(name: "Eve", client: client)
      try await ada.visit { ada in
        try await ada.say("Is anybody here?")
        try await bob.visit { bob in
          try await bob.say("I am.")
          try await eve.visit { eve in
            try await heard(2, by: [ada, bob, eve])  // Eve was told what was said before
            async let one: Void = ada.say("Hello Eve!")
            async let other: Void = bob.say("Hi!")
            _ = try await (one, other)
            try await eve.say("Hello both.")
            try await heard(5, by: [ada, bob, eve])
          }
          do {
            try await Member(name: "Bob", client: client).visit { _ in }
            throw Unexpected(description: "there should be only one Bob")
          } catch let error as NameTaken {
            print("a second \(error.name) was turned away")
          }
        }
      }
      let transcript = await ada.transcript
      for message in transcript { print("\(message.number) \(message.author): \(message.text)") }
      try expect(transcript.map(\.number) == [1, 2, 3, 4, 5], "Ada should have heard five messages in order")
      let others = [await bob.transcript, await eve.transcript]
      try expect(others == [transcript, transcript], "all should have heard the same, in the same order: \(others)")
    }
    server.beginGracefulShutdown()
    try await serving.value
  }

  static func heard(_ count: Int, by members: [Member]) async throws {
    for member in members { try await waitUntil { await member.transcript.count >= count } }
  }

  static func serve(at endpoint: String) async throws {
    let server = RPCServer(services: [try Room(publishingAt: "tcp://127.0.0.1:*")])
    print("the room is at", try await server.bind(endpoint))
    try await server.runUntilSignalled()
  }

  static func join(as name: String, at endpoint: String) async throws {
    try await withRPCClient(connectingTo: endpoint) { client in
      let member = Member(name: name, client: client) { print("\($0.author): \($0.text)") }
      try await member.visit { member in
        print("you are in; what you type is said, Ctrl-D leaves")
        for await line in typedLines() { try await member.say(line) }
      }
    }
  }

  /// The lines of the standard input. Reading them blocks, so it is done by a thread of its own.
  static func typedLines() -> AsyncStream<String> {
    let (lines, typed) = AsyncStream.makeStream(of: String.self)
    Thread.detachNewThread {
      while let line = readLine() { typed.yield(line) }
      typed.finish()
    }
    return lines
  }
}
