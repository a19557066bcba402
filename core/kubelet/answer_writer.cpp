// SPDX-License-Identifier: Apache-2.0
#include "kubelet/answer_writer.hpp"

#include <nlohmann/json.hpp>

#include "common/duration.hpp"

namespace regcred::core {

std::string render_answer(const Answer &answer) {
  using Json = nlohmann::ordered_json;  // fields in the order of the kubelet's own types
  Json auth = Json::object();
  for (const AuthEntry &entry : answer.auth) {
    auth[entry.registry] = Json{{"username", entry.username}, {"password", std::string(entry.password.reveal())}};
  }
  Json response = Json::object();
  response["apiVersion"] = answer.api_version;
  response["kind"] = "CredentialProviderResponse";
  response["cacheKeyType"] = answer.cache_key_type == CacheKeyType::registry ? "Registry" : "Image";
  if (answer.cache_duration) response["cacheDuration"] = format_seconds(*answer.cache_duration);
  response["auth"] = std::move(auth);
  return response.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";  // guard: answer-bytes
}

}  // namespace regcred::core
