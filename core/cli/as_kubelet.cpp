// SPDX-License-Identifier: Apache-2.0
#include "cli/as_kubelet.hpp"

#include "cli/kubelet_version.hpp"
#include "cli/options.hpp"
#include "cli/provider_args.hpp"
#include "cli/workshop.hpp"
#include "common/contains.hpp"
#include "common/join.hpp"
#include "common/kubernetes_names.hpp"
#include "common/text.hpp"
#include "match/pattern.hpp"
#include "node/kubelet_rules.hpp"
#include "node/provider_programs.hpp"

namespace regcred::core {
namespace {

// The first provider that runs regcred and is asked for `image`.
const KubeletProvider *asked_provider(const ProviderConfig &config, const std::string &image) {
  const ImageReference reference{std::string(image)};
  for (const KubeletProvider &provider : config.providers) {
    if (!runs_regcred(provider)) continue;
    for (const PlacedText &pattern : provider.match_images) {
      if (match_pattern(pattern.text, reference).matches()) return &provider;
    }
  }
  return nullptr;
}

std::string check_command(const HostRoot &root) {
  return std::string("regcred check --kubelet") + (root.is_ours() ? "" : " --host-root " + root.here("/"));
}

// The providers of the kubelet, each known by its program.
Result<ProviderConfig> read_providers(const RunningKubelet &kubelet, const HostRoot &root, const Context &context) {
  if (kubelet.config_path.empty()) {
    return fail(ErrorCode::config, kubelet_place(kubelet), "has no provider's configuration, so it asks nobody",
                "see all of it with: " + check_command(root));
  }
  const std::optional<std::string> text = version_of(kubelet, root, context);
  const Result<KubernetesVersion> version = text ? parse_kubernetes_version(*text) : newest_known_kubernetes;
  if (!version) return tl::make_unexpected(version.error());
  const Result<Workshop> workshop = open_workshop(context, Config{});
  if (!workshop) return tl::make_unexpected(workshop.error());
  std::vector<Finding> findings;
  ProviderConfig config = read_provider_config(kubelet.config_path, *version, findings, {}, root);
  if (!kubelet.bin_directory.empty()) {
    judge_programs(config, {root, kubelet.bin_directory, workshop->installation.executable}, findings);
  }
  const Finding *const error = first_refusal(findings);
  if (error == nullptr) return config;
  return fail(ErrorCode::config, error->where, error->what, error->cure + "; every finding: " + check_command(root));
}

}  // namespace

void add_as_kubelet_options(ArgumentParser &parser, AsKubeletOptions &options) {
  const Argument flag = parser.add_flag("--as-kubelet", options.is_set,
                                        "With the running kubelet's environment, and its provider's args and env");
  add_host_root_option(parser, options.host_root).needs(flag);
}

Result<KubeletCall> find_kubelet_call(const AsKubeletOptions &options, const std::string &image,
                                      const Context &context) {
  if (context.options.config_path) {
    return fail(ErrorCode::usage, "--as-kubelet", "takes the configuration that the kubelet's provider names",
                "leave --config away");
  }
  HostRoot root(options.host_root);
  Result<RunningKubelet> kubelet = find_running_kubelet(root);
  if (!kubelet) return tl::make_unexpected(kubelet.error());
  const Result<ProviderConfig> config = read_providers(*kubelet, root, context);
  if (!config) return tl::make_unexpected(config.error());
  const KubeletProvider *const provider = asked_provider(*config, image);
  if (provider == nullptr) {
    return fail(
        ErrorCode::no_match, kubelet_place(*kubelet),
        "asks no provider that runs regcred for " + in_quotes(image) + ", by " + root.here(kubelet->config_path),
        "add a pattern to matchImages of the provider there, and restart the kubelet");
  }
  Result<CommonOptions> called = provider_options(*provider);
  if (!called) return tl::make_unexpected(called.error());
  if (called->config_path && !root.is_ours()) called->config_path = root.real(*called->config_path);
  Variables variables = overlaid(kubelet->variables, provider->environment);
  return KubeletCall{std::move(*kubelet), *provider, std::move(variables), std::move(*called), std::move(root)};
}

Context called_context(const KubeletCall &call, const Environment &environment, const Context &context) {
  Context called = with_environment(context, environment, call.root);
  called.program_name = call.provider.name.text;
  called.options.config_path = call.options.config_path;
  return called;
}

Result<Identity> read_sent_identity(const KubeletCall &call, const IdentityOptions &options,
                                    const std::vector<const RegistryEntry *> &candidates, const Context &context) {
  const KubeletProvider &provider = call.provider;
  if (!provider.sends_token) {
    Identity nobody;
    if (options.token_file || options.service_account || !options.annotations.empty()) {
      nobody.notes.push_back("the provider " + provider.name.text +
                             " has no tokenAttributes: the kubelet sends it neither token nor annotations");
    }
    return nobody;
  }
  RegistryEntry asked = candidates.empty() ? RegistryEntry{} : *candidates.front();
  asked.audience = provider.audience.text;
  Result<Identity> identity = read_identity(options, {&asked}, context);
  if (!identity) return identity;
  for (const std::string &key : provider.required_annotations) {
    if (identity->annotations.contains(key)) continue;
    identity->notes.push_back("the kubelet does not ask " + provider.name.text +
                              " for accounts without the annotation " + in_quotes(key));
  }
  std::vector<std::string> dropped;
  std::erase_if(identity->annotations, [&](const auto &annotation) {
    const std::string &key = annotation.first;
    if (contains(provider.required_annotations, key) || contains(provider.optional_annotations, key)) return false;
    if (!is_kubernetes_annotation(key)) dropped.push_back(key);
    return true;
  });
  if (!dropped.empty()) {
    identity->notes.push_back("the kubelet does not pass on to " + provider.name.text + ": " + joined(dropped));
  }
  return identity;
}

std::vector<std::string> call_words(const KubeletCall &call) {
  const auto shown = [](const std::string &text) { return printable(text, 200); };
  const auto name = [&](const auto &variable) { return shown(variable.first); };
  RunningKubelet with_provider = call.kubelet;
  with_provider.variables = call.variables;
  const auto &own = call.provider.environment;
  return {kubelet_place(call.kubelet) + " asks " + shown(call.provider.name.text) + " (" + call.provider.where + ")",
          "args: " + (call.provider.arguments.empty() ? "none" : joined(call.provider.arguments, shown, " ", " ")),
          "env: " + (own.empty() ? "none" : joined(own, name)), "proxy: " + proxy_words(with_provider)};
}

}  // namespace regcred::core
