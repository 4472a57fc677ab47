#pragma once

// One call of penstockctl: what was asked for, and the engine that answers. With --engine that one; else the engine that
// holds the workspace; else an engine that lives for this call, inside this process.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "ctl/failure.h"
#include "ctl/output.h"
#include "penstock/v1/common.pb.h"
#include "rpc/error_status.h"

namespace penstock {
class EngineServer;
}

namespace penstock::ctl {

struct SessionOptions {
  std::string engine;           // HOST:PORT; empty: by workspace
  std::string token_file;
  std::string workspace = ".";
  std::string environment;      // empty: "dev"
  std::string why;              // for the audit log
  bool json = false;
};

// A command gives its exit code, or an Error that main prints.
using Outcome = Result<Exit>;

class Session {
 public:
  Session();
  ~Session();

  SessionOptions options;                 // filled in by the parser before a command runs
  std::function<Outcome()> command;       // set by the subcommand that was parsed

  bool json() const { return options.json; }
  bool for_this_call() const { return server_ != nullptr; }
  // unavailable: nobody answers at --engine. Else why the workspace's engine could not be opened.
  Result<std::shared_ptr<grpc::Channel>> channel();
  // A Command with a new id and the operator's --why.
  v1::Command new_command() const;

  template <typename Service, typename Request, typename Response>
  Result<Response> call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
                        std::chrono::seconds deadline = std::chrono::seconds(60));
  // Until the stream ends, or `item` gives false. A stream that breaks is an error.
  template <typename Service, typename Request, typename Item>
  Status read(std::unique_ptr<grpc::ClientReader<Item>> (Service::Stub::*method)(grpc::ClientContext*, const Request&), const Request& request,
              const std::function<bool(const Item&)>& item);

 private:
  Result<std::shared_ptr<grpc::Channel>> connect();
  void prepare(grpc::ClientContext& context) const;   // who calls, and its token
  Error failure(const grpc::Status& status, const grpc::ClientContext& context) const;

  std::string token_;
  std::string address_;                    // of the engine, for messages
  std::unique_ptr<EngineServer> server_;   // the engine of this call
  std::shared_ptr<grpc::Channel> channel_;
};

template <typename Service, typename Request, typename Response>
Result<Response> Session::call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                               const Request& request, std::chrono::seconds deadline) {
  PENSTOCK_ASSIGN(const auto channel, this->channel());
  grpc::ClientContext context;
  prepare(context);
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  Response response;
  const auto stub = Service::NewStub(channel);
  const grpc::Status status = (stub.get()->*method)(&context, request, &response);
  if (!status.ok()) return failure(status, context);
  return response;
}

template <typename Service, typename Request, typename Item>
Status Session::read(std::unique_ptr<grpc::ClientReader<Item>> (Service::Stub::*method)(grpc::ClientContext*, const Request&),
                     const Request& request, const std::function<bool(const Item&)>& item) {
  PENSTOCK_ASSIGN(const auto channel, this->channel());
  grpc::ClientContext context;
  prepare(context);
  const auto stub = Service::NewStub(channel);
  auto reader = (stub.get()->*method)(&context, request);
  Item received;
  bool wanted = true;
  while (wanted && reader->Read(&received)) wanted = item(received);
  if (!wanted) context.TryCancel();
  const grpc::Status status = reader->Finish();
  if (wanted && !status.ok()) return failure(status, context);
  return {};
}

}  // namespace penstock::ctl
