// SPDX-License-Identifier: Apache-2.0
#include "dispatch/survey.hpp"

#include <map>
#include <regcred/json.hpp>

#include "common/contains.hpp"
#include "common/limits.hpp"
#include "common/sha256.hpp"
#include "common/text.hpp"
#include "dispatch/answer_rules.hpp"
#include "dispatch/backend_call.hpp"
#include "services/host.hpp"
#include "worker/in_worker.hpp"

namespace regcred::core {
namespace {

constexpr std::int64_t survey_ms_max = 5'000;  // for a backend that only has to speak of itself

// Stands in for the network while nothing may be sent.
class NoHttp final : public Http {
 public:
  [[nodiscard]] tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &) override {
    return tl::make_unexpected(HttpFailure{REGCRED_UNAVAILABLE, "no network while settings are read", 0});
  }
};

// The registries that a pattern's images come from: host[:port], with its wildcards.
std::string registry_of(std::string_view pattern) {
  if (const std::size_t scheme = pattern.find("://"); scheme != std::string_view::npos) {
    pattern.remove_prefix(scheme + 3);
  }
  return std::string(pattern.substr(0, pattern.find('/')));
}

// What the backend would be asked for, for each pattern of the entry.
std::vector<std::string> registries_of(const RegistryEntry &entry) {
  std::vector<std::string> registries;
  for (const std::string &pattern : entry.match_images) {
    registries.push_back(registry_of(entry.credential_host.empty() ? pattern : entry.credential_host));
  }
  return registries;
}

// Keeps the first lines at level info and above.
class Notes final : public LogSink {
 public:
  static constexpr std::size_t lines_max = 8;
  [[nodiscard]] bool enabled(std::int32_t level) const noexcept override { return level >= REGCRED_LOG_INFO; }
  void write(std::int32_t level, std::string_view line) noexcept override {
    try {
      if (enabled(level) && lines.size() < lines_max) lines.emplace_back(line);
    } catch (const std::bad_alloc &) {
      lines.clear();
    }
  }
  std::vector<std::string> lines;
};

struct Trial {
  WorkerResult result;
  std::vector<RegistryOpinion> opinions;
  std::vector<std::string> notes;
};

template <class Wire>
void on_wire(Wire &wire, Trial &trial) {
  on_wire(wire, trial.result);
  wire.list(trial.opinions, limits::match_images_max);
  wire.list(trial.notes, Notes::lines_max);
}

// Of a worker, whose frames may be forged.
void clean(RegistryOpinion &opinion) {
  opinion.unserved = printable(opinion.unserved, limits::backend_text_bytes_max);
  opinion.accepted_by = printable(opinion.accepted_by, limits::expected_audience_bytes_max);
  std::erase_if(opinion.audiences, [](const std::string &audience) {  // guard: expected-audiences
    return audience.empty() || audience.size() > limits::expected_audience_bytes_max || !is_printable(audience);
  });
}

// {"alg":"none"}, {"sub":"system:serviceaccount:check:check"}: nothing that anybody accepts.
constexpr std::string_view made_up_token =
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6Y2hlY2s6Y2hlY2sifQ.bm9uZQ";

// create_instance (backend_call.cpp) never gives NO_CREDENTIALS: such a result is forged.
Status status_of(Result<WorkerResult> result, const RegistryEntry &entry, Clock &clock) {
  if (!result) {
    Error error = std::move(result.error());
    if (error.where.empty()) error.where = entry_label(entry);
    return tl::make_unexpected(std::move(error));
  }
  if (result->code == REGCRED_OK) return {};
  if (result->code == REGCRED_NO_CREDENTIALS) {  // guard: forged-answer
    return tl::make_unexpected(damaged_data(entry_label(entry), "the backend"));
  }
  if (result->code == REGCRED_BAD_CONFIG && !result->text.empty()) {
    return fail(ErrorCode::config, entry_label(entry), printable(result->text, limits::backend_text_bytes_max));
  }
  const Result<Verdict> verdict =
      judge_result(std::move(*result), {entry, Route{}, ImageReference(""), {}, clock.unix_ms()});
  return tl::make_unexpected(verdict.error());
}

}  // namespace

template <class Wire>
void on_wire(Wire &wire, BackendDescription &description) {
  wire.text(description.version, 64);
  wire.number(description.abi_major);
  wire.number(description.abi_minor);
  wire.choice(description.token_use, TokenUse::required, TokenUse::never);
  wire.text(description.settings_schema, limits::worker_result_bytes_max);
  wire.list(description.annotation_keys, 1024);
}

SurveyedBackend survey_backend(const BackendLoader &loader, const std::string &name, Clock &clock, LogSink &log) {
  SurveyedBackend backend;
  backend.name = name;
  if (const Result<BackendFile> file = loader.open(name); file) {
    backend.path = file->path;
    backend.sha256 = sha256_of(file->fd.get()).value_or("");
  }
  const WorkerSite site{backend.path.empty() ? name : backend.path, {clock.monotonic_ms() + survey_ms_max}, clock, log};
  Result<BackendDescription> description =
      in_worker<BackendDescription>(site, "the backend", [&](LogSink &, Deadline) -> Result<BackendDescription> {
        Result<LoadedBackend> loaded = loader.load(name, {});
        if (!loaded) return tl::make_unexpected(std::move(loaded.error()));
        return std::move(loaded->description);
      });
  if (!description) {
    backend.error = std::move(description.error());
    backend.error->code = ErrorCode::backend_load;
    return backend;
  }
  // Judged here, not in the worker, whose result may be forged: what shows a schema does so by recursion.
  if (!regcred::parse_json_object(description->settings_schema)) {  // guard: schema-depth
    backend.error =
        Error{ErrorCode::backend_load, site.where, "its settings schema is not a JSON object of at most 32 levels",
              "report this to the maintainers of the backend"};
    return backend;
  }
  backend.version = printable(description->version, 64);
  backend.abi = std::to_string(description->abi_major) + "." + std::to_string(description->abi_minor);
  backend.token_use = description->token_use;
  backend.settings_schema = std::move(description->settings_schema);
  for (const std::string &key : description->annotation_keys) backend.annotation_keys.push_back(printable(key, 512));
  return backend;
}

std::vector<SettingsTrial> try_settings(const std::vector<const RegistryEntry *> &entries, const BackendLoader &loader,
                                        const std::string &credentials_directory, Clock &clock, LogSink &log) {
  std::vector<Result<Trial>> trials;
  std::optional<Result<LoadedBackend>> backend;  // in the worker, loaded once for all
  const auto create = [&](std::size_t i, Deadline deadline) -> Result<Trial> {
    if (!backend) backend = loader.load(entries[i]->backend, entries[i]->backend_sha256);
    if (!*backend) return tl::make_unexpected(backend->error());
    NoHttp http;
    Notes notes;
    JudgedPrograms programs;  // runs nothing, but a backend that declares it may ask for the service already here
    HostServices host({clock, deadline, http, notes, {}, credentials_directory, nullptr, &programs});
    Trial trial;
    trial.result = call_create(**backend, *entries[i], host, registries_of(*entries[i]), trial.opinions);
    trial.notes = std::move(notes.lines);
    return trial;
  };
  each_in_worker(0, entries.size(), clock, log, "the backend", create, trials);
  std::vector<SettingsTrial> outcomes;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    SettingsTrial outcome;
    Result<WorkerResult> result = WorkerResult{};
    if (trials[i]) {
      outcome.opinions = std::move(trials[i]->opinions);
      outcome.notes = std::move(trials[i]->notes);
      result = std::move(trials[i]->result);
    } else {
      result = tl::make_unexpected(std::move(trials[i].error()));
    }
    outcome.opinions.resize(entries[i]->match_images.size());
    for (RegistryOpinion &opinion : outcome.opinions) clean(opinion);
    for (std::string &note : outcome.notes) note = printable(note, limits::log_line_bytes_max);
    outcome.taken = status_of(std::move(result), *entries[i], clock);
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::string common_audience(const std::vector<RegistryOpinion> &opinions) {
  std::optional<std::vector<std::string>> common;
  for (const RegistryOpinion &opinion : opinions) {
    if (opinion.audiences.empty()) continue;
    if (!common) common = opinion.audiences;
    std::erase_if(*common, [&](const std::string &audience) { return !contains(opinion.audiences, audience); });
  }
  return common && !common->empty() ? common->front() : std::string();
}

std::vector<std::string> expected_audiences(const std::vector<const RegistryEntry *> &entries,
                                            const BackendLoader &loader, const std::string &credentials_directory,
                                            Clock &clock, LogSink &log) {
  std::vector<std::string> audiences(entries.size());
  std::map<std::pair<std::string_view, std::string_view>, std::vector<std::size_t>> by_backend;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i] != nullptr) by_backend[{entries[i]->backend, entries[i]->backend_sha256}].push_back(i);
  }
  for (const auto &[backend, indices] : by_backend) {
    std::vector<const RegistryEntry *> asked;
    for (const std::size_t i : indices) asked.push_back(entries[i]);
    const std::vector<SettingsTrial> trials = try_settings(asked, loader, credentials_directory, clock, log);
    for (std::size_t k = 0; k < indices.size(); ++k) audiences[indices[k]] = common_audience(trials[k].opinions);
  }
  return audiences;
}

std::vector<Status> try_pulls(const std::vector<TriedPull> &pulls, const BackendLoader &loader,
                              const std::string &credentials_directory, Clock &clock, LogSink &log) {
  const Route route;
  std::optional<Result<LoadedBackend>> backend;  // in the worker, loaded once for all
  const auto pull = [&](std::size_t i, Deadline deadline) -> Result<WorkerResult> {
    if (!backend) backend = loader.load(pulls[i].entry->backend, {});
    if (!*backend) return tl::make_unexpected(backend->error());
    Request request;
    request.image = ImageReference(pulls[i].image);
    request.service_account_token = Secret(made_up_token);
    NoHttp http;
    NoLog no_log;
    JudgedPrograms programs;
    HostServices host({clock, deadline, http, no_log, {}, credentials_directory, nullptr, &programs});
    Result<WorkerResult> result = call_loaded({*pulls[i].entry, route, request}, **backend, host);
    if (result && (result->code != REGCRED_BAD_CONFIG || !(host.asked_for_secret() || !programs.asked().empty()))) {
      result = WorkerResult{};
      result->code = REGCRED_OK;
    }
    return result;
  };
  std::vector<Result<WorkerResult>> results;
  each_in_worker(0, pulls.size(), clock, log, "the backend", pull, results);
  std::vector<Status> statuses;
  for (std::size_t i = 0; i < pulls.size(); ++i) {
    statuses.push_back(status_of(std::move(results[i]), *pulls[i].entry, clock));
  }
  return statuses;
}

}  // namespace regcred::core
