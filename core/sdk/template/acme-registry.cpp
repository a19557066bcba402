// The acme-registry backend: the pod's token goes to POST https://{apiHost}/token, a password for the registry comes
// back. This file is the whole backend: its settings, its one exchange, its table.
#include <memory>
#include <optional>
#include <regcred/backend.hpp>
#include <regcred/exchange.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace acme_registry_backend {
namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::Result;

// What operators may write under `settings:` of their entry, as JSON Schema (draft 2020-12).
constexpr std::string_view settings_schema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the acme-registry backend",
  "type": "object",
  "additionalProperties": false,
  "required": ["apiHost"],
  "properties": {
    "apiHost": {
      "description": "host[:port] that exchanges the token, over https.",
      "type": "string", "pattern": "^[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$", "maxLength": 259
    }
  }
})json";

class AcmeRegistryBackend final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "acme-registry",
      .version = REGCRED_BACKEND_VERSION,  // of project() in CMakeLists.txt
      .token = regcred::TokenNeed::required,
      .settings_schema = settings_schema,
  };

  // Reads every setting and sends nothing. What is left unread is an error, which the SDK reports.
  static Result<std::unique_ptr<AcmeRegistryBackend>> create(regcred::Host host, regcred::Settings &settings) {
    std::optional<std::string> api_host = regcred::host_and_port(settings.text("apiHost").value_or(""));
    if (!api_host) {
      return failure(Code::bad_config, "settings.apiHost: is missing or no host; write host or host:port");
    }
    return std::make_unique<AcmeRegistryBackend>(host, std::move(*api_host));
  }

  AcmeRegistryBackend(regcred::Host host, std::string api_host) : host_(host), api_host_(std::move(api_host)) {}

  // One request: {"token":"..."} goes out, {"password":"...","expires_in":3600} comes back.
  Result<Credentials> get_credentials(const regcred::Request &request) override {
    const Result<regcred::PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());

    regcred::Exchange exchange(host_, *token, {.name = "acme-registry", .host_setting = "settings.apiHost"});
    const Result<nlohmann::json> answer =
        exchange.send(regcred::post_json("https://" + api_host_ + "/token", {{"token", token->text}}));
    if (!answer) return tl::make_unexpected(answer.error());
    return exchange.credentials(*answer,
                                {.password = "password", .fixed_username = "token", .scope = regcred::Scope::registry});
  }

 private:
  regcred::Host host_;
  std::string api_host_;
};

}  // namespace
}  // namespace acme_registry_backend

const regcred_backend_v1 *regcred_backend_entry_v1() {
  return regcred::backend_table<acme_registry_backend::AcmeRegistryBackend>();
}
