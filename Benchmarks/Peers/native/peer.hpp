// What the C++ peers share: the protocol of Benchmarks/README.md by the floor's own C files, and how a peer stops.

#pragma once

#include <memory>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "../../Floor/options.h"
#include "../../Floor/result.h"

namespace peer {

/// Exits with the status that says: this subject does not offer that.
[[noreturn]] inline void unsupported(const options &options) {
  fprintf(stderr, "%s: --mode %s is not supported\n", options.program, options.mode_name);
  exit(3);
}

[[noreturn]] inline void fail(const std::string &what) {
  fprintf(stderr, "%s\n", what.c_str());
  exit(1);
}

/// Prints the line that tells that the server is bound.
inline void ready(const options &options) {
  printf("ready %s\n", options.endpoint);
  fflush(stdout);
}

/// Blocks the stopping signals. To be called before any other thread exists.
inline void block_signals(sigset_t *signals) {
  sigemptyset(signals);
  sigaddset(signals, SIGTERM);
  sigaddset(signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, signals, nullptr);
}

/// Waits for SIGTERM, SIGINT or the end of standard input.
inline void wait_for_stop(const sigset_t &signals) {
  std::thread([] {
    char bytes[64];
    while (read(STDIN_FILENO, bytes, sizeof bytes) > 0) {
    }
    kill(getpid(), SIGTERM);
  }).detach();
  int signal;
  sigwait(&signals, &signal);
}

/// Ends a load when the pipe at its standard input closes.
inline void exit_with_parent() {
  struct stat input;
  if (fstat(STDIN_FILENO, &input) != 0 || !S_ISFIFO(input.st_mode)) return;
  std::thread([] {
    char bytes[64];
    while (read(STDIN_FILENO, bytes, sizeof bytes) > 0) {
    }
    _exit(130);
  }).detach();
}

/// `tcp://host:port` as `host:port`, `ipc://path` as `unix:path`.
inline std::string address_of(const options &options) {
  std::string endpoint = options.endpoint;
  if (endpoint.rfind("tcp://", 0) == 0) return endpoint.substr(6);
  if (endpoint.rfind("ipc://", 0) == 0) return "unix:" + endpoint.substr(6);
  fail("the endpoint '" + endpoint + "' is neither tcp:// nor ipc://");
}

/// The progress of a closed loop: what was sent, and when to stop sending.
class Progress {
 public:
  explicit Progress(const options &options) : options_(options), result_(new result()) {
    histogram_reset(&result_->latency);
  }

  /// Ends the warm-up. Returns the time.
  uint64_t start() {
    result_->sent = result_->received = 0;
    histogram_reset(&result_->latency);
    result_->started = usage_now();
    return started_ = nanoseconds_now();
  }

  void begin_warmup() { limit_ = options_.warmup; }
  void begin_measured() { limit_ = options_.count != 0 ? options_.count : UINT64_MAX; }

  /// Whether one more is to be sent; counts it if so.
  bool next(uint64_t now) {
    bool is_over = started_ != 0 && options_.seconds != 0 && double(now - started_) >= options_.seconds * 1e9;
    if (is_over || result_->sent >= limit_) return false;
    result_->sent++;
    return true;
  }

  void received(uint64_t sent_at, uint64_t now) {
    result_->received++;
    histogram_record(&result_->latency, now - sent_at);
  }

  bool is_complete() const { return result_->received == result_->sent; }

  /// Ends the measuring and prints the line. Returns the exit status.
  int finish(const char *subject) {
    result_->ended = usage_now();
    return result_print(result_.get(), subject, &options_);
  }

  /// Counts an item of a stream, which has no latency.
  void item() { result_->received = ++result_->sent; }

 private:
  const options &options_;
  std::unique_ptr<result> result_;
  uint64_t started_ = 0;
  uint64_t limit_ = UINT64_MAX;
};

}  // namespace peer
