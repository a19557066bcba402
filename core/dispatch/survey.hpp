// What the installed backends say of themselves, without a request: for `backends`, `check`, `generate` and `explain`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/registry_config.hpp"
#include "common/result.hpp"
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
  std::string settings_schema;  // JSON text, draft 2020-12
  std::vector<std::string> annotation_keys;
};

// Asks the backend `name` in a worker of its own; path and SHA-256 are what this process sees.
[[nodiscard]] SurveyedBackend survey_backend(const BackendLoader &loader, const std::string &name, Clock &clock,
                                             LogSink &log);

// Lets the backend of `entry` read its settings in a worker, and no more: create, then destroy. No network is lent to
// it. `credentials_directory` is $CREDENTIALS_DIRECTORY. Fails as the loader does, or with the backend's own words.
[[nodiscard]] Status try_settings(const RegistryEntry &entry, const BackendLoader &loader,
                                  const std::string &credentials_directory, Clock &clock, LogSink &log);

// What an entry lets through: its own word, or else what its backend declares.
[[nodiscard]] TokenUse token_use_of(const RegistryEntry &entry, const SurveyedBackend &backend);
[[nodiscard]] const std::vector<std::string> &annotation_keys_of(const RegistryEntry &entry,
                                                                 const SurveyedBackend &backend);

}  // namespace regcred::core
