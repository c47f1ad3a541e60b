extension Optional: MessagePackEncodable where Wrapped: MessagePackEncodable {
  /// Packs the wrapped value, or nil.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) throws {
    switch self {
    case .none: packer.packNil()
    case .some(let value): try value.pack(into: &packer)
    }
  }
}

extension Optional: MessagePackDecodable where Wrapped: MessagePackDecodable {
  /// Unpacks nil as none, and anything else as the wrapped type.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> Wrapped? {
    view.isNil ? nil : try Wrapped.unpack(from: view)
  }
}

extension Array: MessagePackEncodable where Element: MessagePackEncodable {
  /// Packs the elements as an array. Bytes too: use `Data` for binary.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) throws {
    packer.packArrayHeader(count)
    var index = 0
    do {
      for element in self {
        try element.pack(into: &packer)
        index += 1
      }
    } catch let error as MessagePackError {
      throw error.prefixed(byIndex: index)
    }
  }
}

extension Array: MessagePackDecodable where Element: MessagePackDecodable {
  /// Unpacks an array.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> [Element] {
    guard view.kind == .array else { throw view.mismatch(expected: "an array", advice: "send a list") }
    let count = view.count
    var elements: [Element] = []
    elements.reserveCapacity(MessagePackView.boundedCapacity(count, of: Element.self))
    var index = 0
    do {
      while index < count {
        elements.append(try Element.unpack(from: view[index]))
        index += 1
      }
    } catch let error as MessagePackError {
      throw error.prefixed(byIndex: index)
    }
    return elements
  }
}

extension Dictionary: MessagePackEncodable where Key == String, Value: MessagePackEncodable {
  /// Packs a map with string keys.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) throws {
    packer.packMapHeader(count)
    for (key, value) in self {
      packer.packString(key)
      do {
        try value.pack(into: &packer)
      } catch let error as MessagePackError {
        throw error.prefixed(byKey: key)
      }
    }
  }
}

extension Dictionary: MessagePackDecodable where Key == String, Value: MessagePackDecodable {
  /// Unpacks a map whose keys are strings, or binary that is UTF-8. The last pair counts if several have the same key.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> [String: Value] {
    guard view.kind == .map else {
      throw view.mismatch(expected: "a map", advice: "send a map with string keys")
    }
    let count = view.count
    var pairs: [String: Value] = [:]
    pairs.reserveCapacity(MessagePackView.boundedCapacity(count, of: (String, Value).self))
    var position = 0
    while position < count {
      let keyView = view.key(at: position)
      guard let key = keyView.stringValue else { throw keyView.unsupportedKey }
      do {
        pairs[key] = try Value.unpack(from: view.value(at: position))
      } catch let error as MessagePackError {
        throw error.prefixed(byKey: key)
      }
      position += 1
    }
    return pairs
  }
}

extension MessagePackView {
  /// The capacity to reserve for a received count: no more than 64 KiB at once, because a peer needs one byte for an element
  /// that may take hundreds here. What is really there grows the collection as it arrives.
  @usableFromInline
  static func boundedCapacity<T>(_ count: Int, of type: T.Type) -> Int {
    Swift.min(count, 64 * 1024 / Swift.max(1, MemoryLayout<T>.stride))
  }

  @usableFromInline
  var unsupportedKey: MessagePackError {
    MessagePackError(
      code: .unsupportedMapKey, message: "expected a string as map key, found \(summary); send string keys")
  }
}
