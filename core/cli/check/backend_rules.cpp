// SPDX-License-Identifier: Apache-2.0
#include "cli/check/backend_rules.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include "cli/check/pull_rules.hpp"
#include "cluster/known_issuers.hpp"
#include "common/contains.hpp"
#include "common/text.hpp"
#include "config/settings_schema.hpp"
#include "worker/in_worker.hpp"

namespace regcred::core {

template <class Wire>
void on_wire(Wire &wire, SchemaViolation &violation) {
  constexpr std::size_t schema_bytes_max = 256U << 10U;  // what a backend may declare, and a text of it
  for (std::string *text : {&violation.path, &violation.what, &violation.description}) {
    wire.text(*text, schema_bytes_max);
  }
  wire.flag(violation.is_unknown_key);
  wire.flag(violation.needs_quotes);
}

template <class Wire>
void on_wire(Wire &wire, AnnotationSetting &setting) {
  constexpr std::size_t text_bytes_max = 1024;
  for (std::string *text : {&setting.path, &setting.key}) wire.text(*text, text_bytes_max);
}

namespace {

// What the schema says of one entry's settings.
struct Compared {
  std::vector<SchemaViolation> violations;
  std::vector<AnnotationSetting> annotation_keys;
};

template <class Wire>
void on_wire(Wire &wire, Compared &compared) {
  wire.list(compared.violations, 1000);
  wire.list(compared.annotation_keys, 1000);
}

// The rules for one entry.
class BackendRules {
 public:
  BackendRules(const Inspection &inspection, std::size_t index, const SurveyedBackend &backend,
               std::vector<Finding> &findings)
      : inspection_(inspection), index_(index), backend_(backend), findings_(findings) {}

  [[nodiscard]] const RegistryEntry &entry() const { return inspection_.config->registries[index_]; }
  [[nodiscard]] std::string place(const std::string &path) const {
    return index_ < inspection_.sources.size() ? inspection_.sources[index_].place_of(path) : entry().origin;
  }
  void add(Severity severity, const char *rule, std::string where, std::string what, std::string cure) {
    findings_.push_back({severity, rule, std::move(where), std::move(what), std::move(cure)});
  }

  void pinned() {
    // guard: check-sha256
    if (entry().backend_sha256.empty() || entry().backend_sha256 == backend_.sha256) return;
    add(Severity::error, "backend-pinned", place("backendSha256"),
        backend_.path + " has SHA-256 " + backend_.sha256 + ", not the one that is pinned here",
        "install the file that was meant, or pin this one");
  }

  void token(const std::vector<RegistryOpinion> &opinions) {
    const TokenUse use = token_use_of(entry(), backend_);
    if (use == TokenUse::never && backend_.token_use == TokenUse::required) {
      add(Severity::error, "token-withheld", place("serviceAccountToken"),
          "the backend " + backend_.name + " cannot work without the pod's token", "remove serviceAccountToken");
    }
    const std::string expected = common_audience(opinions);
    if (use != TokenUse::never && entry().audience.empty()) {
      add(Severity::warning, "audience-missing", place("backend"),
          "the entry uses the pod's token, but nothing says for which audience it must have been made",
          "write audience: " +
              (expected.empty() ? "with the kubelet's serviceAccountTokenAudience"
                                : expected + ", which the backend " + backend_.name + " expects") +
              "; a token for somebody else is then refused");
    }
    if (use != TokenUse::never && !entry().audience.empty()) unexpected(opinions);
    if (use != TokenUse::never && is_api_server_audience(entry().audience)) {
      add(Severity::warning, "audience-of-cluster", place("audience"),
          "API servers take tokens of the audience " + in_quotes(entry().audience) +
              ", so whoever gets one for this entry could act as the pod's service account in the cluster",
          "choose an audience that only the registry takes, here and in the kubelet's serviceAccountTokenAudience");
    }
  }

  // One finding, for the first of the patterns: most entries have one audience for all.
  void unexpected(const std::vector<RegistryOpinion> &opinions) {
    for (std::size_t i = 0; i < opinions.size(); ++i) {
      const auto &[unserved, audiences, accepted_by] = opinions[i];
      const std::string &own = entry().audience;
      if (audiences.empty() || contains(audiences, own)) continue;
      std::string others;
      for (const std::string &audience : audiences) others += (others.empty() ? "" : " or ") + in_quotes(audience);
      add(Severity::warning, "audience-unexpected", place("audience"),
          "the service that verifies the token for " + in_quotes(entry().match_images[i]) + " expects the audience " +
              others + ", and refuses " + in_quotes(own) + " unless it was configured to accept it",
          "write audience: " + audiences.front() + " here and in the kubelet's serviceAccountTokenAudience, or " +
              (accepted_by.empty() ? "see that " + in_quotes(own) + " is accepted there"
                                   : "see that " + in_quotes(own) + " is in " + accepted_by));
      return;
    }
  }

  // `settings`: the keys that the entry's settings name.
  void annotations(const std::vector<AnnotationSetting> &settings) {
    std::vector<std::string> declared = backend_.annotation_keys;
    const std::vector<std::string> passed = annotation_keys_of(entry(), backend_);
    for (const auto &[path, key] : settings) {
      declared.push_back(key);
      if (contains(passed, key)) continue;
      add(Severity::warning, "annotation-withheld", place("settings/" + path),
          "the backend is not given the annotation " + in_quotes(key), "list it in the entry's annotations as well");
    }
    if (!entry().annotations || declared.empty()) return;
    for (std::size_t i = 0; i < entry().annotations->size(); ++i) {
      const std::string &key = (*entry().annotations)[i];
      if (contains(declared, key)) continue;
      const std::vector<std::string_view> known(declared.begin(), declared.end());
      const std::string_view near = nearest(key, known);
      add(Severity::warning, "annotation-unread", place("annotations/" + std::to_string(i)),
          "the backend " + backend_.name + " does not read the annotation " + in_quotes(key),
          near.empty() ? "remove it" : "did you mean " + std::string(near) + "?");
    }
  }

  // With credentialHost every pattern is asked for under that name, so that one finding says it.
  void unserved(const std::vector<RegistryOpinion> &opinions) {
    const std::string cure = "correct it, or the settings that name the registries of the backend";
    for (std::size_t i = 0; i < opinions.size(); ++i) {
      const std::string &reason = opinions[i].unserved;
      if (reason.empty()) continue;
      const bool by_credential_host = !entry().credential_host.empty();
      const std::string &name = by_credential_host ? entry().credential_host : entry().match_images[i];
      add(Severity::error, "registry-unserved",
          place(by_credential_host ? "credentialHost" : "matchImages/" + std::to_string(i)),
          in_quotes(name) + " can never be answered with these settings: " + reason, cure);
      if (by_credential_host) return;
    }
  }

  // The backend's own message comes first: it says best what it wants. The schema adds places, and what else is wrong.
  void settings(const Status &taken, std::vector<SchemaViolation> violations) {
    if (taken) {
      for (const SchemaViolation &violation : violations) {
        add(Severity::warning, "settings-schema", settings_place(violation),
            named(violation) + ' ' + violation.what + ", says the backend's schema, but the backend takes it",
            "report this to the maintainers of the backend");
      }
      return;
    }
    std::string own_message = taken.error().what;
    const auto same = std::find_if(violations.begin(), violations.end(), [&](const SchemaViolation &violation) {
      const std::string key = violation.path.substr(0, violation.path.find('/'));
      return !key.empty() && own_message.find(key) != std::string::npos;
    });
    const SchemaViolation &placed = same != violations.end() ? *same : SchemaViolation{};
    constexpr const char *quotes = "put it into quotes";
    const bool wants_text =
        placed.path.empty() ? own_message.find("must be a string") != std::string::npos : placed.needs_quotes;
    if (wants_text) own_message.resize(std::min(own_message.find("; "), own_message.size()));
    add(Severity::error, "settings", placed.path.empty() ? place(settings_path(own_message)) : settings_place(placed),
        own_message, wants_text ? quotes : taken.error().cure);
    for (const SchemaViolation &violation : violations) {
      if (violation.path.empty() || violation.path == placed.path) continue;
      add(Severity::error, "settings", settings_place(violation), named(violation) + ' ' + violation.what,
          violation.needs_quotes ? quotes
          : violation.description.empty()
              ? "`" + advised_command(inspection_.config->invocation, "generate schema") + "` has every setting"
              : "it is: " + violation.description);
    }
  }

 private:
  std::string settings_place(const SchemaViolation &violation) const {
    const std::string path = violation.path.empty() ? "settings" : "settings/" + violation.path;
    if (!violation.is_unknown_key || index_ >= inspection_.sources.size()) return place(path);
    return inspection_.sources[index_].place_of_key(path);
  }
  static std::string named(const SchemaViolation &violation) {
    return "settings" + (violation.path.empty() ? "" : '/' + violation.path);
  }

  const Inspection &inspection_;
  std::size_t index_;
  const SurveyedBackend &backend_;
  std::vector<Finding> &findings_;
};

// What one backend's entries come to, side by side: the backend's own opinion, and its schema's.
struct Opinions {
  std::vector<const RegistryEntry *> entries;
  std::vector<SettingsTrial> trials;
  std::vector<Result<Compared>> compared;
};

// What a library makes of a foreign schema and a long value must not end this process, nor be taken for the backend's
// fault: the comparison has a worker of its own.
void compare(const SurveyedBackend &backend, Clock &clock, LogSink &log, Opinions &opinions) {
  std::optional<SettingsSchema> schema;  // in the worker, read once for all
  const auto compare_one = [&](std::size_t i, Deadline) -> Result<Compared> {
    if (!schema) schema.emplace(backend.settings_schema);
    const std::string &settings = opinions.entries[i]->settings_json;
    Result<std::vector<SchemaViolation>> found = schema->violations(settings);
    if (found) return Compared{std::move(*found), schema->annotation_keys(settings)};
    const Error &error = found.error();
    return fail(error.code, {}, error.where + ' ' + error.what);
  };
  each_in_worker(0, opinions.entries.size(), clock, log, "cannot be compared with the backend's schema: the comparison",
                 compare_one, opinions.compared);
}

}  // namespace

std::vector<Finding> check_backends(const Inspection &inspection, const std::vector<SurveyedBackend> &backends,
                                    const BackendLoader &loader, const std::string &credentials_directory, Clock &clock,
                                    LogSink &log) {
  std::vector<Finding> findings;
  for (const SurveyedBackend &backend : backends) {
    Opinions opinions;
    std::deque<RegistryEntry> unpinned;  // a wrong pin has its own finding
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < inspection.config->registries.size(); ++i) {
      if (inspection.config->registries[i].backend != backend.name) continue;
      indices.push_back(i);
      unpinned.push_back(inspection.config->registries[i]);
      unpinned.back().backend_sha256.clear();
      opinions.entries.push_back(&unpinned.back());
    }
    if (indices.empty()) continue;
    if (backend.error) {
      BackendRules rules(inspection, indices.front(), backend, findings);
      rules.add(Severity::error, "backend-unusable", rules.place("backend"),
                backend.error->where + ": " + backend.error->what, backend.error->cure);
      continue;
    }
    opinions.trials = try_settings(opinions.entries, loader, credentials_directory, clock, log);
    compare(backend, clock, log, opinions);
    for (std::size_t i = 0; i < indices.size(); ++i) {
      BackendRules rules(inspection, indices[i], backend, findings);
      rules.pinned();
      rules.token(opinions.trials[i].opinions);
      const Result<Compared> &compared = opinions.compared[i];
      rules.annotations(compared ? compared->annotation_keys : std::vector<AnnotationSetting>{});
      rules.unserved(opinions.trials[i].opinions);
      for (const std::string &note : opinions.trials[i].notes) {
        rules.add(Severity::note, "settings-note", rules.place("settings"), "the backend says: " + note, "");
      }
      rules.settings(opinions.trials[i].taken,
                     compared ? compared->violations : std::vector{SchemaViolation{"", compared.error().what, ""}});
    }
  }
  return findings;
}

}  // namespace regcred::core
