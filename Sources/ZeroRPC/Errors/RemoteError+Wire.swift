internal import MessagePack

extension RemoteError {
  /// Reads the arguments of an `ERR` event: name, message and traceback, or the single text of a version 1 peer. Python 2
  /// peers send text as binary. Whatever is not as expected still gives an error.
  init(parsing arguments: UnsafeRawBufferPointer) {
    self.init(name: "RemoteError", message: "the peer reported an error that cannot be read")
    guard let value = try? MessagePackParser.withView(of: arguments, body: { try $0.value() }),
      case .array(let parts) = value
    else { return }
    if parts.count == 1, let text = parts[0].text {
      message = text
      return
    }
    if parts.count > 0, let text = parts[0].text { name = text }
    if parts.count > 1 { message = parts[1].text ?? (parts[1] == .nil ? "" : "\(parts[1])") }
    if parts.count > 2 { traceback = parts[2].text }
  }
}

extension MessagePackValue {
  /// The text of a string, or of binary that is UTF-8.
  var text: String? {
    switch self {
    case .string(let text): text
    case .binary(let bytes): String(validating: bytes, as: UTF8.self)
    default: nil
    }
  }
}
