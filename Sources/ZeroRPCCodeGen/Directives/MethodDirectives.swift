/// Holds what the directives above a requirement say.
struct MethodDirectives {
  static let known = ["name", "idempotent", throwing]
  static let throwing = "throws"

  /// The name on the wire, with its place.
  var name: Directive.Value?
  /// Whether the method may be called again when an answer is lost.
  var isIdempotent = false
  /// The errors that arrive as themselves, each with its place.
  var errors: [Directive.Value] = []

  init(_ comments: [DirectiveComment], diagnostics: inout [Diagnostic]) {
    var reader = DirectiveReader(comments, known: Self.known, onOtherKind: ServiceDirectives.known, place: "a method")
    name = reader.text(of: "name", example: "reset_all")
    isIdempotent = reader.flag("idempotent")
    errors = reader.types(of: Self.throwing, example: "CalculatorError")
    diagnostics += reader.diagnostics
  }
}
