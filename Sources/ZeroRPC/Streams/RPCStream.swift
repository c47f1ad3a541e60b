/// Delivers values one at a time, as fast as they are asked for: what a method that streams returns.
///
/// A service makes one from a closure that writes; a client iterates over one. The producer is suspended whenever the
/// consumer has not asked for more, so nothing is buffered beyond the window of ``RPCCallOptions/streamWindow``.
///
/// ```swift
/// func count(to limit: Int) -> RPCStream<Int> {
///   RPCStream { writer in
///     for number in 0..<limit { try await writer.write(number) }
///   }
/// }
///
/// for try await number in try await calculator.count(to: 10) { print(number) }
/// ```
///
/// Leaving the loop, or cancelling the task that runs it, ends the stream at the producer. A stream is iterated once, by one
/// task at a time. It works without a network too: iterating over a stream that a closure makes runs the closure.
public struct RPCStream<Element: Sendable>: AsyncSequence, Sendable {
  /// What goes wrong in a stream: ``RemoteError``, ``RPCError``, `CancellationError`, or what a local producer throws.
  public typealias Failure = any Error

  enum Source: Sendable {
    case producer(@Sendable (Writer) async throws -> Void)
    case remote(ClientStream<Element>)
  }

  let source: Source

  /// Makes a stream from a closure that writes its items. The stream ends when the closure returns, and fails when it throws.
  public init(_ produce: @escaping @Sendable (Writer) async throws -> Void) {
    source = .producer(produce)
  }

  /// Makes a stream that delivers another sequence's elements.
  public init<Items: AsyncSequence & Sendable>(_ items: Items) where Items.Element == Element {
    self.init { writer in
      for try await item in items { try await writer.write(item) }
    }
  }

  /// Makes a stream that delivers the elements of a collection.
  public init<Items: Sequence & Sendable>(contentsOf items: Items) where Items.Element == Element {
    self.init { writer in
      for item in items { try await writer.write(item) }
    }
  }

  init(_ remote: ClientStream<Element>) { source = .remote(remote) }

  /// Takes the items of a stream one by one, in the producer's closure.
  public struct Writer: Sendable {
    let send: @Sendable (Element) async throws -> Void

    /// Writes one item; suspends until the consumer has room for it.
    ///
    /// - Throws: `CancellationError` when the consumer has left, or the peer is lost: the producer should end.
    public func write(_ item: Element) async throws { try await send(item) }
  }

  /// Starts taking items.
  public func makeAsyncIterator() -> Iterator {
    switch source {
    case .remote(let stream): Iterator(pull: .remote(stream))
    case .producer(let produce): Iterator(pull: .local(LocalStream(produce)))
    }
  }

  /// Asks for the items of a stream.
  public struct Iterator: AsyncIteratorProtocol {
    enum Pull {
      case remote(ClientStream<Element>)
      case local(LocalStream<Element>)
    }

    let pull: Pull

    /// Returns the next item, or nil at the end.
    public mutating func next() async throws -> Element? {
      switch pull {
      case .remote(let stream): try await stream.next()
      case .local(let stream): try await stream.next()
      }
    }
  }
}
