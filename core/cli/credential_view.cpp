// SPDX-License-Identifier: Apache-2.0
#include "cli/credential_view.hpp"

#include <nlohmann/json.hpp>
#include <regcred/base64.hpp>
#include <regcred/secret.hpp>

#include "cli/table.hpp"
#include "common/duration.hpp"
#include "common/text.hpp"
#include "kubelet/answer_writer.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t name_bytes_max = 300;

std::string dumped(const Json &document) { return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string cache_words(const Answer &answer) {
  const std::string what =
      answer.cache_key_type == CacheKeyType::registry ? "every image of the registry" : "this image alone";
  if (!answer.cache_duration) return "as long as the kubelet's defaultCacheDuration says, for " + what;
  if (answer.cache_duration->count() == 0) return "not at all";
  return format_seconds(*answer.cache_duration) + ", for " + what;
}

// A username may hold a secret as well: a registry that echoes what it was sent, or one whose username is the token.
std::string shown_username(const AuthEntry &auth, bool show_secrets) {
  return show_secrets || !auth.username_is_secret ? auth.username : hidden_password;
}

std::string shown_password(const AuthEntry &auth, bool show_secrets) {
  return show_secrets ? std::string(auth.password.reveal()) : hidden_password;  // guard: get-hides-passwords
}

}  // namespace

std::string as_table(const CredentialView &view) {
  std::vector<std::vector<std::string>> rows = {{"image", printable(view.image, name_bytes_max)}};
  if (view.entry != nullptr) {
    rows.push_back({view.answer.auth.empty() ? "asked" : "answered by",
                    view.entry->name + " (backend " + view.entry->backend + ", " + view.entry->origin + ")"});
  }
  rows.push_back({"kept", cache_words(view.answer)});
  if (view.answer.auth.empty()) {
    if (!view.why_none.empty()) rows.push_back({"reason", std::string(view.why_none)});
    return format_table(rows) + "\nno credentials: the kubelet pulls this image without any\n";
  }
  std::vector<std::vector<std::string>> credentials = {{"REGISTRY", "USERNAME", "PASSWORD"}};
  for (const AuthEntry &auth : view.answer.auth) {
    credentials.push_back({printable(auth.registry, name_bytes_max),
                           printable(shown_username(auth, view.show_secrets), name_bytes_max),
                           shown_password(auth, view.show_secrets)});
  }
  return format_table(rows) + '\n' + format_table(credentials);
}

std::string as_kubelet_answer(const CredentialView &view) {
  if (view.show_secrets) return render_answer(view.answer);
  Answer hidden;
  hidden.api_version = view.answer.api_version;
  hidden.cache_key_type = view.answer.cache_key_type;
  hidden.cache_duration = view.answer.cache_duration;
  for (const AuthEntry &auth : view.answer.auth) {
    hidden.auth.push_back({auth.registry, shown_username(auth, false), Secret(hidden_password)});
  }
  return render_answer(hidden);
}

std::string as_docker_config(const CredentialView &view) {
  Json auths = Json::object();
  for (const AuthEntry &auth : view.answer.auth) {
    const std::string key = auth.registry == "docker.io" ? "https://index.docker.io/v1/" : auth.registry;
    std::string pair = auth.username + ':' + std::string(auth.password.reveal());
    auths[key] = {{"auth", view.show_secrets ? base64_encode(pair) : hidden_password}};
    wipe(pair);
  }
  return dumped({{"auths", std::move(auths)}});
}

std::string as_json(const CredentialView &view) {
  Json document = {{"image", view.image}};
  document["registry"] = view.entry == nullptr ? Json(nullptr) : Json(view.entry->name);
  document["backend"] = view.entry == nullptr ? Json(nullptr) : Json(view.entry->backend);
  document["cacheKeyType"] = view.answer.cache_key_type == CacheKeyType::registry ? "Registry" : "Image";
  document["cacheDuration"] =
      view.answer.cache_duration ? Json(format_seconds(*view.answer.cache_duration)) : Json(nullptr);
  document["credentials"] = Json::array();
  for (const AuthEntry &auth : view.answer.auth) {
    document["credentials"].push_back(
        {{"registry", auth.registry},
         {"username", shown_username(auth, view.show_secrets)},
         {"password", view.show_secrets ? Json(std::string(auth.password.reveal())) : Json(nullptr)}});
  }
  if (!view.why_none.empty()) document["reason"] = view.why_none;
  return dumped(document);
}

}  // namespace regcred::core
