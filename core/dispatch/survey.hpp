// SPDX-License-Identifier: Apache-2.0
// What the installed backends declare, without a request: for `backends`, `check`, `doctor`, `generate` and `get`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "dispatch/token_policy.hpp"
#include "dispatch/worker_result.hpp"
#include "loader/loader.hpp"
#include "services/clock/clock.hpp"
#include "services/log/log_sink.hpp"

namespace regcred::core {

// One backend. When `error` is set it cannot be used and only name, path and sha256 count.
struct SurveyedBackend {
  std::string name;
  std::optional<Error> error;
  std::string path;    // of the file; empty when there is none, or none that is trusted
  std::string sha256;  // of that file, lower-case hex
  std::string version;
  std::string abi;  // "1.0"
  TokenUse token_use = TokenUse::required;
  std::string settings_schema;  // JSON text of an object, draft 2020-12, at most 32 levels deep
  std::vector<std::string> annotation_keys;
};

// Asks the backend `name` in a worker of its own; path and SHA-256 are read by this process.
[[nodiscard]] SurveyedBackend survey_backend(const BackendLoader &loader, const std::string &name, Clock &clock,
                                             LogSink &log);

// How a backend took one entry's settings.
struct SettingsTrial {
  Status taken;  // fails as the loader does, or with the backend's own message
  // For each of the entry's match_images, what the backend says of its registry; nothing when the settings were
  // refused.
  std::vector<RegistryOpinion> opinions;
  std::vector<std::string> notes;  // what it logged during that at level info or above: at most 8 lines
};

// Lets one backend read the settings of each of `entries`, all of which name it (with one SHA-256, or none), and no
// more: create, serves_registry, expected_audiences, destroy, in one worker for all (each_in_worker). It has no
// network. `credentials_directory` is $CREDENTIALS_DIRECTORY. One trial for each entry.
[[nodiscard]] std::vector<SettingsTrial> try_settings(const std::vector<const RegistryEntry *> &entries,
                                                      const BackendLoader &loader,
                                                      const std::string &credentials_directory, Clock &clock,
                                                      LogSink &log);

// The first audience that all of the patterns accept by default that have one; empty when none has, or they differ.
[[nodiscard]] std::string common_audience(const std::vector<RegistryOpinion> &opinions);

// For each of `entries`, of whatever backends: common_audience() of its trial; empty for a null entry.
[[nodiscard]] std::vector<std::string> expected_audiences(const std::vector<const RegistryEntry *> &entries,
                                                          const BackendLoader &loader,
                                                          const std::string &credentials_directory, Clock &clock,
                                                          LogSink &log);

// One trial pull. Refers to its entry.
struct TriedPull {
  const RegistryEntry *entry;
  std::string image;
};

// Lets one backend answer each of `pulls`, all of whose entries name it, without network and with a made-up token, and
// keeps nothing of what it answers. One Status for each: fails with what the backend says when it asked for a secret
// file or a program, which is not run, and then refused its configuration, as a pull would; and as the loader does.
[[nodiscard]] std::vector<Status> try_pulls(const std::vector<TriedPull> &pulls, const BackendLoader &loader,
                                            const std::string &credentials_directory, Clock &clock, LogSink &log);

// An entry's token use and annotations, as in token_policy.hpp.
[[nodiscard]] inline TokenUse token_use_of(const RegistryEntry &entry, const SurveyedBackend &backend) {
  return token_use_of(entry, backend.token_use);
}
[[nodiscard]] inline const std::vector<std::string> &annotation_keys_of(const RegistryEntry &entry,
                                                                        const SurveyedBackend &backend) {
  return annotation_keys_of(entry, backend.annotation_keys);
}

}  // namespace regcred::core
