#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Writes lines at once, so that items of a stream are seen as they arrive.
enum StandardOutput {
  /// Reports that nobody reads any more.
  struct Closed: Error {}

  /// Reports that writing failed, as on a full disk.
  struct WriteError: Error, CustomStringConvertible {
    let number: Int32
    var description: String { "cannot write to the standard output: \(String(cString: strerror(number)))" }
  }

  /// Whether somebody looks at a terminal: then lines may be drawn anew, and colours be used.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Writes a line.
  ///
  /// - Throws: ``Closed`` or ``WriteError``.
  static func write(line: String) throws {
    try write(text: "\(line)\n")
  }

  /// Writes text as it is.
  ///
  /// - Throws: ``Closed`` or ``WriteError``.
  static func write(text: String) throws {
    switch writeAll(text, to: STDOUT_FILENO) {
    case 0: return
    case EPIPE: throw Closed()
    case let number: throw WriteError(number: number)
    }
  }
}

/// Writes complaints.
enum StandardError {
  /// Writes a line, in which what would steer a terminal is made visible: the text may come from the peer.
  static func write(line: String) {
    _ = writeAll("\(line.withoutControls)\n", to: STDERR_FILENO)
  }

  /// Whether somebody looks at a terminal.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Draws the last line of a terminal anew.
  static func showStatus(_ line: String) {
    _ = writeAll("\r\(line.withoutControls)\u{1B}[K", to: STDERR_FILENO)
  }
}

extension String {
  /// The text with control characters other than line feeds and tabs written as escapes.
  var withoutControls: String {
    guard unicodeScalars.contains(where: \.isTerminalControl) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isTerminalControl && scalar != "\n" && scalar != "\t" {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Whether a terminal could take it for a command: the C0 and C1 controls.
  var isTerminalControl: Bool { value < 0x20 || (0x7f...0x9f).contains(value) }
}

/// Writes all of a text, and returns 0 or the number of the error.
private func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
  var text = text
  return text.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)
    while !rest.isEmpty {
      let count = write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno == EAGAIN {
        // Somebody else's non-blocking terminal or pipe.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}
