import ExampleSupport
import Foundation

/// A picture: three bytes a pixel, row by row.
struct Picture: Sendable, Equatable {
  let width: Int
  let height: Int
  let pixels: Data

  /// The picture as a file of the format PPM.
  var ppm: Data { Data("P6\n\(width) \(height)\n255\n".utf8) + pixels }

  init(width: Int, height: Int, pixels: Data) { (self.width, self.height, self.pixels) = (width, height, pixels) }

  /// Takes a photograph: balls on a floor of tiles, another scene for each number.
  init(scene: Int, width: Int = 640, height: Int = 480) {
    var bytes = [UInt8](repeating: 0, count: width * height * 3)
    let balls = (1...4).map { ball in
      (
        x: (scene * 97 + ball * 151) % width, y: (scene * 61 + ball * 89) % height,
        radius: 30 + (scene * 13 + ball * 29) % 50
      )
    }
    bytes.withUnsafeMutableBufferPointer { bytes in
      for y in 0..<height {
        for x in 0..<width {
          var (red, green, blue) = y > height / 2 && (x / 40 + y / 40) % 2 == 0 ? (200, 200, 190) : (90, 110, 130)
          for ball in balls {
            let (dx, dy) = (x - ball.x, y - ball.y)
            let distance = dx * dx + dy * dy
            if distance < ball.radius * ball.radius {
              let shade = 255 - 200 * distance / (ball.radius * ball.radius)
              (red, green, blue) = (shade, shade / 3, (scene * 40) % 200)
            }
          }
          let at = (y * width + x) * 3
          bytes[at] = UInt8(red)
          bytes[at + 1] = UInt8(green)
          bytes[at + 2] = UInt8(blue)
        }
      }
    }
    self.init(width: width, height: height, pixels: Data(bytes))
  }

  /// The edges in the picture, light on dark, by Sobel's two filters of the brightness.
  func edges() throws -> Picture {
    try expect(
      width > 2 && height > 2 && pixels.count == width * height * 3, "that is no picture of \(width) × \(height)")
    var grey = [Int](repeating: 0, count: width * height)
    var result = [UInt8](repeating: 0, count: pixels.count)
    pixels.withUnsafeBytes { bytes in
      for at in 0..<width * height {
        grey[at] = (Int(bytes[at * 3]) * 3 + Int(bytes[at * 3 + 1]) * 6 + Int(bytes[at * 3 + 2])) / 10
      }
    }
    grey.withUnsafeBufferPointer { grey in
      for y in 1..<height - 1 {
        for x in 1..<width - 1 {
          let (above, here, below) = ((y - 1) * width + x, y * width + x, (y + 1) * width + x)
          let across =
            grey[above + 1] + 2 * grey[here + 1] + grey[below + 1] - grey[above - 1] - 2 * grey[here - 1]
            - grey[below - 1]
          let down =
            grey[below - 1] + 2 * grey[below] + grey[below + 1] - grey[above - 1] - 2 * grey[above] - grey[above + 1]
          let strength = UInt8(min(255, abs(across) + abs(down)))
          result[here * 3] = strength
          result[here * 3 + 1] = strength
          result[here * 3 + 2] = strength
        }
      }
    }
    return Picture(width: width, height: height, pixels: Data(result))
  }
}
