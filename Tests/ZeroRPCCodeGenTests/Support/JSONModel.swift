import Foundation
import ZeroRPCCodeGen

/// Reads what `--dump-model` prints.
enum JSONModel {
  static func decode(_ text: String) throws -> TargetModel {
    try JSONDecoder().decode(TargetModel.self, from: Data(text.utf8))
  }
}
