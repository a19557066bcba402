// What a worker says: refused, or the same bytes again; and what becomes of it for the kubelet.
#include <nlohmann/json.hpp>

#include "dispatch/answer_rules.hpp"
#include "fuzz/require.hpp"
#include "kubelet/answer_writer.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

namespace {

constexpr const char *host = "docker.cloudsmith.io";

// Strict as the kubelet's decoder: the documented fields, and keys of the asked registry only.
void check_answer(const std::string &text) {
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  require(document.is_object(), "an answer is one JSON object");
  for (const auto &[key, value] : document.items()) {
    require(key == "apiVersion" || key == "kind" || key == "cacheKeyType" || key == "cacheDuration" || key == "auth",
            "an answer has known fields only");
  }
  for (const auto &[key, value] : document["auth"].items()) {
    require(key == host || key.starts_with(std::string(host) + "/acme"), "an answer is for the asked registry");
    require(value.size() == 2 && !value["username"].get<std::string>().empty(),
            "a credential is a name and a password");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view bytes = regcred::fuzz::text_of(data, size);
  std::optional<WorkerResult> result = decode_worker_result(bytes);
  if (!result) return 0;
  require(encode_worker_result(*result).reveal() == bytes, "what is decoded is what would be encoded");

  RegistryEntry entry;
  entry.name = "x";
  entry.backend = "y";
  Route route;
  route.image = std::string(host) + "/acme/repo/app";
  route.registry_host = host;
  route.candidates = {&entry};
  auto verdict = judge_result(std::move(*result), {entry, route, "a-token-that-nobody-may-see", 1'750'000'000'000});
  if (!verdict || verdict->no_credentials) return 0;
  Answer answer = std::move(verdict->answer);
  answer.api_version = "credentialprovider.kubelet.k8s.io/v1";
  check_answer(render_answer(answer));
  return 0;
}
