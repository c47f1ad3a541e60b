/// Holds what the directives above a service protocol say.
struct ServiceDirectives {
  static let known = ["service", "methodNames", MethodDirectives.throwing]

  /// The service's name on the wire, with its place.
  var service: Directive.Value?
  /// How the methods' names travel.
  var methodNames: MethodNaming?
  /// The errors of all methods that arrive as themselves, each with its place.
  var errors: [Directive.Value] = []

  init(_ comments: [DirectiveComment], diagnostics: inout [Diagnostic]) {
    var reader = DirectiveReader(comments, known: Self.known, onOtherKind: MethodDirectives.known, place: "a service")
    service = reader.text(of: "service", example: "calculator")
    methodNames = reader.choice(of: "methodNames", as: MethodNaming.self)
    errors = reader.types(of: MethodDirectives.throwing, example: "CalculatorError")
    diagnostics += reader.diagnostics
  }
}
