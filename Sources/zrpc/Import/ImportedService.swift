internal import ZeroRPCCodeGen

/// Holds a service as the written protocol has it.
struct ImportedService {
  /// The name of the protocol.
  var name: String
  /// The name that travels.
  var wireName: String
  var methods: [ImportedMethod]

  /// Names that stubs use for something else.
  private static let reserved: Set<String> = [
    "client", "options", "with", "oneWay", "zeroRPCGenerated", "init", "self", "Type", "Protocol",
  ]

  init(_ service: ServiceDescription, named name: String?, patterns: [String: ImportedMethod.Pattern] = [:]) {
    wireName = service.name
    self.name = name ?? SwiftName.type(service.name)
    var names: Set<String> = []
    methods = service.methods.filter { !$0.name.hasPrefix("_zerorpc") }.map { description in
      var method = ImportedMethod(description, as: patterns[description.name])
      if Self.reserved.contains(method.name) { method.name += "Method" }
      // `get_x` and `getX` are two methods.
      method.name = SwiftName.unique(method.name, avoiding: names)
      names.insert(method.name)
      return method
    }
  }

  /// How most names travel, so that the fewest directives are needed.
  var naming: MethodNaming {
    func exceptions(_ naming: MethodNaming) -> Int {
      methods.count { $0.parameters != nil && naming.wireName(for: $0.name) != $0.wireName }
    }
    return exceptions(.snakeCase) < exceptions(.asWritten) ? .snakeCase : .asWritten
  }
}
