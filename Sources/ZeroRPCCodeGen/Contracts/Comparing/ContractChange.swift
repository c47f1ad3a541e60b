/// Describes one difference between a recorded contract and the current one.
public struct ContractChange: Sendable, Equatable {
  /// What a change does to callers that know the recorded contract only.
  public enum Severity: Sendable {
    /// Their calls fail, or mean something else.
    case breaking
    /// Their calls go on working, but their source must change when they are built against the new contract.
    case source
    /// They notice nothing.
    case compatible
  }

  /// The kinds of changes. `Documentation/Evolution.md` explains each under its raw value.
  public enum Kind: String, Sendable, CaseIterable {
    case serviceRemoved = "service-removed"
    case methodRemoved = "method-removed"
    case methodRenamed = "method-renamed"
    case argumentAdded = "argument-added"
    case argumentRemoved = "argument-removed"
    case argumentOrder = "argument-order"
    case argumentType = "argument-type"
    case argumentRequired = "argument-required"
    case resultType = "result-type"
    case resultOptional = "result-optional"
    case resultRemoved = "result-removed"
    case streamChanged = "stream-changed"
    case errorRemoved = "error-removed"
    case errorType = "error-type"
    case idempotentRemoved = "idempotent-removed"
    case fieldRequired = "field-required"
    case fieldRemoved = "field-removed"
    case fieldOptional = "field-optional"
    case fieldType = "field-type"
    case caseAdded = "case-added"
    case caseRemoved = "case-removed"

    case swiftName = "swift-name"
    case argumentName = "argument-name"

    case serviceAdded = "service-added"
    case serviceName = "service-name"
    case methodAdded = "method-added"
    case argumentWidened = "argument-widened"
    case resultNarrowed = "result-narrowed"
    case resultAdded = "result-added"
    case errorAdded = "error-added"
    case idempotentAdded = "idempotent-added"
    case typeChanged = "type-changed"
    case documentation = "documentation"

    /// What changes of this kind do.
    public var severity: Severity {
      switch self {
      case .serviceRemoved, .methodRemoved, .methodRenamed, .argumentAdded, .argumentRemoved, .argumentOrder,
        .argumentType, .argumentRequired, .resultType, .resultOptional, .resultRemoved, .streamChanged, .errorRemoved,
        .errorType, .idempotentRemoved, .fieldRequired, .fieldRemoved, .fieldOptional, .fieldType, .caseAdded,
        .caseRemoved:
        .breaking
      case .swiftName, .argumentName: .source
      case .serviceAdded, .serviceName, .methodAdded, .argumentWidened, .resultNarrowed, .resultAdded, .errorAdded,
        .idempotentAdded, .typeChanged, .documentation:
        .compatible
      }
    }
  }

  /// What kind of change it is.
  public var kind: Kind
  /// What has changed, as a phrase without a full stop.
  public var message: String
  /// What keeps callers going.
  public var hint: String?
  /// The place in the current source; in the recorded contract for what is gone with its protocol.
  public var position: SourcePosition
  /// Related places.
  public var notes: [Diagnostic.Note]

  /// Creates the description of a change.
  public init(
    _ kind: Kind, _ message: String, hint: String? = nil, at position: SourcePosition, notes: [Diagnostic.Note] = []
  ) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.position = position
    self.notes = notes
  }

  /// The change as a compiler would report it: breaking ones as errors, those of the source as warnings.
  public var diagnostic: Diagnostic {
    let (severity, word): (Diagnostic.Severity, String) =
      switch kind.severity {
      case .breaking: (.error, "breaking change")
      case .source: (.warning, "change that callers must follow in their source")
      case .compatible: (.remark, "compatible change")
      }
    return Diagnostic(
      "\(word): \(message) [\(kind.rawValue)]", at: position, hint: hint, notes: notes, severity: severity)
  }
}
