#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension RemoteError {
  /// Describes an error to peers: its type's name, unqualified, and its description.
  ///
  /// The description is `errorDescription` of a `LocalizedError` that has one, because it is made to be shown; otherwise
  /// what string interpolation gives.
  init(describing error: any Error) {
    if let error = error as? RemoteError {
      self = error
      return
    }
    self.init(
      name: String(describing: type(of: error)), message: (error as? any LocalizedError)?.errorDescription ?? "\(error)"
    )
  }
}
