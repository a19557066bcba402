#include "dispatch/survey.hpp"

#include <nlohmann/json.hpp>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "dispatch/answer_rules.hpp"
#include "dispatch/backend_call.hpp"
#include "services/host.hpp"
#include "worker/isolation.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t survey_ms_max = 5'000;  // for a backend that only has to speak of itself

// Stands in for the network while nothing may be sent.
class NoHttp final : public Http {
 public:
  [[nodiscard]] tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &) override {
    return tl::make_unexpected(HttpFailure{REGCRED_UNAVAILABLE, "no network while settings are read", 0});
  }
};

// In the worker: what the backend says of itself, or why it cannot be loaded.
std::string describe(const BackendLoader &loader, const std::string &name) {
  const Result<LoadedBackend> backend = loader.load(name, {});
  Json document;
  if (backend) {
    const BackendDescription &description = backend->description;
    document = {{"version", description.version},
                {"abi", std::to_string(description.abi_major) + "." + std::to_string(description.abi_minor)},
                {"tokenUse", static_cast<int>(description.token_use)},
                {"settingsSchema", description.settings_schema},
                {"annotationKeys", description.annotation_keys}};
  } else {
    const Error &error = backend.error();
    document = {{"where", error.where}, {"what", error.what}, {"cure", error.cure}};
  }
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// In the parent: reads what describe() wrote. The bytes come from a worker, so they may be anything.
void read_description(const std::string &bytes, SurveyedBackend &backend) {
  const Json document = Json::parse(bytes, nullptr, false);
  try {
    if (document.contains("where")) {
      backend.error = Error{ErrorCode::backend_load, document.at("where"), document.at("what"), document.at("cure")};
      return;
    }
    const int use = document.at("tokenUse");
    if (use < REGCRED_TOKEN_REQUIRED || use > REGCRED_TOKEN_NEVER) throw std::out_of_range("tokenUse");
    backend.token_use = static_cast<TokenUse>(use);
    document.at("version").get_to(backend.version);
    document.at("abi").get_to(backend.abi);
    document.at("settingsSchema").get_to(backend.settings_schema);
    document.at("annotationKeys").get_to(backend.annotation_keys);
  } catch (const std::exception &) {
    backend.error = Error{ErrorCode::backend_load, backend.name, "the backend's worker sent damaged data",
                          "report this to the maintainers of the backend"};
  }
}

}  // namespace

SurveyedBackend survey_backend(const BackendLoader &loader, const std::string &name, Clock &clock, LogSink &log) {
  SurveyedBackend backend;
  backend.name = name;
  if (const Result<BackendFile> file = loader.open(name); file) {
    backend.path = file->path;
    backend.sha256 = sha256_of(file->fd.get()).value_or("");
  }
  const WorkerBody body = [&](const WorkerChannel &channel) { channel.send_result(describe(loader, name)); };
  const auto bytes = run_isolated(body, {clock.monotonic_ms() + survey_ms_max}, clock, log);
  if (bytes) {
    read_description(std::string(bytes->reveal()), backend);
  } else {
    backend.error = Error{ErrorCode::backend_load, backend.path.empty() ? name : backend.path,
                          "the backend " + bytes.error().what, bytes.error().cure};
  }
  return backend;
}

Status try_settings(const RegistryEntry &entry, const BackendLoader &loader, const std::string &credentials_directory,
                    Clock &clock, LogSink &log) {
  const Deadline deadline{clock.monotonic_ms() + survey_ms_max};
  const WorkerBody body = [&](const WorkerChannel &channel) {
    NoHttp http;
    NoLog no_log;
    HostServices host({clock, deadline, http, no_log, {}, credentials_directory});
    channel.send_result(encode_worker_result(call_create(entry, loader, host)).reveal());
  };
  const auto bytes = run_isolated(body, deadline, clock, log);
  if (!bytes) {
    return fail(ErrorCode::backend, entry_label(entry), "the backend " + bytes.error().what, bytes.error().cure);
  }
  std::optional<WorkerResult> result = decode_worker_result(bytes->reveal());
  if (!result) {
    return fail(ErrorCode::backend, entry_label(entry), "the backend's worker sent damaged data",
                "report this to the maintainers of the backend");
  }
  if (!result->core_error && result->code == REGCRED_OK) return {};
  if (!result->core_error && result->code == REGCRED_BAD_CONFIG && !result->text.empty()) {
    return fail(ErrorCode::config, entry_label(entry), printable(result->text, limits::backend_text_bytes_max));
  }
  const Result<Verdict> verdict = judge_result(std::move(*result), {entry, Route{}, {}, clock.unix_ms()});
  return tl::make_unexpected(verdict.error());
}

TokenUse token_use_of(const RegistryEntry &entry, const SurveyedBackend &backend) {
  return entry.service_account_token.value_or(backend.token_use);
}

const std::vector<std::string> &annotation_keys_of(const RegistryEntry &entry, const SurveyedBackend &backend) {
  return entry.annotations ? *entry.annotations : backend.annotation_keys;
}

}  // namespace regcred::core
