import Testing

/// Pins what the tool says of `// zerorpc:` comments.
@Suite struct DirectiveDiagnosticsTests {
  @Test func refusesUnknownDirectives() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        // zerorpc: nmae = "x"
        func a() async throws
        // zerorpc: colour = "x", idempotnet
        func b() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:15: error: unknown directive 'nmae'
        S.swift:3:15: note: hint: did you mean 'name'? directives of a method: 'name', 'idempotent' and 'throws'
        S.swift:5:15: error: unknown directive 'colour'
        S.swift:5:15: note: hint: directives of a method: 'name', 'idempotent' and 'throws'
        S.swift:5:29: error: unknown directive 'idempotnet'
        S.swift:5:29: note: hint: did you mean 'idempotent'? directives of a method: 'name', 'idempotent' and 'throws'

        """#)
  }

  @Test func refusesDirectivesOfServices() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        // zerorpc: service = "x"
        func a() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:15: error: directive 'service' does not apply to a method
        S.swift:3:15: note: hint: directives of a method: 'name', 'idempotent' and 'throws'

        """#)
  }

  @Test func refusesWrongValues() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        // zerorpc: name = foo
        func a() async throws
        // zerorpc: name
        func b() async throws
        // zerorpc: name = ""
        func c() async throws
        // zerorpc: idempotent = "yes"
        func d() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:22: error: directive 'name' needs a name in quotes
        S.swift:3:22: note: hint: write `name = "reset_all"`
        S.swift:5:15: error: directive 'name' needs a name in quotes
        S.swift:5:15: note: hint: write `name = "reset_all"`
        S.swift:7:22: error: directive 'name' needs a name in quotes
        S.swift:7:22: note: hint: write `name = "reset_all"`
        S.swift:9:28: error: directive 'idempotent' takes no value
        S.swift:9:28: note: hint: write `idempotent` alone

        """#)
  }

  @Test func refusesErrorsThatAreNoTypes() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        // zerorpc: throws
        func a() async throws
        // zerorpc: throws = "A, B"
        func b() async throws
        // zerorpc: throws = A, B.C, idempotnet
        func c() async throws
        // zerorpc: throws = A, API.
        func d() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:15: error: directive 'throws' needs a type
        S.swift:3:15: note: hint: write `throws = CalculatorError`, with commas between several
        S.swift:5:24: error: 'A, B' is not the name of a type
        S.swift:5:24: note: hint: write `throws = CalculatorError`, with commas between several
        S.swift:7:32: error: unknown directive 'idempotnet'
        S.swift:7:32: note: hint: did you mean 'idempotent'? directives of a method: 'name', 'idempotent' and 'throws'
        S.swift:9:27: error: 'API.' is not the name of a type
        S.swift:9:27: note: hint: write `throws = CalculatorError`, with commas between several

        """#)
  }

  @Test func refusesMalformedDirectives() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        // zerorpc: name = "a" idempotent
        func a() async throws
        // zerorpc:
        func b() async throws
        // zerorpc: name = "unclosed
        func c() async throws
        // zerorpc: idempotent,
        func d() async throws
        // zerorpc: name =
        func e() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:26: error: expected ',' between directives
        S.swift:3:26: note: hint: write `// zerorpc: key = "value", flag`
        S.swift:5:14: error: expected the name of a directive
        S.swift:5:14: note: hint: write `// zerorpc: key = "value", flag`
        S.swift:7:31: error: expected a value for 'name'
        S.swift:7:31: note: hint: write `// zerorpc: key = "value", flag`
        S.swift:9:26: error: expected the name of a directive
        S.swift:9:26: note: hint: write `// zerorpc: key = "value", flag`
        S.swift:11:21: error: expected a value for 'name'
        S.swift:11:21: note: hint: write `// zerorpc: key = "value", flag`

        """#)
  }

  @Test func refusesDuplicates() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        // zerorpc: name = "x"
        // zerorpc: idempotent, name = "y"
        func a() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:4:27: error: duplicate directive 'name'
        S.swift:3:15: note: the first one is here
        S.swift:4:27: note: hint: keep one of them

        """#)
  }

  @Test func refusesDirectivesThatStandNowhere() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a() async throws // zerorpc: idempotent
        // zerorpc: idempotent
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:37: error: directive stands above neither a service protocol nor a requirement
        S.swift:3:37: note: hint: put it on a line of its own directly above the 'protocol' or 'func' that it is for
        S.swift:4:15: error: directive stands above neither a service protocol nor a requirement
        S.swift:4:15: note: hint: put it on a line of its own directly above the 'protocol' or 'func' that it is for

        """#)
  }

  @Test func refusesCommentsThatLookLikeDirectives() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        /// zerorpc: idempotent
        func a() async throws
        // ZeroRPC: name = "b"
        func b() async throws
        /* zerorpc: idempotent */
        func c() async throws
        // zerorpc: näme = "é", idempotent
        func d() async throws
        /// zerorpc: the framework.
        func e() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:3: error: this comment looks like a directive but is none
        S.swift:3:3: note: hint: write two slashes and 'zerorpc:' in small letters: `// zerorpc: key = "value", flag`
        S.swift:5:3: error: this comment looks like a directive but is none
        S.swift:5:3: note: hint: write two slashes and 'zerorpc:' in small letters: `// zerorpc: key = "value", flag`
        S.swift:7:3: error: this comment looks like a directive but is none
        S.swift:7:3: note: hint: write two slashes and 'zerorpc:' in small letters: `// zerorpc: key = "value", flag`
        S.swift:9:15: error: unknown directive 'näme'
        S.swift:9:15: note: hint: did you mean 'name'? directives of a method: 'name', 'idempotent' and 'throws'

        """#)
  }
}
