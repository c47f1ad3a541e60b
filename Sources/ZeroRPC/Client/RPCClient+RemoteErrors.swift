internal import MessagePack
internal import ZeroMQ

extension RPCClient {
  /// The error that a caller sees when the peer answers with one: a declared one as itself, what a mapper makes of it, or a
  /// ``RemoteError``.
  func remoteFailure(of call: ClientCall, _ errors: () -> [RPCErrorType]) -> any Error {
    let start = call.replyArguments
    return call.reply.withUnsafeBytes { bytes in
      let remote = RemoteError(parsing: UnsafeRawBufferPointer(rebasing: bytes[start...]))
      guard let layout = try? EventReader.read(bytes) else { return remote }
      let types = errors() + configuration.errorTypes
      if let error = DeclaredError.read(bytes, named: remote.name, layout, types) { return error }
      if configuration.errorMappers.isEmpty { return remote }
      let context = RPCErrorContext(
        method: call.method, endpoint: call.connection.endpoint,
        headers: HeaderEntries.read(UnsafeRawBufferPointer(rebasing: bytes[layout.header])))
      for mapper in configuration.errorMappers {
        if let error = mapper.error(for: remote, of: context) { return error }
      }
      return remote
    }
  }
}
