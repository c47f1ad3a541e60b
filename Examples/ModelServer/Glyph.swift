/// A digit of 5 × 7 pixels, drawn in the typeface that the model knows.
struct Glyph {
  static let (width, height, pixels) = (5, 7, 35)
  private static let rows = [
    "01110 00100 01110 11111 00010 11111 00110 11111 01110 01110",
    "10001 01100 10001 00010 00110 10000 01000 00001 10001 10001",
    "10011 00100 00001 00100 01010 11110 10000 00010 10001 10001",
    "10101 00100 00010 00010 10010 00001 11110 00100 01110 01111",
    "11001 00100 00100 00001 11111 00001 10001 01000 10001 00001",
    "10001 00100 01000 10001 00010 10001 10001 01000 10001 00010",
    "01110 01110 11111 01110 00010 01110 01110 01000 01110 01100",
  ]

  let bits: [Int]

  /// Draws a digit; each pixel is wrong with a probability.
  init(of digit: Int, noise: Double, _ source: inout SplitMix) {
    var bits: [Int] = []
    for row in Self.rows {
      for pixel in row.split(separator: " ")[digit] {
        let isWrong = Double.random(in: 0..<1, using: &source) < noise
        bits.append((pixel == "1") != isWrong ? 1 : 0)
      }
    }
    self.bits = bits
  }

  /// Digits side by side, as text.
  static func row(_ pictures: some Collection<[Int]>) -> String {
    (0..<height).map { row in
      pictures.map { bits in
        bits[row * width..<(row + 1) * width].map { $0 == 1 ? "#" : "." }.joined()
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

/// A source of random numbers that are the same each time (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
