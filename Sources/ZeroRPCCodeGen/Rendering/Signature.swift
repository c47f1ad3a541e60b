/// Names the parameters of a method so that its generated bodies can use them.
struct Signature {
  struct Parameter {
    var label: String?
    /// The name in the bodies; never `self` or `_`, never that of another parameter.
    var name: String
    var type: String
  }

  let method: MethodModel
  let parameters: [Parameter]

  init(method: MethodModel) {
    self.method = method
    // A parameter named as a type that the body decodes would hide the type.
    var taken: Set<String> = ["self", "_", ""]
    taken.formUnion(
      method.typeTexts.flatMap { $0.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init) })
    parameters = method.parameters.enumerated().map { index, parameter in
      let wanted = parameter.name ?? parameter.label ?? "argument\(index + 1)"
      let name = Identifier.unique(wanted == "self" ? "self_" : wanted, avoiding: taken)
      taken.insert(name)
      return Parameter(label: parameter.label, name: name, type: parameter.type)
    }
  }

  /// The names of the parameters.
  var names: Set<String> { Set(parameters.map(\.name)) }

  /// A name for a local that no parameter has.
  func local(_ name: String) -> String { Identifier.unique(name, avoiding: names) }

  /// The parameters as a declaration writes them.
  var declarations: [String] {
    parameters.map { parameter in
      let label = parameter.label.map(Identifier.label) ?? "_"
      let isShort = parameter.label == parameter.name
      return (isShort ? "" : "\(label) ") + "\(Identifier.name(parameter.name)): \(parameter.type)"
    }
  }

  /// The arguments of a call that passes the parameters on.
  var arguments: [String] {
    parameters.map { parameter in
      (parameter.label.map { "\(Identifier.label($0)): " } ?? "") + Identifier.name(parameter.name)
    }
  }

  /// The arrow and the result, with the space before; empty for a method that answers nothing.
  var arrow: String {
    switch method.result {
    case .void: ""
    case .value(let type): " -> \(type)"
    case .stream(let element): " -> RPCStream<\(element)>"
    }
  }
}

extension MethodModel {
  /// The types of the parameters and of the result.
  fileprivate var typeTexts: [String] {
    let results: [String] =
      switch result {
      case .void: []
      case .value(let type): [type]
      case .stream(let element): [element]
      }
    return parameters.map(\.type) + results
  }
}
