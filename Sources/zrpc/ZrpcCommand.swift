internal import ArgumentParser

/// Is the command line of zerorpc services.
@main
struct ZrpcCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zrpc",
    abstract:
      "Calls and inspects zerorpc services, of Swift, Python and any other language, and runs proxies and brokers.",
    usage: """
      zrpc <command> [<options>] [<arguments>]
      zrpc [<options>] <endpoint> [<method> [<args> ...]]
      """,
    discussion: """
      With an endpoint in place of a command it does what Python's zerorpc command does:
        zrpc tcp://127.0.0.1:4242                   list the methods of a service
        zrpc tcp://127.0.0.1:4242 greet Ada         call one
      Its commands do more:
        zrpc call tcp://127.0.0.1:4242 add 1 2      numbers, and JSON back
        zrpc import tcp://127.0.0.1:4242            write its Swift protocol
        zrpc bench tcp://127.0.0.1:4242 add 1 2     measure it

      \(Failure.exitCodes)

      'zrpc help COMMAND' describes a command. 'zrpc --generate-completion-script bash' (or zsh, fish) prints a script that \
      completes commands and options.
      """,
    subcommands: [
      CallCommand.self, InspectCommand.self, ImportCommand.self, BenchCommand.self, ProxyCommand.self,
      BrokerCommand.self, TopCommand.self, MonitorCommand.self, KeygenCommand.self, PythonCommand.self,
    ],
    defaultSubcommand: PythonCommand.self)
}
