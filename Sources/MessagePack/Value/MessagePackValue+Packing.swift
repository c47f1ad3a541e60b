#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension MessagePackValue: MessagePackEncodable, MessagePackDecodable {
  /// Packs the value.
  public func pack(into packer: inout MessagePackPacker) throws {
    try pack(into: &packer, depth: packer.enclosingDepth)
  }

  /// Unpacks any value.
  public static func unpack(from view: MessagePackView) throws -> MessagePackValue {
    try view.value()
  }

  func pack(into packer: inout MessagePackPacker, depth: Int) throws(MessagePackError) {
    switch self {
    case .nil: packer.packNil()
    case .bool(let value): packer.packBool(value)
    case .int(let value): packer.packInteger(value)
    case .uint(let value): packer.packInteger(value)
    case .double(let value): packer.packDouble(value)
    case .string(let value): packer.packString(value)
    case .binary(let value): value.withUnsafeBytes { packer.packBinary($0) }
    case .ext(let type, let value): value.withUnsafeBytes { packer.packExtension(type: type, $0) }
    case .array(let elements):
      guard depth < MessagePackParser.maximumDepth else { throw .tooDeep() }
      packer.packArrayHeader(elements.count)
      for (index, element) in elements.enumerated() {
        do throws(MessagePackError) {
          try element.pack(into: &packer, depth: depth + 1)
        } catch {
          throw error.prefixed(byIndex: index)
        }
      }
    case .map(let map):
      guard depth < MessagePackParser.maximumDepth else { throw .tooDeep() }
      packer.packMapHeader(map.count)
      for pair in map {
        try pair.key.packKey(into: &packer)
        do throws(MessagePackError) {
          try pair.value.pack(into: &packer, depth: depth + 1)
        } catch {
          throw error.prefixed(byKey: pair.key.stringValue ?? pair.key.description)
        }
      }
    }
  }

  /// A Python peer drops a whole message over a key that is neither string nor binary, and the caller hears nothing.
  private func packKey(into packer: inout MessagePackPacker) throws(MessagePackError) {
    switch self {
    case .string(let value): packer.packString(value)
    case .binary(let value): value.withUnsafeBytes { packer.packBinary($0) }
    default:
      throw MessagePackError(
        code: .unsupportedMapKey,
        message: "a map key of \(description) cannot be sent, because Python peers drop the message; use string keys")
    }
  }
}

extension MessagePackView {
  /// Copies the value, with everything in it.
  ///
  /// - Returns: The value.
  /// - Throws: A ``MessagePackError`` if a string in it is not UTF-8.
  public func value() throws(MessagePackError) -> MessagePackValue {
    switch kind {
    case .nil: return .nil
    case .bool: return .bool(boolValue ?? false)
    case .integer:
      if let value = int64Value { return .int(value) }
      return .uint(uint64Value ?? 0)
    case .double: return .double(doubleValue ?? 0)
    case .string:
      if let value = stringValue { return .string(value) }
      throw MessagePackError(
        code: .invalidUTF8,
        message: "expected a string, found one that is not UTF-8; encode it as UTF-8, or send binary")
    case .binary: return .binary(withBytes { Data($0) } ?? Data())
    case .extension: return withExtension { .ext($0, Data($1)) } ?? .nil
    case .array: return .array(try arrayElements())
    case .map: return .map(MessagePackMap(try mapPairs()))
    }
  }

  private func arrayElements() throws(MessagePackError) -> [MessagePackValue] {
    let count = count
    var elements: [MessagePackValue] = []
    elements.reserveCapacity(Self.boundedCapacity(count, of: MessagePackValue.self))
    for index in 0..<count {
      do throws(MessagePackError) {
        elements.append(try self[index].value())
      } catch {
        throw error.prefixed(byIndex: index)
      }
    }
    return elements
  }

  private func mapPairs() throws(MessagePackError) -> [MessagePackMap.Pair] {
    let count = count
    var pairs: [MessagePackMap.Pair] = []
    pairs.reserveCapacity(Self.boundedCapacity(count, of: MessagePackMap.Pair.self))
    for position in 0..<count {
      let key = try key(at: position).value()
      do throws(MessagePackError) {
        pairs.append(MessagePackMap.Pair(key: key, value: try value(at: position).value()))
      } catch {
        throw error.prefixed(byKey: key.stringValue ?? key.description)
      }
    }
    return pairs
  }
}
