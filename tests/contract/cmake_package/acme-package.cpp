// SPDX-License-Identifier: Apache-2.0
// A C++ backend made with find_package(regcred): the password lies in a file, the username follows from the image.
#include <memory>
#include <regcred/backend.hpp>
#include <string>
#include <utility>

#include "names.hpp"

namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::Result;

class AcmePackage final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "acme-package",
      .version = "1.0.0",
      .token = regcred::TokenNeed::never,
      .settings_schema = R"json({"type":"object","additionalProperties":false,"required":["passwordFile"],
        "properties":{"passwordFile":{"type":"string","description":"A name in $CREDENTIALS_DIRECTORY."}}})json",
  };

  static Result<std::unique_ptr<AcmePackage>> create(regcred::Host host, regcred::Settings &settings) {
    const std::optional<std::string> file = settings.text("passwordFile");
    if (!file) return failure(Code::bad_config, "settings.passwordFile: is missing; name a file with mode 0600");
    return std::make_unique<AcmePackage>(host, *file);
  }

  AcmePackage(regcred::Host host, std::string file) : host_(host), file_(std::move(file)) {}

  Result<Credentials> get_credentials(const regcred::Request &request) override {
    Result<regcred::Secret> password = host_.secret_files().read(file_);
    if (!password) return tl::make_unexpected(password.error());
    return Credentials{.username = acme::robot_of(request.path()), .password = std::move(*password)};
  }

 private:
  regcred::Host host_;
  std::string file_;
};

}  // namespace

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<AcmePackage>(); }
