#if Configuration
  package import Configuration

  // What the reader itself treats as absent, a value of another type, is an error here: a time-out that is misspelt must not
  // become the default in silence.
  extension ConfigReader {
    /// Reads a time into a property: text such as `250ms`, `1.5s`, `2m` or `1h`, or a number of seconds.
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`.
    package func read(_ key: ConfigKey, into duration: inout Duration) throws {
      guard let found = try self.duration(key) else { return }
      guard let value = found else { throw invalid(key, "none", "a time, such as 250ms or 1.5s") }
      duration = value
    }

    /// Reads a time, or `none`, into a property.
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`.
    package func read(_ key: ConfigKey, into duration: inout Duration?) throws {
      if let value = try self.duration(key) { duration = value }
    }

    /// Reads a whole number of at least `minimum` into a property.
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`.
    package func read(_ key: ConfigKey, into number: inout Int, minimum: Int) throws {
      let text = string(forKey: key)
      guard let value = int(forKey: key) ?? text.flatMap({ Int($0) }) else {
        if let text { throw invalid(key, text, "a whole number") }
        return
      }
      guard value >= minimum else { throw invalid(key, "\(value)", "a whole number of at least \(minimum)") }
      number = value
    }

    /// Reads a whole number of at least `minimum` into a property that may be nil.
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`.
    package func read(_ key: ConfigKey, into number: inout Int?, minimum: Int) throws {
      var value = number ?? minimum - 1
      try read(key, into: &value, minimum: minimum)
      if value >= minimum { number = value }
    }

    /// Reads a truth value into a property.
    ///
    /// - Throws: ``RPCError`` with `invalidConfiguration`.
    package func read(_ key: ConfigKey, into flag: inout Bool) throws {
      if let value = bool(forKey: key) {
        flag = value
      } else if let text = string(forKey: key) {
        throw invalid(key, text, "true or false")
      }
    }

    func invalid(_ key: ConfigKey, _ value: String, _ wanted: String) -> RPCError {
      RPCError(
        code: .invalidConfiguration,
        message: "the configuration's '\(key.components.joined(separator: "."))' is '\(value)'; it must be \(wanted)")
    }

    /// The time that stands at a key, nil inside for `none`; nil when there is nothing.
    private func duration(_ key: ConfigKey) throws -> Duration?? {
      let number = double(forKey: key) ?? int(forKey: key).map(Double.init)
      guard let text = string(forKey: key) ?? number.map({ "\($0)" }) else { return nil }
      if text == "none" { return .some(nil) }
      guard let duration = Duration(configurationText: text) else {
        throw invalid(key, text, "a time, such as 250ms or 1.5s, or a number of seconds")
      }
      return duration
    }
  }

  extension Duration {
    /// Parses a number with a unit (`ms`, `s`, `m`, `h`); without one it is seconds. Nil for anything else, and for negative
    /// times.
    init?(configurationText text: String) {
      let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600)]
      let unit = units.first { text.hasSuffix($0.suffix) }
      let digits = text.dropLast(unit?.suffix.count ?? 0)
      guard let number = Double(digits), number.isFinite, number >= 0, number < 1e9 else { return nil }
      self = .seconds(number * (unit?.seconds ?? 1))
    }
  }
#endif
