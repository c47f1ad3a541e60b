import Testing
import ZeroRPCCodeGen

@Suite struct MethodNamingTests {
  @Test(arguments: [
    ("add", "add"), ("addAll", "add_all"), ("fetchURLFor", "fetch_url_for"), ("utf8Bytes", "utf8_bytes"),
    ("URL", "url"), ("already_snake", "already_snake"), ("_private", "_private"), ("getX", "get_x"), ("aBC", "a_bc"),
    ("größeÄndern", "größe_ändern"), ("a", "a"), ("", ""),
  ])
  func writesSnakeCase(name: String, expected: String) {
    #expect(MethodNaming.snakeCase.wireName(for: name) == expected)
    #expect(MethodNaming.asWritten.wireName(for: name) == name)
  }
}
