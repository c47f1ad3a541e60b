#pragma once
#include <zmq.h>
#include <errno.h>
#include <stdint.h>

// Asks for the first two cache lines at an address that will be needed soon. Any address will do.
static inline void zrpc_prefetch(const void *address) {
  __builtin_prefetch(address);
  __builtin_prefetch((const char *)address + 64);
}

#ifdef __linux__
// Not part of Swift's Glibc module.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

// prctl is variadic, which Swift does not import.
static inline void zrpc_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// What sched_getattr(2) and sched_setattr(2) exchange, in its first version. Older C libraries do not declare them.
struct zrpc_scheduling {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

// What the scheduler has for the calling thread; false where the system does not tell, or where the thread's policy is not an ordinary one.
static inline int zrpc_get_scheduling(struct zrpc_scheduling *now) {
  return syscall(SYS_sched_getattr, 0, now, sizeof *now, 0) == 0 && (now->policy == 0 || now->policy == 3);  // OTHER, BATCH
}

// The calling thread's slice in nanoseconds; 0 where it has none, or where the system does not tell, as before Linux 6.12.
static inline uint64_t zrpc_slice(void) {
  struct zrpc_scheduling now = {0};
  return zrpc_get_scheduling(&now) ? now.runtime : 0;
}

// Asks for a slice of so many nanoseconds, unless the calling thread has a shorter one, or none. Threads that it creates have
// ordinary slices (SCHED_FLAG_RESET_ON_FORK). That would take a raised priority from them too: a thread with one is left alone.
static inline void zrpc_shorten_slice(uint64_t nanoseconds) {
  struct zrpc_scheduling wanted = {0};
  if (!zrpc_get_scheduling(&wanted) || wanted.runtime <= nanoseconds || wanted.nice < 0) return;
  wanted.runtime = nanoseconds;
  wanted.flags |= 1;
  syscall(SYS_sched_setattr, 0, &wanted, 0);
}

// accept4(2), which the C libraries declare only on request; here without the peer's address.
extern int zrpc_accept(int listener, void *address, void *length, int flags) __asm__("accept4");

// Fires once at a time of CLOCK_MONOTONIC in nanoseconds; 0 disarms.
static inline void zrpc_arm_timer(int timer, uint64_t time) {
  struct itimerspec when = {0};
  when.it_value.tv_sec = time / 1000000000;
  when.it_value.tv_nsec = time % 1000000000;
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}
#endif
