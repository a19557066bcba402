// SPDX-License-Identifier: Apache-2.0
#include "cli/node/node_survey.hpp"

#include <algorithm>
#include <iterator>

#include "cli/kubelet_plan.hpp"
#include "cli/kubelet_version.hpp"
#include "cli/node/own_parts.hpp"
#include "cli/options.hpp"
#include "common/limits.hpp"

namespace regcred::core {
namespace {

InstallMode mode_of(const std::string &name) {
  const auto *const found = std::find(std::begin(install_mode_names), std::end(install_mode_names), name);
  return static_cast<InstallMode>(found - std::begin(install_mode_names));
}

// The kubelet and its version. Without either, `survey.refusal` says what to do.
Result<std::optional<RunningKubelet>> find_kubelet(const InstallOptions &options, const Context &context,
                                                   NodeSurvey &survey) {
  Result<RunningKubelet> found = find_running_kubelet(survey.root);
  survey.version = options.kubernetes_version.value_or("");
  if (!found) {
    if (mode_of(options.mode) != InstallMode::files) survey.refusal = found.error();
  } else if (survey.version.empty()) {
    survey.version = version_of(*found, survey.root, context).value_or("");
  }
  if (survey.version.empty() && !survey.refusal) {
    survey.refusal = Error{ErrorCode::usage, "--kubernetes-version",
                           "is needed here: the kubelet's version is not known", "give it, like 1.34"};
  }
  return found ? std::optional(std::move(*found)) : std::nullopt;
}

Result<NodeFacts> look(const InstallOptions &options, const Context &context, NodeSurvey &survey) {
  Result<std::optional<RunningKubelet>> kubelet = find_kubelet(options, context, survey);
  if (!kubelet) return tl::make_unexpected(kubelet.error());
  const Result<KubernetesVersion> version =
      survey.version.empty() ? newest_known_kubernetes : parse_kubernetes_version(survey.version);
  if (!version) return tl::make_unexpected(version.error());
  Result<InstalledState> state = read_installed_state(survey.root);
  if (!state) return tl::make_unexpected(state.error());
  const Result<Installation> installation = own_installation(context);
  if (!installation) return tl::make_unexpected(installation.error());
  return read_node_facts(survey.root, std::move(*kubelet), *version, std::move(*state), installation->executable);
}

Status plan(const InstallOptions &options, const Context &context, NodeSurvey &survey) {
  const Result<NodePlaces> places = places_of(survey.facts);
  if (!places) return tl::make_unexpected(places.error());
  if (survey.root.is_file(places->provider_file)) {
    Result<std::string> text = survey.root.read(places->provider_file, limits::config_file_bytes_max);
    if (!text) return tl::make_unexpected(text.error());
    survey.facts.own_file = ProviderText{places->provider_file, std::move(*text)};
  }
  Result<OwnParts> own = gather_own_parts(survey, *places, context);
  if (!own) return tl::make_unexpected(own.error());
  survey.own = std::move(*own);
  Result<InstallPlan> planned = plan_install(survey.facts, *places, survey.own, mode_of(options.mode));
  if (!planned) return tl::make_unexpected(planned.error());
  survey.plan = std::move(*planned);
  survey.outlook = compare_with_node(survey.plan, survey.facts, survey.root);
  survey.findings = survey.plan.findings;
  survey.findings.insert(survey.findings.end(), survey.outlook.findings.begin(), survey.outlook.findings.end());
  return {};
}

}  // namespace

void add_install_options(ArgumentParser &parser, InstallOptions &options) {
  add_host_root_option(parser, options.host_root);
  add_version_option(parser, options.kubernetes_version);
  parser.add("--mode", options.mode, "How the kubelet gets the providers (default: auto)")
      .one_of({std::begin(install_mode_names), std::end(install_mode_names)})
      .value_name("MODE");
}

Result<NodeSurvey> survey_node(const InstallOptions &options, const Context &context) {
  NodeSurvey survey{HostRoot(options.host_root), {}, {}, {}, {}, {}, {}, {}};
  Result<NodeFacts> facts = look(options, context, survey);
  if (!facts) return tl::make_unexpected(facts.error());
  survey.facts = std::move(*facts);
  if (survey.refusal) return survey;
  if (Status planned = plan(options, context, survey); !planned) survey.refusal = planned.error();
  return survey;
}

Result<NodeFacts> look_at_node(const InstallOptions &options, const Context &context) {
  NodeSurvey survey{HostRoot(options.host_root), {}, {}, {}, {}, {}, {}, {}};
  return look(options, context, survey);
}

}  // namespace regcred::core
