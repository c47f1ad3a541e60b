internal import Foundation

/// A line chart with a legend: any of its axes logarithmic.
struct LineChart {
  struct Series {
    var name: String
    var color: String
    var points: [(x: Double, y: Double)]
    var hasDots = true
  }

  struct Axis {
    var title: String
    var isLogarithmic: Bool
    /// The values that get a line and a label.
    var ticks: [Double]
    var label: (Double) -> String

    /// Where a value lies between the first tick (0) and the last (1).
    func position(_ value: Double) -> Double {
      guard let first = ticks.first, let last = ticks.last, first != last else { return 0.5 }
      let share =
        isLogarithmic
        ? (log(max(value, first / 10)) - log(first)) / (log(last) - log(first)) : (value - first) / (last - first)
      return min(max(share, 0), 1)
    }
  }

  var title: String
  var note: String
  var horizontal: Axis
  var vertical: Axis
  var series: [Series]
  /// A line at a promised value.
  var bound: Double?

  private static let frame = (left: 78.0, top: 78.0, width: 560.0, height: 300.0)

  /// The picture.
  var svg: String {
    var document = SVGDocument(width: 820, height: 440)
    document.text(title, x: 16, y: 24, style: "title")
    document.text(note, x: 16, y: 42, style: "note")
    drawAxes(in: &document)
    if let bound {
      document.line(
        from: place(horizontal.ticks.first ?? 0, bound), to: place(horizontal.ticks.last ?? 1, bound), style: "bound")
    }
    for (index, series) in series.enumerated() {
      let points = series.points.map { place($0.x, $0.y) }
      document.curve(points, color: series.color)
      if series.hasDots {
        for point in points { document.dot(x: point.x, y: point.y, color: series.color) }
      }
      let y = Self.frame.top + 8 + Double(index) * 20
      let x = Self.frame.left + Self.frame.width + 18
      document.dot(x: x, y: y, color: series.color)
      document.text(series.name, x: x + 10, y: y + 4)
    }
    return document.text
  }

  private func drawAxes(in document: inout SVGDocument) {
    let frame = Self.frame
    let bottom = frame.top + frame.height
    for tick in horizontal.ticks {
      let x = place(tick, vertical.ticks.first ?? 0).x
      document.line(from: (x, frame.top), to: (x, bottom))
      document.text(horizontal.label(tick), x: x, y: bottom + 18, anchor: .middle)
    }
    for tick in vertical.ticks {
      let y = place(horizontal.ticks.first ?? 0, tick).y
      document.line(from: (frame.left, y), to: (frame.left + frame.width, y))
      document.text(vertical.label(tick), x: frame.left - 8, y: y + 4, anchor: .end)
    }
    document.line(from: (frame.left, bottom), to: (frame.left + frame.width, bottom), style: "axis")
    document.text(horizontal.title, x: frame.left + frame.width / 2, y: bottom + 40, anchor: .middle, style: "note")
    document.text(vertical.title, x: frame.left, y: frame.top - 10, style: "note")
  }

  private func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    let frame = Self.frame
    return (
      frame.left + frame.width * horizontal.position(x), frame.top + frame.height * (1 - vertical.position(y))
    )
  }
}

extension LineChart.Axis {
  /// Powers of ten around the values.
  static func decades(_ title: String, around values: [Double], label: @escaping (Double) -> String) -> Self {
    let positive = values.filter { $0 > 0 }
    let low = floor(log10(positive.min() ?? 1))
    let high = max(ceil(log10(positive.max() ?? 10)), low + 1)
    let ticks = stride(from: low, through: high, by: 1).map { pow(10, $0) }
    return Self(title: title, isLogarithmic: true, ticks: ticks, label: label)
  }

  /// The given values, evenly spread if each is a multiple of the one before.
  static func values(_ title: String, _ ticks: [Double], label: @escaping (Double) -> String) -> Self {
    Self(title: title, isLogarithmic: true, ticks: ticks, label: label)
  }
}
