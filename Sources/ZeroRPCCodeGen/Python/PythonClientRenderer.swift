/// Renders the client class of a service.
struct PythonClientRenderer {
  private static let members: Set<String> = ["close", "self", "timeout"]

  let contract: Contract
  let name: String
  let types: PythonTypes

  func render(into writer: inout PythonWriter) {
    writer.write("class \(name):")
    writer.indented { writer in
      writer.writeDocumentation(contract.documentation ?? "Calls the service \(contract.service).")
      writer.write()
      renderConnection(into: &writer)
      var names = Self.members
      for (wireName, method) in contract.methods.sorted(by: { $0.key < $1.key }) {
        let name = PythonNames.identifier(wireName, avoiding: names)
        names.insert(name)
        writer.write()
        render(method, wireName: wireName, as: name, into: &writer)
      }
    }
  }

  private var seconds: String { "\(types.builtin("float")) | None" }

  private func renderConnection(into writer: inout PythonWriter) {
    let parameters = [
      "self", "endpoint: \(types.builtin("str")) | None = None", "*", "timeout: \(types.builtin("float")) = 30",
      "heartbeat: \(seconds) = 5", "client: Any = None",
    ]
    let documentation = """
      Connects to a service.

      endpoint: where the service listens, such as "tcp://127.0.0.1:4242".
      timeout: the seconds that a call waits for its answer, or for the first of a stream.
      heartbeat: the seconds between heartbeats; None for none.
      client: a zerorpc.Client to call by, in place of a new one and of the rest.
      """
    writer.writeFunction("__init__", parameters, result: "None", documentation: documentation) { writer in
      writer.write("if client is None:")
      writer.indented { writer in
        writer.write("if endpoint is None:")
        writer.indented { $0.write("raise ValueError(\"give an endpoint, or a client\")") }
        writer.write("client = zerorpc.Client(endpoint, timeout=timeout, heartbeat=heartbeat)")
      }
      writer.write("self._client = client")
    }
    writer.write()
    writer.writeFunction("close", ["self"], result: "None", documentation: "Closes the connection.") { writer in
      writer.write("self._client.close()")
    }
    writer.write()
    writer.writeFunction("__enter__", ["self"], result: name) { $0.write("return self") }
    writer.write()
    let exit = [
      "self", "kind: \(types.builtin("type"))[BaseException] | None", "error: BaseException | None",
      "traceback: TracebackType | None",
    ]
    writer.writeFunction("__exit__", exit, result: "None") { $0.write("self.close()") }
  }

  private func render(
    _ method: ContractMethod, wireName: String, as name: String, into writer: inout PythonWriter
  ) {
    var names = Self.members.union(types.classes.values)
    let arguments = method.arguments.map { argument in
      let name = PythonNames.identifier(argument.name, avoiding: names)
      names.insert(name)
      return (name: name, type: argument.type)
    }
    let parameters = arguments.map { "\($0.name): \(types.annotation($0.type))" }
    let answer = method.result.map(types.annotation) ?? "None"
    let result = method.stream == .server ? "Iterator[\(answer)]" : answer
    writer.writeFunction(
      name, ["self"] + parameters + ["*", "timeout: \(seconds) = None"], result: result,
      documentation: documentation(of: method)
    ) { writer in
      let values = arguments.map { types.encoded($0.type, $0.name) }
      let all = [PythonText.literal(wireName)] + values + ["**_options(timeout)"]
      renderCall(method, "self._client(\(all.joined(separator: ", ")))", result: result, into: &writer)
    }
  }

  private func renderCall(
    _ method: ContractMethod, _ call: String, result: String, into writer: inout PythonWriter
  ) {
    guard let type = method.result else { return writer.write(call) }
    let converted = types.decoded(type, method.stream == .server ? "_item" : "_answer", depth: 1)
    switch method.stream {
    case .server where converted != "_item": writer.write("return (\(converted) for _item in \(call))")
    case .none where converted != "_answer":
      writer.write("_answer = \(call)")
      writer.write("return \(converted)")
    case .server, .none:
      writer.write("_answer: \(result) = \(call)")
      writer.write("return _answer")
    }
  }

  private func documentation(of method: ContractMethod) -> String? {
    let errors = method.errors.map { "\($0)".split(separator: ".").last.map(String.init) ?? "" }
    let raised =
      errors.isEmpty
      ? nil : "Raises zerorpc.RemoteError, with one of these as its name: \(errors.joined(separator: ", "))."
    let parts = [method.documentation, raised].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "\n\n")
  }
}
