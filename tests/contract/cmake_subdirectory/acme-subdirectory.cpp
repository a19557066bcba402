// SPDX-License-Identifier: Apache-2.0
// A C++ backend made with add_subdirectory(regcred): passes the pod's own token on, under the name that it claims.
#include <chrono>
#include <memory>
#include <regcred/backend.hpp>
#include <regcred/jwt.hpp>

namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::Result;

class AcmeSubdirectory final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "acme-subdirectory",
      .version = "1.0.0",
      .settings_schema = R"json({"type":"object","additionalProperties":false})json",
  };

  static Result<std::unique_ptr<AcmeSubdirectory>> create(regcred::Host, regcred::Settings &) {
    return std::make_unique<AcmeSubdirectory>();
  }

  Result<Credentials> get_credentials(const regcred::Request &request) override {
    const auto claims = regcred::read_unverified_claims(request.service_account_token());
    if (!claims) return failure(Code::bad_request, "the service account token is not a JWT");
    return Credentials{.username = claims->issuer.substr(claims->issuer.rfind('/') + 1),
                       .password = regcred::Secret(request.service_account_token()),
                       .lifetime = std::chrono::seconds(0)};
  }
};

}  // namespace

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<AcmeSubdirectory>(); }
