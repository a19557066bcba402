// SPDX-License-Identifier: Apache-2.0
// The static backend: usernames, and passwords from root-only files, per registry or path; or both from a docker
// configuration. For registries that know no tokens. START HERE: this file is the whole course of one request.
#include <memory>
#include <optional>
#include <regcred/backend.hpp>
#include <regcred/docker_config.hpp>
#include <regcred/json.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "options.hpp"
#include "selection.hpp"

namespace static_backend {
namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::Result;
using regcred::Secret;
using regcred::shown;

// What keeps the content of a password's file from being one, and the cure.
std::string finding_on(std::string_view text, const std::string &file) {
  if (text.starts_with('{') && regcred::is_utf8(text)) {
    return "the file " + shown(file, 160) +
           " holds JSON over several lines, like a service account's key, and a password is one line; write it with: "
           "jq "
           "-c . KEY.json > " +
           (file.starts_with('/') ? file : "FILE");
  }
  return std::string("the file must hold the password on one line of UTF-8, and nothing else; ") +
         (text.find('\n') == text.npos ? "write" : "join or remove the other lines of") + " " + shown(file, 160);
}

bool is_password(std::string_view text) {
  return !text.empty() && !regcred::has_control_character(text) && regcred::is_utf8(text);
}

class Static final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "static",
      .version = REGCRED_BACKEND_VERSION,
      .token = regcred::TokenNeed::never,
      .settings_schema = settings_schema,
  };

  static Result<std::unique_ptr<Static>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    return std::make_unique<Static>(host, std::move(*options));
  }

  Static(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  // Files are opened only for an image that is served, and only now: settings must be checkable where they do not
  // exist.
  Result<Credentials> get_credentials(const regcred::Request &request) override {
    if (options_.docker_config_file) return from_docker_config(*options_.docker_config_file, request);
    Selection selection = select(options_.credentials, request.registry(), request.path());
    if (selection.credential == nullptr) {
      return failure(Code::no_credentials, "no credential in settings is for image " + shown(request.image(), 128));
    }
    Result<std::string> username = read_username(*selection.credential);
    if (!username) return tl::make_unexpected(std::move(username.error()));
    Result<Secret> password = read_password(*selection.credential);
    if (!password) return tl::make_unexpected(std::move(password.error()));

    Credentials credentials;
    credentials.registry = std::move(selection.registry);
    credentials.username = std::move(*username);
    credentials.password = std::move(*password);
    credentials.scope = selection.scope;
    return credentials;
  }

 private:
  [[nodiscard]] Result<std::string> read_username(const Credential &credential) const {
    if (credential.username) return *credential.username;
    const std::string key = credential.where + ".usernameFile";
    const Result<Secret> content = read_file(key, *credential.username_file);
    if (!content) return tl::make_unexpected(content.error());
    if (!is_username(content->reveal())) {
      return failure(Code::bad_config,
                     key + ": the file must hold the username on one line of UTF-8, without ':'; correct " +
                         shown(*credential.username_file, 160));
    }
    return std::string(content->reveal());
  }

  [[nodiscard]] Result<Secret> read_password(const Credential &credential) const {
    const std::string key = credential.where + ".passwordFile";
    Result<Secret> password = read_file(key, credential.password_file);
    if (!password) return password;
    if (!is_password(password->reveal())) {
      return failure(Code::bad_config, key + ": " + finding_on(password->reveal(), credential.password_file));
    }
    return password;
  }

  [[nodiscard]] Result<Credentials> from_docker_config(const std::string &file, const regcred::Request &request) const {
    const std::string key = "settings.dockerConfigFile";
    const Result<Secret> content = read_file(key, file);
    if (!content) return tl::make_unexpected(content.error());
    const std::optional<nlohmann::json> config = regcred::parse_json_object(content->reveal());
    if (!config) {
      return failure(Code::bad_config,
                     key + ": the file must hold one JSON object, not in base64 as in a Secret's YAML; write the " +
                         "decoded text to " + shown(file, 160));
    }
    Result<std::optional<regcred::DockerAuth>> found =
        regcred::docker_auth(*config, request.registry(), request.path());
    if (!found) return failure(found.error().code, key + ": " + shown(file, 160) + " " + found.error().text);
    if (!*found) {
      return failure(Code::no_credentials,
                     "no entry in " + shown(file, 160) + " is for image " + shown(request.image(), 128));
    }
    regcred::DockerAuth &auth = **found;
    if (!is_username(auth.username) || !is_password(auth.password.reveal())) {
      return failure(Code::bad_config, key + ": " + shown(file, 160) +
                                           " has an entry for this image whose username or password is not one line "
                                           "of UTF-8; correct it");
    }
    Credentials credentials;
    if (!auth.path.empty()) credentials.registry = std::string(request.registry()) + "/" + auth.path;
    credentials.username = std::move(auth.username);
    credentials.password = std::move(auth.password);
    credentials.scope = auth.scope;
    return credentials;
  }

  // The file's content, or the host's reason behind the setting that names the file.
  [[nodiscard]] Result<Secret> read_file(const std::string &key, const std::string &name) const {
    Result<Secret> content = host_.secret_files().read(name);
    if (content) return content;
    return failure(content.error().code, key + ": " + content.error().text);
  }

  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace static_backend

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<static_backend::Static>(); }
