// The greeter with gRPC for C++ and its callback interface: greeter PORT [CERT KEY].
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "helloworld.grpc.pb.h"

using grpc::CallbackServerContext;
using helloworld::HelloReply;
using helloworld::HelloRequest;

namespace {

constexpr int kStreamReplies = 5;

// Writes the same reply some times, and ends with the stream.
class Replies : public grpc::ServerWriteReactor<HelloReply> {
 public:
  explicit Replies(const HelloRequest& request) {
    reply_.set_message("Hello " + request.name());
    Next();
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      Next();
    } else {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone"));
    }
  }

  void OnDone() override { delete this; }

 private:
  void Next() {
    if (written_++ < kStreamReplies) {
      StartWrite(&reply_);
    } else {
      Finish(grpc::Status::OK);
    }
  }

  HelloReply reply_;
  int written_ = 0;
};

class Greeter : public helloworld::Greeter::CallbackService {
  grpc::ServerUnaryReactor* SayHello(CallbackServerContext* context,
                                     const HelloRequest* request,
                                     HelloReply* reply) override {
    reply->set_message("Hello " + request->name());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerWriteReactor<HelloReply>* SayHelloStreamReply(
      CallbackServerContext*, const HelloRequest* request) override {
    return new Replies(*request);
  }
};

std::string Read(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    std::cerr << "usage: greeter PORT [CERT KEY]\n";
    return 2;
  }
  auto credentials = grpc::InsecureServerCredentials();
  if (argc == 4) {
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back({Read(argv[3]), Read(argv[2])});
    credentials = grpc::SslServerCredentials(options);
  }
  Greeter greeter;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + argv[1], credentials);
  builder.RegisterService(&greeter);
  auto server = builder.BuildAndStart();
  if (!server) {
    return 1;
  }
  server->Wait();
}
