#pragma once
#include <zmq.h>
#include <errno.h>

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
#include <sys/timerfd.h>

// prctl is variadic, which Swift does not import.
static inline void zrpc_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

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
