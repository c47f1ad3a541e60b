// Why targets are missed, from the figures of the session.
extension Target {
  /// That the processor time of a call is what it costs, beside that of the floor.
  func becauseOfProcessorTime(of subject: String = SubjectName.zeroRPC, in scenario: Scenario) -> Target {
    because { table in
      guard let own = table.clientMicroseconds(of: subject, in: scenario),
        let floor = table.clientMicroseconds(of: SubjectName.floor, in: scenario)
      else { return nil }
      return "each takes its client \(Self.text(own)) µs of processor time, the floor's \(Self.text(floor)) µs"
    }
  }

  /// How long the floor's own tail is, and the machine's: a slow moment of the machine is in all of them.
  func becauseOfTheMachinesTail(in scenario: Scenario) -> Target {
    because { table in
      guard let floor = table.median(.p50, of: SubjectName.floor, in: scenario), floor > 0 else { return nil }
      let floorTail = table.ratio(.p999, of: SubjectName.floor, to: SubjectName.floor, baseFigure: .p50, in: scenario)
      let machineTail = Statistics.median((table.stalls[scenario] ?? []).map { Double($0.wait(share: 0.999)) / floor })
      let parts = [
        floorTail.map { "the floor's own p99.9 is \(Self.text($0)) times its p50" },
        machineTail.map {
          "the machine keeps threads that only look at the clock waiting for \(Self.text($0)) times that p50 (p99.9)"
        },
      ]
      return parts.compactMap(\.self).joined(separator: "; ")
    }
  }

  /// That the floor is what a call can be at best.
  func becauseOfTheFloor(beside peer: String, in scenario: Scenario) -> Target {
    because { table in
      table.ratio(.rate, of: SubjectName.floor, to: peer, in: scenario).map {
        "bare libzmq is \(Self.text($0)) times as fast as this peer; the rest is as with the floor"
      }
    }
  }

  private static func text(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return value < 100 ? "\(tenths / 10).\(tenths % 10)" : "\(tenths / 10)"
  }
}

extension ResultTable {
  /// The processor time that the load takes per message, in microseconds; the median of the rounds.
  fileprivate func clientMicroseconds(of subject: String, in scenario: Scenario) -> Double? {
    Statistics.median(
      measurements(of: subject, in: scenario).compactMap { run in
        guard run.load.received > 0 else { return nil }
        return Double(run.load.userNanoseconds + run.load.systemNanoseconds) / Double(run.load.received) / 1000
      })
  }
}
