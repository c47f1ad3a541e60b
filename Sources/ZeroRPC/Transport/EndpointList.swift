internal import Synchronization
internal import ZeroMQ

/// Is a socket that endpoints can be added to, and taken from.
protocol EndpointUser: AnyObject, Sendable {
  /// Binds or connects, and returns the real endpoint.
  func attach(_ attachment: SocketHandle.Attachment, to endpoint: String) throws -> String

  /// Undoes it.
  func detach(_ attachment: SocketHandle.Attachment, from endpoint: String) throws
}

/// Keeps the endpoints of one socket, by the names that resolvers have for them.
final class EndpointList: Sendable {
  private struct Entry: Sendable {
    var attachment: SocketHandle.Attachment
    var endpoint: String
  }

  private let owner: String
  private let resolvers: [any RPCEndpointResolver]
  private let entries = Mutex<[Entry]>([])

  /// Makes an empty list.
  ///
  /// - Parameter owner: who uses the endpoints, for error messages.
  init(of owner: String, resolvers: [any RPCEndpointResolver]) {
    self.owner = owner
    self.resolvers = resolvers
  }

  var endpoints: [String] { entries.withLock { $0.map(\.endpoint) } }

  /// Binds or connects to everything that the name stands for, or to nothing; returns the first real endpoint.
  @discardableResult
  func attach(
    _ user: some EndpointUser, _ attachment: SocketHandle.Attachment, to endpoint: String
  ) throws -> String {
    var attached: [Entry] = []
    do {
      for endpoint in try resolvers.resolve(endpoint) {
        attached.append(Entry(attachment: attachment, endpoint: try user.attach(attachment, to: endpoint)))
      }
    } catch {
      for entry in attached { try? user.detach(attachment, from: entry.endpoint) }
      throw error
    }
    entries.withLock { $0 += attached }
    return attached.first?.endpoint ?? endpoint
  }

  /// Stops using everything that the name stands for.
  func detach(_ user: (some EndpointUser)?, from endpoint: String) throws {
    for endpoint in try resolvers.resolve(endpoint) {
      let entry = entries.withLock { entries in
        entries.firstIndex { $0.endpoint == endpoint }.map { entries.remove(at: $0) }
      }
      guard let user, let entry else {
        throw RPCError(code: .invalidEndpoint, message: "cannot disconnect '\(endpoint)': \(owner) does not use it")
      }
      try user.detach(entry.attachment, from: endpoint)
    }
  }

  /// Forgets all of them, because the socket is closed.
  func removeAll() { entries.withLock { $0 = [] } }
}
