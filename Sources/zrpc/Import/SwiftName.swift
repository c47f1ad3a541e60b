internal import ZeroRPCCodeGen

/// Makes names of Swift from names that travel.
enum SwiftName {
  /// The name of a method or a parameter: `reset_all` is `resetAll`, `Add` is `add`.
  static func member(_ name: String, or fallback: String) -> String {
    var words = words(of: name)
    guard let first = words.first else { return fallback }
    // A word in capitals becomes small as a whole, so that `GET_ALL` is `getAll` and not `gETAll`.
    words[0] =
      first.contains(where: \.isLowercase) ? first.prefix(1).lowercased() + first.dropFirst() : first.lowercased()
    return safe(words[0] + words.dropFirst().map(capitalised).joined())
  }

  /// The name of a parameter, which is a label and a variable.
  static func parameter(_ name: String) -> String {
    let name = member(name, or: "argument")
    return ["self", "inout", "let", "var"].contains(name) ? "\(name)Value" : name
  }

  /// The name, or the name with the first number behind it that makes it different from all others.
  static func unique(_ name: String, avoiding others: Set<String>) -> String {
    guard others.contains(name) else { return name }
    var number = 2
    while others.contains("\(name)\(number)") { number += 1 }
    return "\(name)\(number)"
  }

  /// The name of a type: `zero_worker` is `ZeroWorker`.
  static func type(_ name: String) -> String {
    let name = safe(words(of: name).map(capitalised).joined())
    if name.isEmpty { return "Service" }
    // A service called `Data` would hide the type.
    let isTaken =
      KnownTypes.standard.contains(name) || KnownTypes.foundation.contains(name)
      || ["Any", "Self", "Type", "Protocol", "Never", "Result", "Error", "Task", "RPCService", "RPCClient"]
        .contains(name)
    return isTaken ? name + "Service" : name
  }

  private static func words(of name: String) -> [String] {
    name.split { !($0.isASCII ? $0.isLetter || $0.isNumber : $0.isLetter) }.map(String.init)
  }

  private static func capitalised(_ word: String) -> String {
    let isShouting = word.count > 1 && !word.contains(where: \.isLowercase)
    return word.prefix(1).uppercased() + (isShouting ? word.dropFirst().lowercased() : String(word.dropFirst()))
  }

  private static func safe(_ name: String) -> String { name.first?.isNumber == true ? "_\(name)" : name }
}
