internal import ArgumentParser

/// Is the command line of zerorpc services.
@main
struct ZrpcCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zrpc",
    abstract:
      "Calls and inspects zerorpc services, of Swift, Python and any other language, and runs proxies and brokers.",
    discussion: """
      It exits with 1 if the service answers with an error, with 2 if no usable answer comes (a time-out, a lost peer), \
      and with 64 if the command line is wrong.
      """,
    subcommands: [
      CallCommand.self, InspectCommand.self, ProxyCommand.self, BrokerCommand.self, TopCommand.self,
      MonitorCommand.self, KeygenCommand.self,
    ])
}
