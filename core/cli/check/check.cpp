// SPDX-License-Identifier: Apache-2.0
// `regcred check`: every part looks for what is wrong; one report says all of it.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "cli/check/backend_rules.hpp"
#include "cli/check/entry_rules.hpp"
#include "cli/check/report.hpp"
#include "cli/options.hpp"
#include "cli/workshop.hpp"
#include "cluster/cluster_rules.hpp"
#include "common/trusted_file.hpp"
#include "config/drop_in_words.hpp"
#include "config/inspection.hpp"
#include "services/http/trust_roots.hpp"

namespace regcred::core {
namespace {

struct Options {
  std::optional<std::string> kubelet_config;
  std::optional<std::string> kubernetes_version;
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

void use_drop_in_words(std::vector<Finding> &findings) {
  for (Finding &finding : findings) {
    finding.what = in_drop_in_words(std::move(finding.what));
    finding.cure = in_drop_in_words(std::move(finding.cure));
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

// The kubelet's own files by the rules of its version, and both sides together when neither has an error of its own.
void check_kubelet(const std::string &path, KubernetesVersion version, const Inspection &inspection,
                   const std::vector<SurveyedBackend> &backends, const Invocation &invocation,
                   std::vector<Finding> &findings) {
  std::vector<Finding> own;
  const ProviderConfig kubelet = read_provider_config(path, version, own, invocation);
  const bool whole = count(own).errors == 0 && !kubelet.providers.empty();
  append(findings, std::move(own));
  if (whole && inspection.config) append(findings, check_cluster(inspection, backends, kubelet));
}

Output check(const Options &options, const Context &context) {
  const Result<KubernetesVersion> version =
      options.kubernetes_version ? parse_kubernetes_version(*options.kubernetes_version) : newest_known_kubernetes;
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
    if (inspection.config->drop_in) use_drop_in_words(findings);
  }
  if (options.kubelet_config) {
    parts.kubelet_config = *options.kubelet_config;
    parts.kubernetes_version = to_text(*version);
    parts.version_is_assumed = !options.kubernetes_version;
    check_kubelet(*options.kubelet_config, *version, inspection, backends, invocation_of(config_source(context)),
                  findings);
  }
  sort_by_place(findings);
  std::string text =
      options.as_json ? findings_as_json(findings, parts) : findings_as_text(findings, parts, context.terminal);
  return {std::move(text), verdict(findings, options.strict)};
}

Run declare(CLI::App &app) {
  const auto options = std::make_shared<Options>();
  add_kubelet_config_option(app, options->kubelet_config);
  add_version_option(app, options->kubernetes_version);
  app.add_flag("--strict", options->strict, "Fail on warnings, too");
  add_output_option(app, options->as_json);
  return [options](const Context &context) { return check(*options, context); };
}

}  // namespace

const Command check_command = {"check", "Check the configuration, the backends' files and the kubelet's side", declare};

}  // namespace regcred::core
