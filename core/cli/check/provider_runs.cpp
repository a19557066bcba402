// SPDX-License-Identifier: Apache-2.0
#include "cli/check/provider_runs.hpp"

#include <algorithm>
#include <filesystem>

#include "cli/provider_args.hpp"
#include "common/text.hpp"
#include "config/drop_in_keys.hpp"

namespace regcred::core {
namespace {

bool is_drop_in(const std::string &program_name) { return program_name == drop_in_program_name; }

// The options that the provider's args give, unless they are refused.
std::optional<CommonOptions> options_of(const KubeletProvider &provider, std::vector<Finding> &findings) {
  Result<CommonOptions> options = provider_options(provider);
  if (!options) {
    Error &error = options.error();
    findings.push_back(
        {Severity::error, "provider-args", std::move(error.where), std::move(error.what), std::move(error.cure)});
    return std::nullopt;
  }
  if (options->in_process) {
    findings.push_back({Severity::warning, "provider-args", provider.arguments_where,
                        "with --in-process the backend runs in regcred's own process, without a worker around it",
                        "remove it from args: it is for debuggers"});
  }
  return std::move(*options);
}

// The one file that is read, if it is one: without --config that may be the default's.
std::optional<std::filesystem::path> place_of(const ProviderRun &run, const std::string &default_root) {
  std::error_code unknown;
  const bool by_default = !run.config_path && !is_drop_in(run.program_name) &&
                          !std::filesystem::exists(default_root + "/config.d", unknown) &&
                          std::filesystem::exists(default_root + "/config.yaml", unknown);
  if (!run.config_path && !by_default) return std::nullopt;
  return std::filesystem::weakly_canonical(run.config_path.value_or(default_root + "/config.yaml"), unknown);
}

// The variables that may decide a configuration without a file.
Variables deciding(const ProviderRun &run) {
  Variables variables = run.environment;
  std::erase_if(variables, [](const auto &variable) { return !variable.first.starts_with("CLOUDSMITH_"); });
  return variables;
}

bool same_configuration(const ProviderRun &one, const ProviderRun &other, const std::string &default_root) {
  if (is_drop_in(one.program_name) != is_drop_in(other.program_name)) return false;
  const auto place = place_of(one, default_root);
  if (place != place_of(other, default_root)) return false;
  const bool by_variables = is_drop_in(one.program_name) || !place;
  return !by_variables || deciding(one) == deciding(other);
}

}  // namespace

std::vector<ProviderRun> provider_runs(const ProviderConfig &kubelet, const ConfigSource &own,
                                       std::vector<Finding> &findings) {
  std::vector<ProviderRun> runs = {{own.program_name, own.path, {}, {}, true}};
  const KubeletProvider *other = nullptr;
  for (const KubeletProvider &provider : kubelet.providers) {
    if (!runs_regcred(provider)) continue;
    const std::optional<CommonOptions> options = options_of(provider, findings);
    if (!options) continue;
    ProviderRun run{provider.name.text, options->config_path, provider.environment, {}, false};
    if (!run.config_path && is_drop_in(run.program_name) == is_drop_in(own.program_name)) run.config_path = own.path;
    const auto known = std::find_if(runs.begin(), runs.end(), [&](const ProviderRun &item) {
      return same_configuration(item, run, own.default_root);
    });
    ProviderRun &joined = known == runs.end() ? runs.emplace_back(std::move(run)) : *known;
    joined.providers.push_back(provider);
    if (!joined.is_own && other == nullptr) other = &provider;
  }
  if (other == nullptr || !runs.front().providers.empty()) return runs;
  if (is_drop_in(own.program_name)) {  // the environment of this command is not the kubelet's
    runs.erase(runs.begin());
    return runs;
  }
  findings.push_back({Severity::warning, "configuration-unread", other->where,
                      "no provider reads the configuration that is checked here: " + in_quotes(other->name.text) +
                          " reads another one",
                      "compare --config in args of the provider with that of this command"});
  return runs;
}

}  // namespace regcred::core
