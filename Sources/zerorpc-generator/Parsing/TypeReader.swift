internal import SwiftSyntax
internal import ZeroRPCCodeGen

/// Reads the type of a parameter or a result, and says what in it cannot travel.
struct TypeReader {
  private(set) var diagnostics: [Diagnostic] = []
  /// The names of the outermost types that the type mentions: `API` of `API.User`.
  private(set) var typeNames: Set<String> = []

  private let subject: String
  private let locator: Locator

  init(subject: String, locator: Locator) {
    self.subject = subject
    self.locator = locator
  }

  /// The element of an `RPCStream`, if the type is one.
  static func streamElement(of type: TypeSyntax) -> TypeSyntax? {
    let clause: GenericArgumentClauseSyntax?
    if let identifier = type.as(IdentifierTypeSyntax.self), identifier.name.text == "RPCStream" {
      clause = identifier.genericArgumentClause
    } else if let member = type.as(MemberTypeSyntax.self), member.name.text == "RPCStream",
      member.baseType.canonicalText == "ZeroRPC"
    {
      clause = member.genericArgumentClause
    } else {
      return nil
    }
    guard let arguments = clause?.arguments, arguments.count == 1 else { return nil }
    return arguments.first.flatMap { Syntax($0.argument).as(TypeSyntax.self) }
  }

  /// Reads a type.
  ///
  /// - Returns: Its canonical text without specifiers such as `borrowing`: the values are packed and made anew.
  mutating func read(_ type: TypeSyntax) -> String {
    let type = type.withoutParentheses
    guard let attributed = type.as(AttributedTypeSyntax.self) else {
      check(type)
      return type.canonicalText
    }
    for specifier in attributed.specifiers { check(specifier: Syntax(specifier)) }
    return read(attributed.baseType)
  }

  /// Records that the subject cannot travel.
  mutating func refuse(_ node: some SyntaxProtocol, _ problem: String, hint: String) {
    diagnostics.append(Diagnostic("\(subject) \(problem)", at: locator.position(of: node), hint: hint))
  }

  private mutating func check(specifier: Syntax) {
    switch specifier.canonicalText {
    case "inout":
      refuse(specifier, "is 'inout'", hint: "return the changed value: the caller's variable is out of reach")
    case "isolated":
      refuse(specifier, "is 'isolated'", hint: "remove it: an actor cannot travel")
    default: break
    }
  }

  private mutating func check(_ type: TypeSyntax) {
    if let identifier = type.as(IdentifierTypeSyntax.self) {
      check(identifier)
    } else if let member = type.as(MemberTypeSyntax.self) {
      checkMember(member)
    } else if let optional = type.as(OptionalTypeSyntax.self) {
      check(optional.wrappedType)
    } else if let array = type.as(ArrayTypeSyntax.self) {
      check(array.element)
    } else if let dictionary = type.as(DictionaryTypeSyntax.self) {
      checkKey(dictionary.key)
      check(dictionary.value)
    } else {
      refuseType(type)
    }
  }

  private mutating func check(_ identifier: IdentifierTypeSyntax) {
    let name = unescaped(identifier.name.text)
    typeNames.insert(name)
    switch name {
    case "Self":
      return refuse(identifier, "uses 'Self'", hint: "use a concrete type: the peer must know what to decode")
    case "Void": return refuse(identifier, "uses 'Void'", hint: "remove it: there is no value to send")
    case "Any", "AnyObject", "AnyHashable":
      return refuse(identifier, "uses '\(name)'", hint: "use 'MessagePackValue' for a value of any type")
    case "RPCStream":
      return refuse(identifier, "uses 'RPCStream'", hint: "a stream can only be the whole result: `-> RPCStream<…>`")
    case "Dictionary":
      let key = identifier.genericArgumentClause?.arguments.first.flatMap { Syntax($0.argument).as(TypeSyntax.self) }
      if let key { checkKey(key, isRead: true) }
    default: break
    }
    check(identifier.genericArgumentClause)
  }

  private mutating func checkMember(_ member: MemberTypeSyntax) {
    if Self.streamElement(of: TypeSyntax(member)) != nil {
      refuse(member, "uses 'RPCStream'", hint: "a stream can only be the whole result: `-> RPCStream<…>`")
    }
    check(member.baseType)
    check(member.genericArgumentClause)
  }

  private mutating func check(_ clause: GenericArgumentClauseSyntax?) {
    for argument in clause?.arguments ?? [] {
      // Anything else is a value, such as a size.
      if let type = Syntax(argument.argument).as(TypeSyntax.self) { check(type) }
    }
  }

  private mutating func checkKey(_ key: TypeSyntax, isRead: Bool = false) {
    let name = key.canonicalText
    if name.hasPrefix("Int") || name.hasPrefix("UInt") || ["Bool", "Double", "Float"].contains(name) {
      refuse(key, "has a dictionary with '\(name)' keys", hint: "use 'String' keys, or an array of pairs in a struct")
    }
    if !isRead { check(key) }
  }

  private mutating func refuseType(_ type: TypeSyntax) {
    let concrete = "use a concrete type: the peer must know what to decode"
    switch type.kind {
    case .functionType:
      refuse(type, "is a closure", hint: "a closure cannot travel: return a value, or an `RPCStream` of values")
    case .tupleType: checkTuple(type)
    case .attributedType:
      if let attributed = type.as(AttributedTypeSyntax.self) { check(attributed.baseType) }
    case .someOrAnyType: refuse(type, "has the type '\(type.canonicalText)'", hint: concrete)
    case .compositionType: refuse(type, "has the type '\(type.canonicalText)'", hint: concrete)
    case .metatypeType: refuse(type, "is a metatype", hint: "send a name of the type as a 'String'")
    case .implicitlyUnwrappedOptionalType: refuse(type, "is implicitly unwrapped", hint: "write '?' instead of '!'")
    default: refuse(type, "has the type '\(type.canonicalText)', which cannot travel", hint: concrete)
    }
  }

  private mutating func checkTuple(_ type: TypeSyntax) {
    guard let elements = type.as(TupleTypeSyntax.self)?.elements else { return }
    if elements.isEmpty { return refuse(type, "uses 'Void'", hint: "remove it: there is no value to send") }
    let inner = type.withoutParentheses
    if inner.id != type.id { return check(inner) }
    refuse(type, "is a tuple", hint: "use a struct that is 'Codable'")
  }
}

extension TypeSyntax {
  /// The type inside parentheses that mean nothing: `Int` of `(Int)`.
  var withoutParentheses: TypeSyntax {
    guard let elements = self.as(TupleTypeSyntax.self)?.elements, elements.count == 1, let only = elements.first,
      only.firstName == nil
    else { return self }
    return only.type.withoutParentheses
  }
}
