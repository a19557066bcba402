// SPDX-License-Identifier: Apache-2.0
#include "dispatch/cache_key.hpp"

#include <algorithm>
#include <regcred/json.hpp>
#include <vector>

#include "cache/key.hpp"
#include "common/sha256.hpp"

namespace regcred::core {
namespace {

constexpr std::int64_t keys_version = 1;  // one more whenever the fields below change their meaning

void add_list(KeyBuilder &key, const std::vector<std::string> &texts) {
  key.add_number(static_cast<std::int64_t>(texts.size()));
  for (const std::string &text : texts) key.add(text);
}

// The files that the settings name: an absolute path, or a name in $CREDENTIALS_DIRECTORY.
void add_named_files(KeyBuilder &key, const nlohmann::json &value, const std::string &credentials_directory) {
  if (value.is_structured()) {
    for (const nlohmann::json &part : value) add_named_files(key, part, credentials_directory);
    return;
  }
  if (!value.is_string()) return;
  const std::string &text = value.get_ref<const std::string &>();
  if (text.starts_with('/')) {
    key.add_file(text);
  } else if (!credentials_directory.empty() && !text.empty() && text.find('/') == std::string::npos) {
    key.add_file(credentials_directory + '/' + text);
  }
}

void add_http(KeyBuilder &key, const HttpConfig &http) {
  key.add(http.proxy.url).add(http.proxy.no_proxy).add_number(http.proxy.no_proxy_as_go ? 1 : 0);
  add_list(key, http.proxy.variables);
  add_list(key, http.ca_files);
  for (const std::string &file : http.ca_files) key.add_file(file);  // guard: key-ca-file
  key.add(http.system_ca_file).add_file(http.system_ca_file).add(http.system_ca_directories).add(http.user_agent);
}

// Everything of the entry that reaches the backend, and what it is called with that does not come from the pod.
void add_entry(KeyBuilder &key, const RegistryEntry &entry, const RunnerContext &context) {
  key.add_number(keys_version).add(REGCRED_VERSION);
  key.add(entry.name).add(entry.backend).add(entry.backend_sha256).add(entry.audience).add(entry.credential_host);
  key.add_number(entry.service_account_token ? static_cast<std::int64_t>(*entry.service_account_token) : -1);
  key.add_number(entry.cache_max ? entry.cache_max->count() : -1);
  key.add_number(static_cast<std::int64_t>(entry.cache_node));
  key.add_number(entry.annotations ? 1 : 0);
  if (entry.annotations) add_list(key, *entry.annotations);
  key.add(entry.settings_json);  // guard: key-settings
  add_http(key, context.config.http);
}

void add_annotations(KeyBuilder &key, const Request &request) {
  key.add_number(static_cast<std::int64_t>(request.annotations.size()));
  for (const auto &[name, value] : request.annotations) key.add(name).add(value);  // guard: key-annotations
}

// Adds the pod as far as the backend may learn of it. `request` has claims, or no token.
void add_pod(KeyBuilder &key, const RegistryEntry &entry, const Request &request) {
  const std::string_view token = request.service_account_token.reveal();
  if (token.empty() || entry.service_account_token == TokenUse::never) {
    key.add("no token");
    return;
  }
  const TokenClaims &claims = *request.token_claims;
  key.add("token").add(claims.issuer).add(claims.service_account);
  key.add(claims.service_account_uid);  // guard: key-uid
  std::vector<std::string> audiences = claims.audiences;
  std::sort(audiences.begin(), audiences.end());
  add_list(key, audiences);
  const bool names_account =
      !claims.issuer.empty() && !claims.service_account.empty() && !claims.service_account_uid.empty();
  // guard: key-token
  if (entry.cache_node == NodeCacheMode::token || !names_account) key.add(sha256_of_text(token));
}

}  // namespace

bool is_alive(const std::optional<TokenClaims> &claims, std::int64_t unix_seconds) {
  return claims && claims->expires_at && *claims->expires_at > unix_seconds &&
         claims->not_before.value_or(unix_seconds) <= unix_seconds;
}

std::optional<CallKeys> cache_keys(const BackendJob &job, const RunnerContext &context) {
  const RegistryEntry &entry = job.entry;
  const Request &request = job.request;
  if (entry.cache_node == NodeCacheMode::off || entry.backend == "static") return std::nullopt;
  // guard: hit-needs-live-token
  if (!request.service_account_token.empty() && !is_alive(request.token_claims, context.clock.unix_ms() / 1000)) {
    return std::nullopt;
  }
  const Result<BackendFile> backend = context.loader.open(entry.backend);
  const std::optional<nlohmann::json> settings = regcred::parse_json_object(entry.settings_json);
  if (!backend || !settings) return std::nullopt;  // the worker says why

  KeyBuilder key;
  add_entry(key, entry, context);
  key.add(backend->path).add_open_file(backend->fd.get());  // guard: key-backend-file
  key.add(context.credentials_directory);
  add_named_files(key, *settings, context.credentials_directory);  // guard: key-named-files
  add_annotations(key, request);
  add_pod(key, entry, request);
  key.add(request.image.registry());
  CallKeys keys;
  // guard: cache-scope
  if (job.route.whole_registry) keys.registry = KeyBuilder(key).add("registry").hex();
  keys.image = key.add("image").add(request.image.path()).hex();
  return keys;
}

std::string throttle_caller(const BackendJob &job, const RunnerContext &context) {
  KeyBuilder key;
  add_entry(key, job.entry, context);
  add_annotations(key, job.request);
  return key.add(job.request.image.registry()).hex();
}

}  // namespace regcred::core
