// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <algorithm>
#include <optional>
#include <regcred/registry.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace oidc {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::Settings;
using regcred::shown;

constexpr std::size_t fields_max = 64;
constexpr std::size_t secret_fields_max = 8;
constexpr std::size_t file_bytes_max = 4096;

tl::unexpected<regcred::Failure> wrong(std::string_view key, std::string_view what) {
  return failure(Code::bad_config, "settings." + std::string(key) + ": " + std::string(what));
}

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Result<Mode> read_mode(Settings &settings) {
  const std::optional<std::string> name = settings.text("mode");
  if (!name) return wrong("mode", "is missing; write one of " + mode_names());
  std::optional<Mode> mode = find_mode(*name);
  if (!mode) return wrong("mode", shown(*name) + " is none of " + mode_names());
  return std::move(*mode);
}

// https://host[:port][/path][?query], printable ASCII.
Result<std::string> read_exchange_url(Settings &settings) {
  constexpr std::string_view scheme = "https://";
  constexpr std::size_t url_bytes_max = 2048;
  const std::optional<std::string> url = settings.text("exchangeUrl");
  if (!url) return wrong("exchangeUrl", "is missing; write the https URL that exchanges the token");
  const bool plain = url->size() <= url_bytes_max && is_printable_ascii(*url) &&
                     url->find_first_of("#\\") == std::string::npos && url->starts_with(scheme);
  if (!plain || !regcred::host_and_port(regcred::url_host(*url))) {
    return wrong("exchangeUrl", shown(*url) + " is not https://host[:port]/path, without user info and fragment");
  }
  return *url;
}

Result<bool> read_encoding(Settings &settings) {
  const std::string encoding = settings.text("encoding").value_or("form");
  if (encoding != "form" && encoding != "json") return wrong("encoding", shown(encoding) + " is neither form nor json");
  return encoding == "json";
}

// The field that holds the token: the mode's own, or in mode custom the setting's.
Result<std::string> read_token_field(Settings &settings, const Mode &mode) {
  const std::optional<std::string> field = settings.text("tokenField");
  const bool needed = mode.kind == Kind::body && mode.token_field.empty();
  if (needed && !field) return wrong("tokenField", "is missing; name the field that holds the token");
  if (field && !needed) return wrong("tokenField", "has a meaning in mode custom only; remove it");
  if (field && !is_field_name(*field)) return wrong("tokenField", shown(*field) + " is not a field's name");
  return field ? *field : std::string(mode.token_field);
}

// Why the settings may not use this name for a field of their own; empty when they may.
std::string_view taken(const Options &options, std::string_view field) {
  if (!is_field_name(field)) return "is not a field's name: 1 to 128 bytes of printable ASCII without blanks";
  if (field == options.token_field) return "holds the token; remove it";
  if (!options.mode.fixed.empty() && field == options.mode.fixed) return "is what makes this mode; remove it";
  return {};
}

// Values are not shown: some are secret, although they should stand in secretFields.
Result<void> check_fields(const Options &options) {
  for (const auto &[name, value] : options.fields) {
    if (const auto why = taken(options, name); !why.empty())
      return wrong("fields", shown(name) + " " + std::string(why));
    if (!is_field_value(value))
      return wrong("fields", shown(name) + " has a value over 4 KiB or with control characters");
  }
  if (options.fields.size() > fields_max) return wrong("fields", "more than 64 fields");
  for (const auto &[name, file] : options.secret_files) {
    if (const auto why = taken(options, name); !why.empty()) {
      return wrong("secretFields", shown(name) + " " + std::string(why));
    }
    if (options.fields.contains(name)) return wrong("secretFields", shown(name) + " stands in settings.fields, too");
    if (file.empty() || file.size() > file_bytes_max) {
      return wrong("secretFields", shown(name) + " needs an absolute path, or a name in $CREDENTIALS_DIRECTORY");
    }
  }
  if (options.secret_files.size() > secret_fields_max) return wrong("secretFields", "more than 8 fields");
  for (const Selection &selection : options.selections) {
    std::string why(taken(options, selection.field));
    if (options.secret_files.contains(selection.field)) why = "stands in settings.secretFields, too";
    if (!why.empty()) return wrong("selections", "the field " + shown(selection.field) + " " + why);
  }
  return {};
}

Result<std::optional<std::string>> read_answer_field(Settings &settings, std::string_view key) {
  std::optional<std::string> name = settings.text(key);
  if (name && !is_field_name(*name)) return wrong(key, shown(*name) + " is not a field's name");
  return name;
}

Result<regcred::AnswerFields> read_answer(Settings &settings) {
  Result<std::optional<std::string>> username = regcred::read_username(settings, "username");
  Result<std::optional<std::string>> username_field = read_answer_field(settings, "usernameField");
  Result<std::optional<std::string>> password = read_answer_field(settings, "passwordField");
  Result<std::optional<std::string>> expires_in = read_answer_field(settings, "expiresInField");
  Result<std::optional<std::string>> expires_at = read_answer_field(settings, "expiresAtField");
  for (const auto *field : {&username, &username_field, &password, &expires_in, &expires_at}) {
    if (!*field) return tl::make_unexpected(field->error());
  }
  if (username->has_value() == username_field->has_value()) {
    return wrong("username, settings.usernameField", "set one of the two: the username, or the answer's field with it");
  }
  regcred::AnswerFields answer;
  answer.password = password->value_or(answer.password);
  answer.username = username_field->value_or("");
  answer.fixed_username = username->value_or("");
  answer.expires_in = expires_in->value_or(answer.expires_in);
  answer.expires_at = expires_at->value_or("");
  answer.scope = regcred::Scope::registry;  // nothing of the exchange depends on the image
  answer.password_setting = "settings.passwordField";
  answer.username_setting = "settings.usernameField";
  return answer;
}

// What passThrough needs, and that nothing is there that only an exchange has.
Result<Options> read_pass_through(Settings &settings, Options options) {
  for (const char *key : {"exchangeUrl", "encoding", "tokenField", "fields", "secretFields", "selections", "headers",
                          "passwordField", "usernameField", "expiresInField", "expiresAtField"}) {
    if (settings.has(key)) return wrong(key, "has no meaning in mode passThrough; remove it");
  }
  if (options.registries.empty()) {
    return wrong("registryHosts", "is missing; passThrough gives pods' tokens to the registry, so name which ones");
  }
  if (!settings.has("username")) return wrong("username", "is missing; write the one that the registry expects");
  return options;
}

Result<Options> read_exchange(Settings &settings, Options options) {
  Result<std::string> url = read_exchange_url(settings);
  Result<bool> json = read_encoding(settings);
  Result<std::string> token_field = read_token_field(settings, options.mode);
  options.fields = settings.text_map("fields");
  options.secret_files = settings.text_map("secretFields");
  Result<std::vector<Selection>> selections = read_selections(settings);
  Result<regcred::HttpHeaders> headers = regcred::read_headers(settings, "headers");
  if (settings.has("audiences")) {
    return wrong("audiences", "has a meaning in mode passThrough only; an exchange may want settings.fields.audience");
  }
  if (!url) return tl::make_unexpected(std::move(url.error()));
  if (!json) return tl::make_unexpected(std::move(json.error()));
  if (!token_field) return tl::make_unexpected(std::move(token_field.error()));
  if (!selections) return tl::make_unexpected(std::move(selections.error()));
  if (!headers) return tl::make_unexpected(std::move(headers.error()));
  options.exchange_url = std::move(*url);
  options.json = *json;
  options.token_field = std::move(*token_field);
  options.selections = std::move(*selections);
  options.headers = std::move(*headers);
  if (Result<void> good = check_fields(options); !good) return tl::make_unexpected(std::move(good.error()));
  return options;
}

}  // namespace

bool is_field_name(std::string_view text) {
  constexpr std::size_t name_bytes_max = 128;
  return !text.empty() && text.size() <= name_bytes_max && is_printable_ascii(text);
}

bool is_field_value(std::string_view text) {
  constexpr std::size_t value_bytes_max = 4096;
  return text.size() <= value_bytes_max && !regcred::has_control_character(text);
}

Result<Options> read_options(Settings &settings) {
  Options options;
  Result<Mode> mode = read_mode(settings);
  if (!mode) return tl::make_unexpected(std::move(mode.error()));
  options.mode = std::move(*mode);
  Result<std::vector<regcred::HostPattern>> registries = regcred::read_host_patterns(settings, "registryHosts");
  if (!registries) return tl::make_unexpected(std::move(registries.error()));
  if (registries->empty() && settings.has("registryHosts")) {
    return wrong("registryHosts", "is empty; name the registries, or remove the key to serve all");
  }
  options.registries = std::move(*registries);
  Result<std::vector<std::string>> audiences = regcred::read_audiences(settings, "audiences");
  const bool exchanges = options.mode.kind != Kind::pass_through;
  // Before the username, so that a setting of the other kind is named as such.
  Result<Options> read =
      exchanges ? read_exchange(settings, std::move(options)) : read_pass_through(settings, std::move(options));
  if (!read) return read;
  if (!audiences) return tl::make_unexpected(std::move(audiences.error()));
  read->audiences = std::move(*audiences);
  Result<regcred::AnswerFields> answer = read_answer(settings);
  if (!answer) return tl::make_unexpected(std::move(answer.error()));
  read->answer = std::move(*answer);
  return read;
}

}  // namespace oidc
