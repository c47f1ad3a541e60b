internal import MessagePack

/// Answers the six questions that every zerorpc service answers about itself (PROTOCOL 1.7).
struct Introspection: Sendable {
  let name: String
  let methods: [RPCMethodDefinition]

  /// The built-in methods.
  var definitions: [RPCMethodDefinition] {
    [
      RPCMethodDefinition("_zerorpc_ping") { call in
        try call.arguments(count: 0) { _ in }
        try call.reply { packer in
          packer.packArrayHeader(2)
          packer.packString("pong")
          packer.packString(name)
        }
      },
      RPCMethodDefinition("_zerorpc_name") { call in
        try call.arguments(count: 0) { _ in }
        try call.reply { $0.packString(name) }
      },
      RPCMethodDefinition("_zerorpc_list") { call in
        try call.arguments(count: 0) { _ in }
        try call.reply { packer in
          packer.packArrayHeader(methods.count)
          for method in methods { packer.packString(method.name) }
        }
      },
      RPCMethodDefinition("_zerorpc_help", parameters: [RPCParameter("method", type: "String")]) { call in
        let method = try find(call)
        try call.reply { pack(method.documentation, into: &$0) }
      },
      RPCMethodDefinition("_zerorpc_args", parameters: [RPCParameter("method", type: "String")]) { call in
        let method = try find(call)
        try call.reply { packer in
          // As Python's getargspec: names, the name of *args, the name of **kwargs, defaults.
          packer.packArrayHeader(4)
          packer.packArrayHeader(method.parameters.count)
          for parameter in method.parameters { packer.packString(parameter.name) }
          for _ in 0..<3 { packer.packNil() }
        }
      },
      RPCMethodDefinition("_zerorpc_inspect") { call in
        try call.arguments(count: 0) { _ in }
        try call.reply { inspect(into: &$0) }
      },
    ]
  }

  private func find(_ call: RPCServerCall) throws -> RPCMethodDefinition {
    let wanted = try call.arguments(count: 1) { try $0.decode(0, as: String.self) }
    guard let method = methods.first(where: { $0.name == wanted }) else {
      throw RemoteError(name: "KeyError", message: "'\(wanted)'")
    }
    return method
  }

  /// The reference's description, and beside it the Swift types, which it has no place for.
  private func inspect(into packer: inout MessagePackPacker) {
    packer.packMapHeader(3)
    packer.packString("name")
    packer.packString(name)
    packer.packString("methods")
    packer.packMapHeader(methods.count)
    for method in methods {
      packer.packString(method.name)
      packer.packMapHeader(2)
      packer.packString("args")
      packer.packArrayHeader(method.parameters.count)
      for parameter in method.parameters {
        packer.packMapHeader(1)
        packer.packString("name")
        packer.packString(parameter.name)
      }
      packer.packString("doc")
      pack(method.documentation, into: &packer)
    }
    packer.packString("types")
    packer.packMapHeader(methods.count)
    for method in methods {
      packer.packString(method.name)
      packer.packMapHeader(3)
      packer.packString("args")
      packer.packArrayHeader(method.parameters.count)
      for parameter in method.parameters { packer.packString(parameter.type) }
      packer.packString("returns")
      pack(method.result, into: &packer)
      packer.packString("stream")
      packer.packBool(method.isStream)
    }
  }

  private func pack(_ text: String?, into packer: inout MessagePackPacker) {
    if let text { packer.packString(text) } else { packer.packNil() }
  }
}
