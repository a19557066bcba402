// SPDX-License-Identifier: Apache-2.0
// The exec backend: credentials from another program, a docker credential helper or a credential provider of the
// kubelet. START HERE: this file is the whole course of one request.
#include <algorithm>
#include <memory>
#include <regcred/backend.hpp>
#include <regcred/process.hpp>
#include <string>
#include <utility>
#include <vector>

#include "docker.hpp"
#include "kubelet.hpp"
#include "options.hpp"

namespace exec_backend {
namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::Result;

class Exec final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "exec",
      .version = REGCRED_BACKEND_VERSION,
      .token = regcred::TokenNeed::optional,
      .settings_schema = settings_schema,
      .runs_programs = true,
  };

  static Result<std::unique_ptr<Exec>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    const std::vector<std::string> &args = options->args;
    if (options->protocol == Protocol::docker && std::find(args.begin(), args.end(), "get") == args.end()) {
      host.log().info("args has no `get`, which docker helpers need");
    }
    return std::make_unique<Exec>(host, std::move(*options));
  }

  Exec(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<Credentials> get_credentials(const regcred::Request &request) override {
    if (options_.protocol == Protocol::kubelet) {
      const Result<regcred::ProgramResult> end = run(provider_request(options_, request));
      if (!end) return tl::make_unexpected(end.error());
      return read_provider(options_, request, *end);
    }
    if (!request.service_account_token().empty()) {
      host_.log().info("docker helpers get no service account token; write serviceAccountToken: never in the entry");
    }
    const std::string server = server_of(options_, request.registry());
    const Result<regcred::ProgramResult> end = run(regcred::Secret(server));  // never the token
    if (!end) return tl::make_unexpected(end.error());
    return read_docker(options_, server, *end);
  }

 private:
  [[nodiscard]] Result<regcred::ProgramResult> run(regcred::Secret input) const {
    Result<regcred::ProgramResult> end = regcred::Process(host_).run({.path = options_.program,
                                                                      .sha256 = options_.sha256,
                                                                      .arguments = options_.args,
                                                                      .environment = options_.environment,
                                                                      .input = std::move(input),
                                                                      .timeout = options_.timeout});
    if (!end && end.error().code == Code::bad_config) end.error().text.insert(0, "settings.program: ");
    return end;
  }

  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace exec_backend

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<exec_backend::Exec>(); }
