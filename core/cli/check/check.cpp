// `regcred check`: every part looks for what is wrong; one report says all of it.
#include <optional>

#include "cli/check/backend_rules.hpp"
#include "cli/check/entry_rules.hpp"
#include "cli/check/report.hpp"
#include "cli/commands.hpp"
#include "cli/config_source.hpp"
#include "cli/stderr_log.hpp"
#include "cli/survey_entries.hpp"
#include "cluster/cluster_rules.hpp"
#include "common/trusted_file.hpp"
#include "config/inspection.hpp"
#include "loader/installation.hpp"
#include "services/http/trust_roots.hpp"

namespace regcred::core {
namespace {

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

// The kubelet's own files by the rules of its version, and both sides together when neither has an error of its own.
void check_kubelet(const std::string &path, KubernetesVersion version, const Inspection &inspection,
                   const std::vector<SurveyedBackend> &backends, std::vector<Finding> &findings) {
  std::vector<Finding> own;
  const ProviderConfig kubelet = read_provider_config(path, version, own);
  const bool whole = count(own).errors == 0 && !kubelet.providers.empty();
  append(findings, std::move(own));
  if (whole && inspection.config) append(findings, check_cluster(inspection, backends, kubelet));
}

Result<KubernetesVersion> version_of(const KubeletOptions &options) {
  return options.version ? parse_kubernetes_version(*options.version) : newest_known_kubernetes;
}

}  // namespace

Output check_command(const Command &command, const Context &context) {
  const Result<Installation> installation = locate_installation();
  if (!installation) return {"", installation.error()};
  const Result<KubernetesVersion> version = version_of(command.kubelet);
  if (!version) return {"", version.error()};
  StderrLog log(context.error_fd, command.log_level.value_or("off"));

  Inspection inspection = inspect_config(config_source(command, context));
  std::vector<Finding> findings = std::move(inspection.findings);
  CheckedParts parts;
  parts.files = inspection.files;
  std::vector<SurveyedBackend> backends;
  if (inspection.config) {
    const Config &config = *inspection.config;
    const BackendLoader loader(backend_directories(config, *installation));
    backends = survey_used_backends(config, loader, context.clock, log);
    parts.entries = config.registries.size();
    for (const SurveyedBackend &backend : backends) parts.backends.push_back(described(backend));
    check_machine(config, *installation, findings);
    append(findings, check_entries(inspection));
    append(findings, check_backends(inspection, backends, loader,
                                    context.environment.get("CREDENTIALS_DIRECTORY").value_or(""), context.clock, log));
  }
  if (command.kubelet.config_path) {
    parts.kubelet_config = *command.kubelet.config_path;
    parts.kubernetes_version = to_text(*version);
    parts.version_is_assumed = !command.kubelet.version;
    check_kubelet(*command.kubelet.config_path, *version, inspection, backends, findings);
  }
  sort_by_place(findings);
  std::string text =
      command.json ? findings_as_json(findings, parts) : findings_as_text(findings, parts, context.terminal);
  return {std::move(text), verdict(findings, command.strict)};
}

}  // namespace regcred::core
