// SPDX-License-Identifier: Apache-2.0
#include <regcred/backend.hpp>
#include <stdexcept>

namespace {

class Throws final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "throws-in-create", .version = "1.0.0", .token = regcred::TokenNeed::never, .settings_schema = "{}"};
  static regcred::Result<std::unique_ptr<Throws>> create(regcred::Host, regcred::Settings &) {
    throw std::runtime_error("secret-in-an-exception");
  }
  regcred::Result<regcred::Credentials> get_credentials(const regcred::Request &) override {
    return regcred::failure(regcred::Code::internal, "not reached");
  }
};

}  // namespace

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<Throws>(); }
