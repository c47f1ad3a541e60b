#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension RemoteError {
  /// Describes an error to peers: its type's name, unqualified, and its description.
  ///
  /// The description is `errorDescription` of a `LocalizedError` that has one, because it is made to be shown; otherwise
  /// what string interpolation gives. Errors of Foundation tell their code only, for their descriptions hold paths.
  init(describing error: any Error) {
    if let error = error as? RemoteError {
      self = error
      return
    }
    if let error = error as? CocoaError {
      // Its description names the file.
      self.init(name: "CocoaError", message: "a file or a value could not be used (error \(error.code.rawValue))")
      return
    }
    self.init(
      name: String(describing: type(of: error)), message: (error as? any LocalizedError)?.errorDescription ?? "\(error)"
    )
  }
}
