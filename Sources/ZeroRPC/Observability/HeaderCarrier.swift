#if Tracing
  internal import MessagePack
  internal import Tracing

  /// Carries the context of a trace in header entries: text at the top level, as Python's middleware expects it.
  struct HeaderCarrier: Injector, Extractor {
    typealias Carrier = [String: MessagePackValue]

    func inject(_ value: String, forKey key: String, into carrier: inout Carrier) {
      guard !HeaderEntries.isReserved(key) else { return }
      carrier[key] = .string(value)
    }

    func extract(key: String, from carrier: Carrier) -> String? {
      if let value = carrier[key]?.text { return value }
      // HTTP's names know no case, and some peers write `Traceparent`.
      return carrier.first { $0.key.lowercased() == key.lowercased() }?.value.text
    }
  }
#endif
