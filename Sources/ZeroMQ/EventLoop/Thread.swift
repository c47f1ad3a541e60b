internal import CZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Starts a detached thread. Nonisolated on purpose: a closure made in main-actor code would trap off the main thread.
nonisolated func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
  final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(_ name: String, _ body: @escaping @Sendable () -> Void) { (self.name, self.body) = (name, body) }
    func run() {
      #if canImport(Darwin)
        pthread_setname_np(name)
      #else
        zrpc_set_thread_name(name)
      #endif
      body()
    }
  }
  let start = Unmanaged.passRetained(Start(name, body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  #if canImport(Darwin)
    var thread: pthread_t?
    let result = pthread_create(
      &thread, &attributes,
      { argument in
        Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, start.toOpaque())
  #else
    var thread = pthread_t()
    let result = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, start.toOpaque())
  #endif
  pthread_attr_destroy(&attributes)
  if result != 0 { start.release() }
}

/// Lets one thread sleep until another wakes it. A wake that comes first is kept.
final class ThreadGate: @unchecked Sendable {  // pthread handles at stable addresses, used as pthreads(7) allows
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var isOpen = false

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Sleeps until ``open()``.
  func wait() {
    pthread_mutex_lock(mutex)
    while !isOpen { pthread_cond_wait(condition, mutex) }
    isOpen = false
    pthread_mutex_unlock(mutex)
  }

  /// Sleeps until ``open()``, or for a number of seconds.
  func wait(atMost seconds: Int) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    time.tv_sec += seconds
    pthread_mutex_lock(mutex)
    while !isOpen, pthread_cond_timedwait(condition, mutex, &time) == 0 {}
    isOpen = false
    pthread_mutex_unlock(mutex)
  }

  /// Wakes the thread that waits, or the next one that does.
  func open() {
    pthread_mutex_lock(mutex)
    isOpen = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }
}

/// Sleeps the calling thread.
func sleepThread(nanoseconds: Int) {
  var time = timespec(tv_sec: 0, tv_nsec: nanoseconds)
  nanosleep(&time, nil)
}

/// Has the system run the calling thread soon after it is woken, also where others compute: a thread that asks for short slices
/// interrupts those with longer ones. Its share of a processor stays the same. Linux 6.12 and later; elsewhere nothing happens.
func shortenSlice() {
  #if os(Linux)
    // The least that the kernel grants.
    zrpc_shorten_slice(100_000)
  #endif
}
