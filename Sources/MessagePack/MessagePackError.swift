/// Says why a value could not be packed or unpacked, and where in the message it stands.
///
/// ```swift
/// do {
///   let order = try MessagePackDecoder().decode(Order.self, from: data)
/// } catch let error as MessagePackError where error.code == .typeMismatch {
///   print(error)  // items[3].price: expected Double, found string "12"; send a number
/// }
/// ```
public struct MessagePackError: Error, Sendable, Equatable {
  /// Classifies an error. More codes may be added: keep a default when you switch over it.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// Names the code, as in `typeMismatch`.
    public let description: String

    private init(_ description: String) {
      self.description = description
    }

    /// The message holds another type than the one that was asked for.
    public static let typeMismatch = Code("typeMismatch")
    /// A map lacks a key that the type requires.
    public static let missingKey = Code("missingKey")
    /// A number does not fit the type that was asked for, or a length does not fit MessagePack.
    public static let outOfRange = Code("outOfRange")
    /// The message ends inside a value.
    public static let truncated = Code("truncated")
    /// Containers are nested deeper than ``MessagePackParser/maximumDepth``.
    public static let tooDeep = Code("tooDeep")
    /// A string is not UTF-8.
    public static let invalidUTF8 = Code("invalidUTF8")
    /// A map key is neither a string nor binary.
    public static let unsupportedMapKey = Code("unsupportedMapKey")
    /// The bytes are not MessagePack.
    public static let malformed = Code("malformed")
    /// The value has the right type but is not acceptable.
    public static let invalidValue = Code("invalidValue")
    /// There was no memory for the message.
    public static let outOfMemory = Code("outOfMemory")
  }

  /// Classifies the error.
  public var code: Code

  /// Says what was expected, what was found and what to do, without the path.
  public var message: String

  /// Names the value that the error is about, as in `args[1].items[3].price`; empty at the top.
  public var path: String

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - code: What kind of error it is.
  ///   - message: What was expected, what was found and what to do.
  ///   - path: Where it stands; empty at the top.
  public init(code: Code, message: String, path: String = "") {
    self.code = code
    self.message = message
    self.path = path
  }
}

extension MessagePackError: CustomStringConvertible {
  /// Renders the path and the message.
  public var description: String {
    path.isEmpty ? message : "\(path): \(message)"
  }
}
