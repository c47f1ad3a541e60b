/// Holds what the directives above a requirement say.
struct MethodDirectives {
  static let known = ["name", "idempotent"]

  /// The name on the wire, with its place.
  var name: Directive.Value?
  /// Whether the method may be called again when an answer is lost.
  var isIdempotent = false

  init(_ comments: [DirectiveComment], diagnostics: inout [Diagnostic]) {
    var reader = DirectiveReader(comments, known: Self.known, onOtherKind: ServiceDirectives.known, place: "a method")
    name = reader.text(of: "name", example: "reset_all")
    isIdempotent = reader.flag("idempotent")
    diagnostics += reader.diagnostics
  }
}
