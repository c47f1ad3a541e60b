/// Holds what the directives above a service protocol say.
struct ServiceDirectives {
  static let known =
    ["service", "methodNames", MethodDirectives.throwing] + MessagePattern.allCases.map(\.rawValue)

  /// The service's name on the wire, with its place.
  var service: Directive.Value?
  /// How the methods' names travel.
  var methodNames: MethodNaming?
  /// The kinds of types to generate, each with the place where it is asked for.
  var patterns: [MessagePattern: SourcePosition] = [:]
  /// The errors of all methods that arrive as themselves, each with its place.
  var errors: [Directive.Value] = []

  init(_ comments: [DirectiveComment], diagnostics: inout [Diagnostic]) {
    var reader = DirectiveReader(comments, known: Self.known, onOtherKind: MethodDirectives.known, place: "a service")
    service = reader.text(of: "service", example: "calculator")
    methodNames = reader.choice(of: "methodNames", as: MethodNaming.self)
    for pattern in MessagePattern.allCases { patterns[pattern] = reader.flagPosition(pattern.rawValue) }
    errors = reader.types(of: MethodDirectives.throwing, example: "CalculatorError")
    diagnostics += reader.diagnostics
  }
}
