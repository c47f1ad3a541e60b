// gRPC C++ as a peer: the callback API on the server; on the client the blocking stub for one call at a time and a
// completion queue, drained by one thread, for many.

#include <grpcpp/grpcpp.h>

#include <vector>

#include "echo.grpc.pb.h"
#include "peer.hpp"

namespace {

const char kName[] = "grpc-cpp";

class EchoService final : public benchmark::Echo::CallbackService {
  grpc::ServerUnaryReactor *Call(grpc::CallbackServerContext *context, const benchmark::Payload *request,
                                 benchmark::Payload *reply) override {
    // The request is const only by the interface; it is not used again, so its body can move.
    reply->mutable_body()->swap(*const_cast<benchmark::Payload *>(request)->mutable_body());
    auto *reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  class Writer final : public grpc::ServerWriteReactor<benchmark::Payload> {
   public:
    Writer(uint64_t count, size_t size) : left_(count) {
      item_.set_body(std::string(size, '\0'));
      write();
    }
    void OnWriteDone(bool ok) override { ok ? write() : Finish(grpc::Status::CANCELLED); }
    void OnDone() override { delete this; }

   private:
    void write() {
      if (left_ == 0) return Finish(grpc::Status::OK);
      left_--;
      StartWrite(&item_);
    }
    uint64_t left_;
    benchmark::Payload item_;
  };

  grpc::ServerWriteReactor<benchmark::Payload> *Stream(grpc::CallbackServerContext *,
                                                       const benchmark::StreamRequest *request) override {
    return new Writer(request->count(), request->size());
  }
};

int serve(const options &options) {
  sigset_t signals;
  peer::block_signals(&signals);
  EchoService service;
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddListeningPort(peer::address_of(options), grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) peer::fail(std::string("cannot bind ") + options.endpoint);
  peer::ready(options);
  peer::wait_for_stop(signals);
  server->Shutdown(std::chrono::system_clock::now());
  server->Wait();
  return 0;
}

std::vector<std::unique_ptr<benchmark::Echo::Stub>> connect(const options &options) {
  std::vector<std::unique_ptr<benchmark::Echo::Stub>> stubs;
  for (unsigned index = 0; index < options.connections; index++) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    // Channels with equal arguments share one connection otherwise.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    auto channel = grpc::CreateCustomChannel(peer::address_of(options), grpc::InsecureChannelCredentials(), arguments);
    stubs.push_back(benchmark::Echo::NewStub(channel));
  }
  return stubs;
}

void check(const grpc::Status &status, const benchmark::Payload &reply, const options &options) {
  if (!status.ok()) peer::fail("call failed: " + status.error_message());
  if (reply.body().size() != options.size) peer::fail("the reply has another size than the request");
}

void run_sequential(benchmark::Echo::Stub &stub, const options &options, peer::Progress &progress) {
  benchmark::Payload request, reply;
  request.set_body(std::string(options.size, '\0'));
  for (uint64_t before = nanoseconds_now(); progress.next(before);) {
    grpc::ClientContext context;
    check(stub.Call(&context, request, &reply), reply, options);
    uint64_t after = nanoseconds_now();
    progress.received(before, after);
    before = after;
  }
}

struct Slot {
  benchmark::Echo::Stub *stub;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<benchmark::Payload>> reader;
  benchmark::Payload reply;
  grpc::Status status;
  uint64_t sent_at;
};

void run_pipelined(std::vector<std::unique_ptr<benchmark::Echo::Stub>> &stubs, const options &options,
                   peer::Progress &progress) {
  benchmark::Payload request;
  request.set_body(std::string(options.size, '\0'));
  grpc::CompletionQueue queue;
  auto send = [&](Slot &slot, uint64_t now) {
    slot.context = std::make_unique<grpc::ClientContext>();
    slot.sent_at = now;
    slot.reader = slot.stub->AsyncCall(slot.context.get(), request, &queue);
    slot.reader->Finish(&slot.reply, &slot.status, &slot);
  };
  std::vector<Slot> slots(options.in_flight);
  for (size_t index = 0; index < slots.size(); index++) {
    slots[index].stub = stubs[index % stubs.size()].get();
    uint64_t now = nanoseconds_now();
    if (progress.next(now)) send(slots[index], now);
  }
  while (!progress.is_complete()) {
    void *tag;
    bool ok;
    auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(10);
    if (queue.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) peer::fail("no reply for 10 s");
    Slot &slot = *static_cast<Slot *>(tag);
    check(slot.status, slot.reply, options);
    uint64_t now = nanoseconds_now();
    progress.received(slot.sent_at, now);
    if (progress.next(now)) send(slot, now);
  }
  queue.Shutdown();
}

void run_stream(benchmark::Echo::Stub &stub, const options &options, uint64_t count, peer::Progress &progress) {
  grpc::ClientContext context;
  benchmark::StreamRequest request;
  request.set_count(count);
  request.set_size(options.size);
  auto reader = stub.Stream(&context, request);
  benchmark::Payload item;
  uint64_t started = nanoseconds_now();
  bool is_over = false;
  while (reader->Read(&item)) {
    progress.item();
    if (options.seconds != 0 && double(nanoseconds_now() - started) >= options.seconds * 1e9) {
      is_over = true;
      context.TryCancel();
      break;
    }
  }
  // What was on its way must be taken before the call can end.
  while (is_over && reader->Read(&item)) {
  }
  grpc::Status status = reader->Finish();
  if (!status.ok() && !is_over) peer::fail("stream failed: " + status.error_message());
}

int load(const options &options) {
  peer::exit_with_parent();
  auto stubs = connect(options);
  peer::Progress progress(options);
  auto run = [&](bool is_warmup) {
    switch (options.mode) {
      case MODE_SEQUENTIAL: return run_sequential(*stubs[0], options, progress);
      case MODE_PIPELINED: return run_pipelined(stubs, options, progress);
      case MODE_STREAM: {
        uint64_t all = options.count != 0 ? options.count : UINT64_MAX;
        return run_stream(*stubs[0], options, is_warmup ? options.warmup : all, progress);
      }
      default: peer::unsupported(options);
    }
  };
  progress.begin_warmup();
  run(true);
  progress.begin_measured();
  progress.start();
  run(false);
  return progress.finish(kName);
}

}  // namespace

int main(int argc, char **argv) {
  const options options = options_parse(kName, argc, argv);
  return options.role == ROLE_SERVE ? serve(options) : load(options);
}
