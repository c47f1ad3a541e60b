import ArgumentParser
import Foundation
import ZeroRPC

/// A list of things to do, kept by one process and used by others on the same machine.
@main
struct TodoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "todo", abstract: "Keep a list of what is to be done, in a process of its own.",
    subcommands: [Serve.self, Add.self, List.self, Done.self, Watch.self, Check.self], defaultSubcommand: Check.self)

  /// Where the list is served: a socket file that only its owner can use.
  struct Place: ParsableArguments {
    @Option(name: .customLong("at"), help: ArgumentHelp("Where the list is served.", valueName: "endpoint"))
    var endpoint = "ipc:///tmp/todo-\(getuid()).sock"

    /// Calls the list; says in one line what went wrong, and ends with a status that tells scripts.
    func call(_ body: (TodoClient) async throws -> Void) async throws {
      var configuration = RPCClientConfiguration()
      configuration.timeout = .seconds(2)
      do {
        try await withRPCClient(connectingTo: endpoint, configuration: configuration) { try await body(TodoClient($0)) }
      } catch let error as NoSuchItem {
        try fail("\(error)", status: 1)
      } catch let error as RPCError {
        try fail("nobody serves a list at \(endpoint) (\(error.code)); start one with: todo serve", status: 69)
      }
    }

    private func fail(_ text: String, status: Int32) throws {
      FileHandle.standardError.write(Data("todo: \(text)\n".utf8))
      throw ExitCode(status)
    }
  }

  /// Serves the list until it is told to end.
  struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the list until Ctrl-C.")
    @OptionGroup var place: Place

    func run() async throws {
      // The socket file gets what the mask leaves: nobody else may connect.
      umask(0o077)
      var configuration = RPCServerConfiguration()
      // Watching never ends by itself, and should not hold up the end.
      configuration.shutdownGrace = .milliseconds(500)
      let server = RPCServer(services: [TodoList()], configuration: configuration)
      try await server.bind(place.endpoint)
      try await server.runUntilSignalled()
    }
  }

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add an item.")
    @OptionGroup var place: Place
    @Argument var text: [String]

    func run() async throws {
      try await place.call { print(line(try await $0.add(text.joined(separator: " ")))) }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show all items.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.call { for item in try await $0.list() { print(line(item)) } }
    }
  }

  struct Done: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Tick an item off.")
    @OptionGroup var place: Place
    @Argument var number: Int

    func run() async throws {
      try await place.call { print(line(try await $0.finish(number))) }
    }
  }

  struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show how many items are left, whenever that changes.")
    @OptionGroup var place: Place

    func run() async throws {
      try await place.call { todo in
        for try await items in try await todo.watch() {
          print("\(items.count { !$0.isDone }) of \(items.count) left")
          // Who reads this may do so through a pipe, which is buffered.
          fflush(nil)
        }
      }
    }
  }
}

/// An item as it is shown.
func line(_ item: Item) -> String { "\(item.isDone ? "☑" : "☐") \(item.number) \(item.text)" }
