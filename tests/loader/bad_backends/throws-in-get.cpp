// SPDX-License-Identifier: Apache-2.0
#include <regcred/backend.hpp>

namespace {

class Throws final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "throws-in-get", .version = "1.0.0", .token = regcred::TokenNeed::never, .settings_schema = "{}"};
  static regcred::Result<std::unique_ptr<Throws>> create(regcred::Host, regcred::Settings &) {
    return std::make_unique<Throws>();
  }
  regcred::Result<regcred::Credentials> get_credentials(const regcred::Request &) override { throw 42; }
};

}  // namespace

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<Throws>(); }
