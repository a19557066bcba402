// SPDX-License-Identifier: Apache-2.0
// Where the configuration comes from, and the one function that reads it. START HERE in this folder.
#pragma once

#include <optional>
#include <string>

#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "config/environment.hpp"

namespace regcred::core {

struct ConfigSource {
  std::optional<std::string> path;  // --config: a file, or a directory of *.yaml
  std::string program_name;         // without directories
  const Environment &environment;
  std::string default_root = "/etc/regcred";  // holds config.yaml and config.d; another one in tests
  std::string drop_in_file = "/etc/cloudsmith/cloudsmith-kubernetes-credential-provider.yaml";
  std::string called_as = {};  // argv[0], for the commands that messages advise
};

// For the commands that messages recommend. Any name but that of drop-in mode becomes `regcred`.
[[nodiscard]] Invocation invocation_of(const ConfigSource &source);

// Whether there is a configuration: a given path, a file below default_root, or a reason for drop-in mode.
[[nodiscard]] bool configuration_exists(const ConfigSource &source);

// Reads the configuration:
//  - started as cloudsmith-kubernetes-credential-provider: drop-in mode (drop_in.hpp); `path` is its file
//  - `path` given: that file, or the *.yaml in that directory
//  - else config.yaml, then config.d/*.yaml below default_root, in byte order of their names
//  - else, when there is none of these and a CLOUDSMITH_ variable is set: drop-in mode
//
// The files are joined: entries in the order of the files, `defaults` in one of them only, each entry's name once.
// Every file must pass open_trusted (FileTrust::integrity) and the schema. In this mode only the proxy comes from the
// environment, and only with `proxy: environment` (the default).
//
// Fails with ErrorCode::config and the first finding, where = "FILE:LINE:COLUMN".
[[nodiscard]] Result<Config> load_config(const ConfigSource &source);

}  // namespace regcred::core
