/// Holds what the directives above a service protocol say.
struct ServiceDirectives {
  static let known = ["service", "methodNames"]

  /// The service's name on the wire, with its place.
  var service: Directive.Value?
  /// How the methods' names travel.
  var methodNames: MethodNaming?

  init(_ comments: [DirectiveComment], diagnostics: inout [Diagnostic]) {
    var reader = DirectiveReader(comments, known: Self.known, onOtherKind: MethodDirectives.known, place: "a service")
    service = reader.text(of: "service", example: "calculator")
    methodNames = reader.choice(of: "methodNames", as: MethodNaming.self)
    diagnostics += reader.diagnostics
  }
}
