import Testing
import ZeroRPCCodeGen

@Suite struct ConfigurationTests {
  private func read(_ text: String) -> (GeneratorConfiguration, String) {
    let (configuration, diagnostics) = GeneratorConfiguration.read(text, path: "c.json")
    return (configuration, diagnostics.map(\.description).joined(separator: "\n"))
  }

  @Test(arguments: [
    ("{}", MethodNaming.asWritten), ("{ \"methodNames\": \"snake_case\" }\n", .snakeCase),
    ("\t{\"method\\u004eames\"\r\n:\"asWritten\"}", .asWritten),
  ])
  func reads(text: String, naming: MethodNaming) {
    let (configuration, diagnostics) = read(text)
    #expect(configuration.methodNames == naming)
    #expect(diagnostics.isEmpty)
  }

  @Test(arguments: [
    ("", "1:1: error: malformed JSON: expected a value"),
    ("{", "1:2: error: malformed JSON: expected a key in quotes"),
    ("{\n  methodNames: 1\n}", "2:3: error: malformed JSON: expected a key in quotes"),
    ("{\"methodNames\" \"x\"}", "1:16: error: malformed JSON: expected ':' after the key 'methodNames'"),
    ("{\"methodNames\": \"snake_case\",}", "1:30: error: malformed JSON: expected a key in quotes"),
    ("{\"methodNames\": \"snake_case\"", "1:29: error: malformed JSON: expected ',' or '}'"),
    ("{\"methodNames\": \"snake\n\"}", "1:17: error: malformed JSON: the string does not end"),
    ("{\"a\\x\": 1}", "1:6: error: malformed JSON: unknown escape '\\x'"),
    ("{\"a\": [1, true, null, -1.5e3, yes]}", "1:31: error: malformed JSON: unexpected 'yes'"),
    ("{\"a\": [1 2]}", "1:10: error: malformed JSON: expected ',' or ']'"),
    ("{\"é\": ?}", "1:8: error: malformed JSON: expected a value"),
    ("{} x", "1:4: error: malformed JSON: unexpected text after the end of the configuration"),
  ])
  func refusesMalformedText(text: String, expected: String) {
    let place = expected.prefix { $0 != " " }
    let hint =
      "c.json:\(place) note: hint: the configuration must be JSON, such as `{ \"methodNames\": \"snake_case\" }`"
    #expect(read(text).1 == "c.json:\(expected)\n\(hint)")
  }

  @Test func refusesWhatItDoesNotKnow() {
    let text = """
      {
        "methodName": "snake_case",
        "colour": { "a": [] },
        "methodNames": "camel",
        "methodNames": "snake_case"
      }
      """
    let (configuration, diagnostics) = read(text)
    #expect(configuration == GeneratorConfiguration())
    #expect(
      diagnostics == """
        c.json:2:3: error: unknown key 'methodName'
        c.json:2:3: note: hint: did you mean 'methodNames'? known keys: 'methodNames', 'pushers', 'publishers' and 'mocks'
        c.json:3:3: error: unknown key 'colour'
        c.json:3:3: note: hint: known keys: 'methodNames', 'pushers', 'publishers' and 'mocks'
        c.json:4:18: error: 'methodNames' must be 'asWritten' or 'snake_case'
        c.json:4:18: note: hint: write `"methodNames": "snake_case"`
        c.json:5:3: error: duplicate key 'methodNames'
        c.json:5:3: note: hint: keep one of them
        """)
  }

  @Test func readsTheServicesToSendFor() {
    let (configuration, diagnostics) = read("{\n  \"pushers\": [\"A\", \"API.B\"],\n  \"publishers\": []\n}")
    #expect(diagnostics.isEmpty)
    let places = [at(2, 15, file: "c.json"), at(2, 20, file: "c.json")]
    #expect(configuration.pushers == [.init("A", at: places[0]), .init("API.B", at: places[1])])
    #expect(configuration.publishers.isEmpty)
    #expect(
      read("{\"pushers\": true, \"publishers\": [\"A\", 1, \"\"]}").1 == """
        c.json:1:13: error: 'pushers' must be a list of services
        c.json:1:13: note: hint: write `"pushers": ["Calculator"]`
        c.json:1:39: error: 'publishers' must hold the names of services
        c.json:1:39: note: hint: write `"publishers": ["Calculator"]`
        c.json:1:42: error: 'publishers' must hold the names of services
        c.json:1:42: note: hint: write `"publishers": ["Calculator"]`
        """)
  }

  @Test func refusesOtherValues() {
    #expect(
      read("[]").1 == """
        c.json:1:1: error: the configuration is not a JSON object
        c.json:1:1: note: hint: write `{ "methodNames": "snake_case" }`
        """)
    #expect(read("{\"methodNames\": 1}").1.hasPrefix("c.json:1:17: error: 'methodNames' must be 'asWritten' or"))
  }
}
