internal import Dispatch
internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// How a subject learns that it is to stop.
package enum StopRequest {
  /// Returns at SIGTERM, SIGINT or the end of standard input.
  package static func wait() async {
    let (requests, continuation) = AsyncStream.makeStream(of: Void.self)
    var sources: [any DispatchSourceSignal] = []
    for number in [SIGTERM, SIGINT] {
      // The default action would end the process before the source is asked.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield() }
      source.resume()
      sources.append(source)
    }
    Thread.detachNewThread {
      readToEnd()
      continuation.yield()
    }
    for await _ in requests { break }
    for source in sources { source.cancel() }
  }

  /// Ends this process when the pipe at its standard input closes: whoever started it is gone.
  package static func exitWithParent() {
    var input = stat()
    guard fstat(0, &input) == 0, input.st_mode & S_IFMT == S_IFIFO else { return }
    Thread.detachNewThread {
      readToEnd()
      _exit(130)
    }
  }

  private static func readToEnd() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(0, &bytes, bytes.count) > 0 {}
  }
}
