import ZeroRPCCodeGen

/// Places that tests do not care about.
func at(_ line: Int = 1, _ column: Int = 1, file: String = "Sources/Calculator.swift") -> SourcePosition {
  SourcePosition(file: file, line: line, column: column)
}

extension ServiceModel {
  /// The service of the guide: parameters with and without labels, a stream, a name of its own on the wire.
  static let calculator = ServiceModel(
    name: "Calculator", access: .public, documentation: "Adds and counts.",
    methods: [
      MethodModel(
        name: "add", documentation: "Adds two numbers.",
        parameters: [
          ParameterModel(label: nil, name: "a", type: "Int"), ParameterModel(label: nil, name: "b", type: "Int"),
        ], result: .value(type: "Int"), position: at(5, 8)),
      MethodModel(
        name: "divide",
        parameters: [
          ParameterModel(label: nil, name: "a", type: "Double"), ParameterModel(label: "by", name: "b", type: "Double"),
        ], result: .value(type: "Double"), position: at(6, 8)),
      MethodModel(
        name: "count", documentation: "Counts from zero up to `limit`.",
        parameters: [ParameterModel(label: "to", name: "limit", type: "Int")], result: .stream(element: "Int"),
        position: at(8, 8)),
      MethodModel(name: "reset", wireName: "reset_all", isIdempotent: true, position: at(10, 8)),
    ], position: at(4, 17))
}

extension TargetModel {
  /// A target with nothing but the calculator.
  static let calculator = TargetModel(
    imports: [.single(SingleImport(access: "public", path: "ZeroRPC"))], services: [.calculator])
}

extension ProtocolDeclaration {
  /// A protocol that is a service.
  static func service(
    _ name: String, _ methods: [MethodDeclaration] = [], inherits: [String] = ["RPCService"],
    directives: [DirectiveComment] = [], typeNames: Set<String> = [], position: SourcePosition = at()
  ) -> ProtocolDeclaration {
    ProtocolDeclaration(
      name: name, inherited: inherits.map { InheritedType(name: $0, position: position) }, directives: directives,
      methods: methods, typeNames: typeNames, requirementCount: methods.count, position: position)
  }
}

extension MethodDeclaration {
  /// A method without parameters and result.
  static func method(
    _ name: String, directives: [DirectiveComment] = [], position: SourcePosition = at()
  ) -> MethodDeclaration {
    MethodDeclaration(method: MethodModel(name: name, position: position), directives: directives)
  }
}
