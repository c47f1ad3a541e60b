import Synchronization
import Testing

/// Gives the tests inside a place in the table, and fails those that add no row to it.
struct Tabulated: SuiteTrait, TestTrait, TestScoping {
  var area: Area?
  var role: Role?
  var peer: Peer?

  var isRecursive: Bool { true }

  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    let outer = Table.place
    var place = outer ?? Table.Place(count: Table.Count())
    if let area { place.area = area }
    if let role { place.role = role }
    if let peer { place.peer = peer }
    do {
      try await Table.$place.withValue(place) { try await function() }
    } catch {
      // Once, by the innermost trait, which knows the area.
      let isFirst = place.count.hasFailed.compareExchange(
        expected: false, desired: true, ordering: .relaxed
      ).exchanged
      if isFirst {
        Table.$place.withValue(place) { row(test.name, expected: "no error", seen: "\(error)", if: false) }
      }
      throw error
    }
    guard outer == nil, place.count.rows.load(ordering: .relaxed) == 0 else { return }
    Issue.record("the test adds no row to the interop table")
  }
}

extension Trait where Self == Tabulated {
  /// Says who talks to whom in a suite.
  static func swift(_ role: Role, with peer: Peer) -> Tabulated { Tabulated(role: role, peer: peer) }

  /// Says what a test is about.
  static func about(_ area: Area) -> Tabulated { Tabulated(area: area) }
}
