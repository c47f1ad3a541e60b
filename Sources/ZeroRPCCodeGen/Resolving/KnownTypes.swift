/// Names types whose modules are known without asking the compiler.
package enum KnownTypes {
  /// Types of the standard library and of ZeroRPC that travel.
  package static let standard: Set<String> = [
    "Array", "Bool", "Character", "ClosedRange", "ContiguousArray", "Dictionary", "Double", "Duration", "Float",
    "Float16", "Int", "Int8", "Int16", "Int32", "Int64", "Optional", "Range", "Set", "String", "Swift", "UInt",
    "UInt8", "UInt16", "UInt32", "UInt64", "Void", "MessagePackValue", "RPCStream", "ZeroRPC",
  ]

  /// Types of Foundation that travel.
  package static let foundation: Set<String> = [
    "AttributedString", "CGFloat", "CGPoint", "CGRect", "CGSize", "Calendar", "CharacterSet", "Data", "Date",
    "DateComponents", "DateInterval", "Decimal", "Foundation", "IndexPath", "IndexSet", "Locale", "Measurement",
    "PersonNameComponents", "TimeInterval", "TimeZone", "URL", "URLComponents", "UUID",
  ]

  /// Whether the module is Foundation or the part of it without localisation.
  static func isFoundation(_ module: String) -> Bool { module == "Foundation" || module == "FoundationEssentials" }
}
