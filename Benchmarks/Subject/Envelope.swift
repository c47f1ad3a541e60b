/// The bytes of an event around the payload of `Echo.call`.
///
/// `--size` is the size of the request event, so that the floor carries the same bytes: "60 B" is an event of 60 bytes,
/// not a payload of 60 in an event of 118.
enum Envelope {
  /// Array and map headers, `message_id` and its 32 characters, `v`, the name `call`, and the array of arguments.
  private static let fixed = 1 + 1 + 11 + 34 + 3 + 5 + 1

  /// The payload with which the request event has the given size, or the smallest one.
  static func payloadSize(forEvent size: Int) -> Int {
    for header in [2, 3, 5] {
      let payload = size - fixed - header
      let needed = payload < 1 << 8 ? 2 : payload < 1 << 16 ? 3 : 5
      if needed == header { return max(0, payload) }
    }
    return max(0, size - fixed - 5)
  }
}
