internal import ArgumentParser

@main
struct BenchCommand: ParsableCommand {
  mutating func run() throws {}
}
