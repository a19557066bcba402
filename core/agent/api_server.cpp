// SPDX-License-Identifier: Apache-2.0
#include "agent/api_server.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regcred/secret.hpp>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"
#include "services/http/lazy_http.hpp"
#include "worker/in_worker.hpp"

namespace regcred::core {

template <class Wire>
void on_wire(Wire &wire, ApiAnswer &answer) {
  wire.number(answer.status);
  wire.text(answer.message, wire_text_bytes_max);
  wire.number(answer.retry_after_seconds);
}

namespace {

constexpr std::int64_t call_ms_max = 10'000;
constexpr std::int64_t connect_ms_max = 4'000;
constexpr std::size_t message_bytes_max = 600;

// "Bearer TOKEN".
Result<Secret> authorization(const std::string &path) {
  Result<std::string> text = read_named(path, limits::token_bytes_max, ErrorCode::config,
                                        "mount the service account's token, or give its file");
  if (!text) return tl::make_unexpected(text.error());
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r' || text->back() == ' ')) text->pop_back();
  const bool is_token =
      !text->empty() && std::all_of(text->begin(), text->end(), [](char c) { return c > ' ' && c <= '~'; });
  std::string value = "Bearer " + *text;
  Secret secret(value);
  wipe(value);
  wipe(*text);
  if (!is_token) return fail(ErrorCode::config, path, "holds no token", "see what is mounted there");
  return secret;
}

// The message of a Status object (metav1.Status); empty for everything else. It is the server's.
std::string status_message(const std::string &body) {
  const nlohmann::json status = nlohmann::json::parse(body, nullptr, false);
  if (!status.is_object()) return {};
  const auto message = status.find("message");
  return message != status.end() && message->is_string() ? printable(message->get<std::string>(), message_bytes_max)
                                                         : std::string();
}

// The API server's certificate is verified against its own CA, and no other.
HttpConfig config_of(const ApiServerParts &parts) {
  HttpConfig config;
  config.system_ca_file = parts.ca_file;
  config.system_ca_directories = ":";  // no directory
  config.attempts_max = 1;
  config.attempt_ms_max = call_ms_max;
  config.connect_ms_max = connect_ms_max;
  return config;
}

}  // namespace

ApiAnswer ApiServer::send(std::string_view method, const std::string &path, const std::string &type,
                          const std::string &body) {
  if (parts_.url.empty()) {
    return {.message = "the API server is not known: KUBERNETES_SERVICE_HOST is not set; give --api-server URL"};
  }
  const Result<Secret> secret = authorization(parts_.token_file);
  if (!secret) return {.message = secret.error().where + ": " + secret.error().what};
  const std::string url = parts_.url + path;
  const HttpConfig config = config_of(parts_);
  NoLog log;
  const WorkerSite site{parts_.url, {clock_.monotonic_ms() + call_ms_max}, clock_, log};
  const Result<ApiAnswer> answer = in_worker<ApiAnswer>(site, "the worker", [&](LogSink &, Deadline deadline) {
    LazyHttp http(parts_.library_directory, config, deadline, clock_);
    const HttpRequest request{
        .method = method,
        .url = url,
        .headers = {{"Authorization", secret->reveal()}, {"Content-Type", type}, {"Accept", "application/json"}},
        .body = body,
        .may_repeat = false,
        .may_patch = true};
    const auto response = http.send(request);
    if (!response) return ApiAnswer{.message = printable(response.error().text, message_bytes_max)};
    const std::string_view token = secret->reveal();
    // What the server says may hold what it was sent.
    const std::string words = redacted(status_message(response->body), {&token, 1});  // guard: api-words
    return ApiAnswer{response->status, words, response->retry_after_seconds};
  });
  if (answer) return *answer;
  return {.message = printable(answer.error().what, message_bytes_max)};
}

ApiAnswer ApiServer::create(const PodEvent &event) {
  return send("POST", "/api/v1/namespaces/" + event.pod.name_space + "/events", "application/json",
              event_json(event, parts_.node));
}

ApiAnswer ApiServer::patch(const PodEvent &event) {
  return send("PATCH", "/api/v1/namespaces/" + event.pod.name_space + "/events/" + event.name,
              "application/strategic-merge-patch+json", event_patch_json(event));
}

}  // namespace regcred::core
