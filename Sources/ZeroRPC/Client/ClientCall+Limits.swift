extension ClientCall {
  /// Describes the limit by which the call ended.
  var expiredLimit: String {
    let deadline = "timeout: the deadline around the call has passed"
    switch expiry {
    case .firstReply:
      return limits.isFirstReplyInherited ? deadline : "timeout after \(duration(until: limits.firstReply))"
    case .item:
      return isItemLimitInherited ? deadline : "timeout: no item for \(Duration.nanoseconds(limits.item))"
    case .stream:
      return limits.isStreamInherited
        ? deadline : "timeout: the stream has not ended within \(duration(until: limits.stream))"
    }
  }

  private func duration(until deadline: UInt64) -> Duration { .nanoseconds(deadline - limits.start) }
}
