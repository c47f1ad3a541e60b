internal import GRPCCore

/// Sends back what it gets, and streams items of a size.
struct EchoService: RegistrableRPCService {
  static let call = MethodDescriptor(fullyQualifiedService: "benchmark.Echo", method: "Call")
  static let stream = MethodDescriptor(fullyQualifiedService: "benchmark.Echo", method: "Stream")

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(forMethod: Self.call, deserializer: RawBytes(), serializer: RawBytes()) { request, _ in
      let request = try await ServerRequest(stream: request)
      return StreamingServerResponse(single: ServerResponse(message: request.message))
    }
    router.registerHandler(forMethod: Self.stream, deserializer: RawBytes(), serializer: RawBytes()) { request, _ in
      let order = try StreamOrder(bytes: try await ServerRequest(stream: request).message)
      return StreamingServerResponse { writer in
        let item = [UInt8](repeating: 0, count: order.size)
        for _ in 0..<order.count { try await writer.write(item) }
        return [:]
      }
    }
  }
}

/// What a client asks of the stream, as text: a count and a size.
struct StreamOrder {
  var count: UInt64
  var size: Int

  init(count: UInt64, size: Int) {
    self.count = count
    self.size = size
  }

  init(bytes: [UInt8]) throws {
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    guard parts.count == 2, let count = UInt64(parts[0]), let size = Int(parts[1]) else {
      throw RPCError(code: .invalidArgument, message: "the request is not a count and a size")
    }
    self.init(count: count, size: size)
  }

  var bytes: [UInt8] { Array("\(count) \(size)".utf8) }
}
