#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A process that we started, in a process group of its own, with pipes at its standard streams.
///
/// Its standard input stays open until it is to stop: by the protocol of the subjects its end tells them that whoever
/// started them is gone, so that not even a killed driver leaves one behind.
final class ChildProcess {
  /// How it ended.
  enum Ending: Equatable, CustomStringConvertible {
    case exited(Int32)
    case killed(signal: Int32)

    var description: String {
      switch self {
      case .exited(let status): "exit status \(status)"
      case .killed(let signal): "killed by signal \(signal)"
      }
    }
  }

  /// What to call it in messages: subject and role.
  let name: String
  let identifier: pid_t
  private(set) var ending: Ending?
  private var standardInput: Int32
  private(set) var output: OutputPipe
  private(set) var errors: OutputPipe

  /// Starts a program.
  init(name: String, command: [String], environment: [String: String]) throws {
    self.name = name
    let input = try Self.pipe()
    let output = try Self.pipe()
    let errors = try Self.pipe()
    defer { for descriptor in [input.read, output.write, errors.write] { close(descriptor) } }
    self.standardInput = input.write
    self.output = OutputPipe(descriptor: output.read)
    self.errors = OutputPipe(descriptor: errors.read)
    do {
      self.identifier = try Self.spawn(
        command, environment: environment, streams: [input.read, output.write, errors.write])
    } catch {
      for descriptor in [input.write, output.read, errors.read] { close(descriptor) }
      throw error
    }
  }

  deinit {
    closeInput()
    output.close()
    errors.close()
  }

  /// Reads what its pipes hold and looks whether it has ended.
  func refresh() {
    output.drain()
    errors.drain()
    guard ending == nil else { return }
    var status: Int32 = 0
    guard waitpid(identifier, &status, WNOHANG) == identifier else { return }
    let signal = status & 0x7f
    ending = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
    // What it wrote last may have come in between.
    output.drain()
    errors.drain()
  }

  /// Closes its standard input, which asks it to stop.
  func closeInput() {
    if standardInput >= 0 { close(standardInput) }
    standardInput = -1
  }

  /// Sends a signal to its whole group. Until it is reaped the number cannot belong to anybody else.
  func signal(_ number: Int32) {
    if ending == nil { kill(-identifier, number) }
  }

  /// Its last words, for messages.
  var lastErrors: String {
    let text = errors.text.split(separator: "\n").suffix(8).map { "    " + $0 }.joined(separator: "\n")
    return text.isEmpty ? "    (nothing on its standard error)" : text
  }

  private static func pipe() throws -> (read: Int32, write: Int32) {
    var descriptors: [Int32] = [0, 0]
    #if canImport(Darwin)
      let result = Darwin.pipe(&descriptors)
    #else
      let result = Glibc.pipe(&descriptors)
    #endif
    guard result == 0 else {
      throw BenchError(.failedRun, "cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    return (descriptors[0], descriptors[1])
  }
}

/// The reading end of a child's output, and what came of it.
struct OutputPipe {
  private var descriptor: Int32
  private var bytes: [UInt8] = []

  /// No subject prints more than a result line of some hundred kilobytes; a child gone wild must not fill our memory.
  private static let limit = 4 << 20

  init(descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  /// The descriptor to poll, or nil after the end.
  var pollable: Int32? { descriptor >= 0 ? descriptor : nil }

  /// What was read so far.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The complete lines so far.
  var lines: [Substring] {
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    return String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n")[...].map { $0 }
  }

  mutating func drain() {
    guard descriptor >= 0 else { return }
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count > 0 {
        bytes.append(contentsOf: chunk[..<count])
        if bytes.count > Self.limit { bytes.removeFirst(bytes.count - Self.limit / 2) }
      } else if count == 0 {
        return close()
      } else if errno != EINTR {
        return
      }
    }
  }

  mutating func close() {
    guard descriptor >= 0 else { return }
    #if canImport(Darwin)
      _ = Darwin.close(descriptor)
    #else
      _ = Glibc.close(descriptor)
    #endif
    descriptor = -1
  }
}
