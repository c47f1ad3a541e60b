#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension ChildProcess {
  /// Starts the program as the leader of a new process group, with the three descriptors as its standard streams.
  ///
  /// In a group of its own it does not get the terminal's Ctrl-C: we stop it, after what it was asked to finish.
  static func spawn(_ command: [String], environment: [String: String], streams: [Int32]) throws -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (target, descriptor) in streams.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
    }
    var none = sigset_t()
    sigemptyset(&none)
    var restored = sigset_t()
    sigemptyset(&restored)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&restored, number) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &restored)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    var identifier: pid_t = 0
    let result = posix_spawn(&identifier, command[0], &actions, &attributes, &arguments, &variables)
    guard result == 0 else {
      throw BenchError(.failedRun, "cannot start \(command[0]): \(String(cString: strerror(result)))")
    }
    return identifier
  }
}
