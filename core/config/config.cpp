// SPDX-License-Identifier: Apache-2.0
#include "config/config.hpp"

#include "config/config_files.hpp"
#include "config/drop_in.hpp"
#include "config/drop_in_keys.hpp"

namespace regcred::core {

bool configuration_exists(const ConfigSource &source) {
  return source.path || source.program_name == drop_in_program_name ||
         path_exists(source.default_root + "/config.yaml") || path_exists(source.default_root + "/config.d") ||
         has_drop_in_variable(source.environment);
}

Invocation invocation_of(const ConfigSource &source) {
  Invocation invocation;
  if (source.program_name == drop_in_program_name) {
    invocation.program = source.called_as.empty() ? source.program_name : source.called_as;
  }
  invocation.config_path = source.path.value_or("");
  return invocation;
}

namespace {

Result<Config> load(const ConfigSource &source) {
  if (source.program_name == drop_in_program_name) {
    return load_drop_in(source.path, source.environment, source.drop_in_file);
  }
  const Result<ConfigFiles> files = files_of(source);
  if (!files) return tl::make_unexpected(files.error());
  if (files->read.empty()) {
    if (has_drop_in_variable(source.environment)) {
      return load_drop_in(std::nullopt, source.environment, source.drop_in_file);
    }
    return fail(ErrorCode::config, source.default_root + "/config.yaml",
                "there is no configuration" + not_read_words(files->not_read),
                "write this file, name one with --config, or set CLOUDSMITH_ORG_SLUG (drop-in mode)");
  }
  JoinedConfig joined;
  for (const std::string &path : files->read) {
    ReadFile file = read_file(path);
    if (!file.errors.empty()) return tl::make_unexpected(std::move(file.errors.front()));
    if (const Status added = joined.add(std::move(file.part)); !added) return tl::make_unexpected(added.error());
  }
  return joined.take(source.environment, *files);
}

}  // namespace

Result<Config> load_config(const ConfigSource &source) {
  Result<Config> config = load(source);
  if (config) config->invocation = invocation_of(source);
  return config;
}

}  // namespace regcred::core
