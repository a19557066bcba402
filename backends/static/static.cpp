// The static backend: a fixed username and a password from a root-only file. For registries that know no tokens.
#include <algorithm>
#include <memory>
#include <optional>
#include <regcred/backend.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace static_backend {
namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::Result;
using regcred::Secret;
using regcred::shown;

constexpr std::size_t list_items_max = 256;
constexpr std::size_t username_bytes_max = 4096;  // what the host takes
constexpr std::size_t file_bytes_max = 4096;      // a path, as PATH_MAX

constexpr std::string_view settings_schema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Settings of the static backend",
  "type": "object",
  "additionalProperties": false,
  "required": ["passwordFile"],
  "oneOf": [{ "required": ["username"] }, { "required": ["usernameFile"] }],
  "properties": {
    "username": {
      "description": "The username itself.",
      "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f:]+$", "maxLength": 4096
    },
    "usernameFile": {
      "description": "File with the username: an absolute path, or a name in $CREDENTIALS_DIRECTORY. Mode 0600 or 0400.",
      "type": "string", "minLength": 1, "maxLength": 4096
    },
    "passwordFile": {
      "description": "File with the password: an absolute path, or a name in $CREDENTIALS_DIRECTORY. Mode 0600 or 0400.",
      "type": "string", "minLength": 1, "maxLength": 4096
    },
    "registries": {
      "description": "host[:port] of the registries this credential is for. Default: all that the entry matches.",
      "type": "array", "minItems": 1, "maxItems": 256,
      "items": { "type": "string", "pattern": "^[-a-zA-Z0-9.]+(:[1-9][0-9]{0,4})?$", "maxLength": 259 }
    }
  }
})json";

struct Options {
  std::optional<std::string> username;
  std::optional<std::string> username_file;  // exactly one of the two
  std::string password_file;
  std::optional<std::vector<std::string>> registries;  // host[:port] in lower case
};

bool is_username(std::string_view text) {
  return !text.empty() && text.size() <= username_bytes_max && !regcred::has_control_character(text) &&
         text.find(':') == std::string_view::npos;
}

bool is_file_name(const std::optional<std::string> &name) {
  return name && !name->empty() && name->size() <= file_bytes_max;
}

Result<std::vector<std::string>> read_registries(const std::vector<std::string> &texts) {
  if (texts.empty() || texts.size() > list_items_max) {
    return failure(Code::bad_config, "settings.registries: must name 1 to 256 hosts; remove the key to serve all");
  }
  std::vector<std::string> hosts;
  for (const std::string &text : texts) {
    std::optional<std::string> host = regcred::host_and_port(text);
    if (!host) {
      return failure(Code::bad_config, "settings.registries: " + shown(text) +
                                           " is no host; write host[:port] exactly as in the image, no wildcard");
    }
    hosts.push_back(std::move(*host));
  }
  return hosts;
}

Result<Options> read_options(regcred::Settings &settings) {
  Options options;
  options.username = settings.text("username");
  options.username_file = settings.text("usernameFile");
  const std::optional<std::string> password_file = settings.text("passwordFile");
  const bool limited = settings.has("registries");
  const std::vector<std::string> registries = settings.texts("registries");

  if (options.username.has_value() == options.username_file.has_value()) {
    return failure(Code::bad_config, "settings.username, settings.usernameFile: set exactly one of the two");
  }
  if (options.username && !is_username(*options.username)) {
    return failure(Code::bad_config, "settings.username: must be 1 to 4096 bytes without ':' and control characters");
  }
  if (options.username_file && !is_file_name(options.username_file)) {
    return failure(Code::bad_config,
                   "settings.usernameFile: must be an absolute path or a name in "
                   "$CREDENTIALS_DIRECTORY");
  }
  if (!is_file_name(password_file)) {
    return failure(Code::bad_config,
                   "settings.passwordFile: is missing or empty; write the absolute path of a file with "
                   "mode 0600, or a name in $CREDENTIALS_DIRECTORY");
  }
  options.password_file = *password_file;
  if (limited) {
    Result<std::vector<std::string>> hosts = read_registries(registries);
    if (!hosts) return tl::make_unexpected(std::move(hosts.error()));
    options.registries = std::move(*hosts);
  }
  return options;
}

// The file's content, or the host's reason under the name of the setting.
Result<Secret> read_file(const regcred::SecretFiles &files, std::string_view key, const std::string &name) {
  Result<Secret> content = files.read(name);
  if (content) return content;
  return failure(content.error().code, "settings." + std::string(key) + ": " + content.error().text);
}

class Static final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "static",
      .version = "0.1.0",
      .token = regcred::TokenNeed::never,
      .settings_schema = settings_schema,
  };

  static Result<std::unique_ptr<Static>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    return std::make_unique<Static>(host, std::move(*options));
  }

  Static(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  // Files are opened only for a registry that is served, and only now: `check` must work where they do not exist.
  Result<Credentials> get_credentials(const regcred::Request &request) override {
    if (!serves(request.registry())) return failure(Code::no_credentials, "the registry is not in settings.registries");
    Credentials credentials;
    Result<std::string> username = read_username();
    if (!username) return tl::make_unexpected(std::move(username.error()));
    credentials.username = std::move(*username);

    Result<Secret> password = read_file(host_.secret_files(), "passwordFile", options_.password_file);
    if (!password) return tl::make_unexpected(std::move(password.error()));
    if (password->empty() || regcred::has_control_character(password->reveal())) {
      return failure(Code::bad_config,
                     "settings.passwordFile: the file must hold the password on one line, and nothing "
                     "else");
    }
    credentials.password = std::move(*password);
    credentials.scope = regcred::Scope::registry;
    return credentials;
  }

 private:
  [[nodiscard]] bool serves(std::string_view registry) const {
    if (!options_.registries) return true;
    const std::optional<std::string> host = regcred::host_and_port(registry);
    return host &&
           std::find(options_.registries->begin(), options_.registries->end(), *host) != options_.registries->end();
  }

  [[nodiscard]] Result<std::string> read_username() const {
    if (options_.username) return *options_.username;
    const Result<Secret> content = read_file(host_.secret_files(), "usernameFile", *options_.username_file);
    if (!content) return tl::make_unexpected(content.error());
    if (!is_username(content->reveal())) {
      return failure(Code::bad_config,
                     "settings.usernameFile: the file must hold the username on one line, without ':'");
    }
    return std::string(content->reveal());
  }

  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace static_backend

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<static_backend::Static>(); }
