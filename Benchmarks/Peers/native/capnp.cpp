// Cap'n Proto RPC as a peer: one event loop on each side, calls chained by promises.

#include <capnp/ez-rpc.h>
#include <kj/async-io.h>

#include <vector>

#include "echo.capnp.h"
#include "peer.hpp"

namespace {

const char kName[] = "capnp";

class EchoServer final : public Echo::Server {
  kj::Promise<void> call(CallContext context) override {
    auto body = context.getParams().getBody();
    context.getResults(capnp::MessageSize{body.size() / sizeof(capnp::word) + 8, 0}).setBody(body);
    return kj::READY_NOW;
  }
};

// A message of 16 MiB in both directions is beyond the default limit against hostile ones.
capnp::ReaderOptions reader_options() {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = uint64_t(1) << 40;
  return options;
}

int serve(const options &options) {
  sigset_t signals;
  peer::block_signals(&signals);
  capnp::EzRpcServer server(kj::heap<EchoServer>(), peer::address_of(options), 0, reader_options());
  server.getPort().wait(server.getWaitScope());
  auto stop = kj::newPromiseAndCrossThreadFulfiller<void>();
  std::thread watcher([&] {
    peer::wait_for_stop(signals);
    stop.fulfiller->fulfill();
  });
  peer::ready(options);
  stop.promise.wait(server.getWaitScope());
  watcher.join();
  return 0;
}

class Load {
 public:
  explicit Load(const options &options) : options_(options), progress_(options), body_(options.size + 1) {
    for (unsigned index = 0; index < options.connections; index++) {
      clients_.push_back(std::make_unique<capnp::EzRpcClient>(peer::address_of(options), 0, reader_options()));
      echoes_.push_back(clients_.back()->getMain<Echo>());
    }
  }

  int run() {
    progress_.begin_warmup();
    run_all();
    progress_.begin_measured();
    progress_.start();
    run_all();
    return progress_.finish(kName);
  }

 private:
  void run_all() {
    auto &scope = clients_[0]->getWaitScope();
    auto calls = kj::heapArrayBuilder<kj::Promise<void>>(options_.in_flight);
    for (uint64_t index = 0; index < options_.in_flight; index++) {
      calls.add(keep_calling(echoes_[index % echoes_.size()]));
    }
    kj::joinPromises(calls.finish()).wait(scope);
  }

  kj::Promise<void> keep_calling(Echo::Client &echo) {
    uint64_t sent_at = nanoseconds_now();
    if (!progress_.next(sent_at)) return kj::READY_NOW;
    auto request = echo.callRequest(capnp::MessageSize{options_.size / sizeof(capnp::word) + 8, 0});
    request.setBody(kj::arrayPtr(body_.data(), options_.size));
    return request.send().then([this, &echo, sent_at](capnp::Response<Echo::CallResults> &&response) {
      if (response.getBody().size() != options_.size) peer::fail("the reply has another size than the request");
      progress_.received(sent_at, nanoseconds_now());
      return keep_calling(echo);
    });
  }

  const options &options_;
  peer::Progress progress_;
  std::vector<kj::byte> body_;
  std::vector<std::unique_ptr<capnp::EzRpcClient>> clients_;
  std::vector<Echo::Client> echoes_;
};

}  // namespace

int main(int argc, char **argv) {
  const options options = options_parse(kName, argc, argv);
  if (options.role == ROLE_SERVE) return serve(options);
  if (options.mode != MODE_SEQUENTIAL && options.mode != MODE_PIPELINED) peer::unsupported(options);
  peer::exit_with_parent();
  return Load(options).run();
}
