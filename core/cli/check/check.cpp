// SPDX-License-Identifier: Apache-2.0
// `regcred check`: every part looks for what is wrong; one report says all of it.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "cli/check/backend_rules.hpp"
#include "cli/check/entry_rules.hpp"
#include "cli/check/node_side.hpp"
#include "cli/check/report.hpp"
#include "cli/options.hpp"
#include "cli/workshop.hpp"
#include "cluster/cluster_rules.hpp"
#include "cluster/other_providers.hpp"
#include "common/trusted_file.hpp"
#include "config/inspection.hpp"
#include "services/http/trust_roots.hpp"

namespace regcred::core {
namespace {

struct Options {
  NodeOptions node;
  bool strict = false;  // warnings fail too
  bool as_json = false;
};

void append(std::vector<Finding> &all, std::vector<Finding> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

void append(std::vector<Finding> &all, const char *rule, const Error &error) {
  all.push_back({Severity::error, rule, error.where, error.what, error.cure});
}

// What the whole configuration names on this machine. Rules: program-trust, ca-file, backend-directory,
// metrics-file.
void check_machine(const Config &config, const Installation &installation, std::vector<Finding> &findings) {
  if (const auto trusted = open_trusted(installation.executable, FileTrust::integrity, ErrorCode::config); !trusted) {
    append(findings, "program-trust", trusted.error());
  }
  if (const auto roots = find_trust_roots(config.http); !roots) append(findings, "ca-file", roots.error());
  for (const std::string &directory : config.backend_directories) {
    if (const auto trusted = open_trusted_directory(directory, ErrorCode::config); !trusted) {
      append(findings, "backend-directory", trusted.error());
    }
  }
  if (const std::string &metrics = config.record.metrics_file; !metrics.empty()) {
    const auto trusted = open_trusted_directory(metrics.substr(0, metrics.rfind('/') + 1), ErrorCode::config);
    if (!trusted) append(findings, "metrics-file", trusted.error());
  }
}

std::string described(const SurveyedBackend &backend) {
  if (backend.error) return backend.name + " cannot be used";
  return backend.name + ' ' + backend.version + ' ' + backend.path;
}

std::optional<Error> verdict(const std::vector<Finding> &findings, bool strict) {
  const FindingCounts counts = count(findings);
  if (counts.errors == 0 && (!strict || counts.warnings == 0)) return std::nullopt;
  return Error{ErrorCode::config, "check", in_words(counts), "the list says where, and what to do"};
}

// The kubelet's own files and programs by the rules of its version, and both sides together when neither has an error
// of its own.
void check_kubelet(const NodeSide &node, KubernetesVersion version, const Inspection &inspection,
                   const std::vector<SurveyedBackend> &backends, const std::string &executable, CheckedParts &parts,
                   std::vector<Finding> &findings) {
  std::vector<Finding> own;
  ProviderConfig kubelet = read_provider_config(*node.kubelet_config, version, own, node.root);
  const bool whole = count(own).errors == 0 && !kubelet.providers.empty();
  append(findings, std::move(own));
  check_programs(node, executable, version, kubelet, findings);
  append(findings, check_other_providers(kubelet, version));
  if (whole && inspection.config) append(findings, check_cluster(inspection, backends, kubelet));
  for (const KubeletProvider &provider : kubelet.providers) parts.providers.push_back(provider_words(provider));
}

Output check_sides(const Options &options, NodeSide node, const Context &context) {
  const Result<KubernetesVersion> version =
      node.version ? parse_kubernetes_version(*node.version) : newest_known_kubernetes;
  if (!version) return {"", version.error()};
  Inspection inspection = inspect_config(config_source(context));
  Result<Workshop> workshop = open_workshop(context, inspection.config.value_or(Config{}));
  if (!workshop) return {"", workshop.error()};

  std::vector<Finding> findings = std::move(inspection.findings);
  CheckedParts parts;
  parts.files = inspection.files;
  std::vector<SurveyedBackend> backends;
  if (inspection.config) {
    backends = survey_used_backends(*workshop);
    parts.entries = workshop->config.registries.size();
    for (const SurveyedBackend &backend : backends) parts.backends.push_back(described(backend));
    check_machine(workshop->config, workshop->installation, findings);
    append(findings, check_entries(inspection));
    append(findings, check_backends(inspection, backends, workshop->loader, workshop->credentials_directory,
                                    context.clock, workshop->log));
  }
  append(findings, std::move(node.findings));
  if (node.kubelet_config) {
    parts.kubelet_config = node.root.here(*node.kubelet_config);
    parts.kubernetes_version = to_text(*version);
    parts.version_is_assumed = !node.version;
    check_kubelet(node, *version, inspection, backends, workshop->installation.executable, parts, findings);
  }
  parts.node = std::move(node.facts);
  sort_by_place(findings);
  std::string text =
      options.as_json ? findings_as_json(findings, parts) : findings_as_text(findings, parts, context.terminal);
  return {std::move(text), verdict(findings, options.strict)};
}

Output check(const Options &options, const Context &context) {
  if (options.node.bin_directory && !options.node.kubelet_config && !options.node.kubelet) {
    return {"", Error{ErrorCode::usage, "--bin-dir", "needs the providers whose programs are looked for",
                      "give --kubelet-config, too"}};
  }
  Result<NodeSide> node = find_node_side(options.node, context);
  if (!node) return {"", node.error()};
  const GivenEnvironment of_kubelet(node->kubelet ? node->kubelet->variables : Variables{});
  const Environment &environment = node->kubelet ? of_kubelet : context.environment;
  const Context there = with_environment(context, environment, node->root);
  return check_sides(options, std::move(*node), there);
}

Run declare(CLI::App &app) {
  const auto options = std::make_shared<Options>();
  add_node_options(app, options->node);
  app.add_flag("--strict", options->strict, "Fail on warnings, too");
  add_output_option(app, options->as_json);
  return [options](const Context &context) { return check(*options, context); };
}

}  // namespace

const Command check_command = {"check", "Check the configuration, the backends' files and the kubelet's side", declare};

}  // namespace regcred::core
