// SPDX-License-Identifier: Apache-2.0
// `regcred check`: every part looks for what is wrong; one report says all of it.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include "cli/check/backend_rules.hpp"
#include "cli/check/cache_rules.hpp"
#include "cli/check/entry_rules.hpp"
#include "cli/check/node_side.hpp"
#include "cli/check/provider_runs.hpp"
#include "cli/check/pull_rules.hpp"
#include "cli/check/report.hpp"
#include "cli/options.hpp"
#include "cli/workshop.hpp"
#include "cluster/cluster_rules.hpp"
#include "cluster/other_providers.hpp"
#include "common/trusted_file.hpp"
#include "config/drop_in_words.hpp"
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

// The files that are this program: in a bundle its loader and libraries as well.
std::vector<std::string> program_files(const Installation &installation) {
  std::vector<std::string> files = {installation.executable};
  if (!installation.is_bundle) return files;  // guard: bundle-judged
  std::error_code error;
  for (std::filesystem::directory_iterator at(installation.library_directory + "/runtime", error), end;
       !error && at != end; at.increment(error)) {
    files.push_back(at->path().string());
  }
  return files;
}

// What the whole configuration names on this machine. Rules: program-trust, ca-file, backend-directory,
// metrics-file, event-spool.
void check_machine(const Config &config, const Installation &installation, std::vector<Finding> &findings) {
  for (const std::string &file : program_files(installation)) {
    const auto trusted = open_trusted(file, FileTrust::integrity, ErrorCode::config);
    if (!trusted) append(findings, "program-trust", trusted.error());
  }
  if (const auto roots = find_trust_roots(config.http); !roots) append(findings, "ca-file", roots.error());
  for (const std::string &directory : config.backend_directories) {
    if (const auto trusted = open_trusted_directory(directory, ErrorCode::config); !trusted) {
      append(findings, "backend-directory", trusted.error());
    }
  }
  if (const std::string &metrics = config.record.metrics_file; !metrics.empty()) {
    const auto trusted = open_trusted_directory(metrics.substr(0, metrics.rfind('/') + 1), ErrorCode::config,
                                                DirectoryTrust::all_trusted);
    if (!trusted) append(findings, "metrics-file", trusted.error());
  }
  if (const std::string &spool = config.record.event_spool; !spool.empty()) {
    const auto trusted = open_trusted_directory(spool, ErrorCode::config, DirectoryTrust::all_trusted);
    if (!trusted) {  // no request depends on it
      const Error &error = trusted.error();
      findings.push_back({Severity::warning, "event-spool", error.where, error.what, error.cure});
    }
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

// Everything that one configuration says about itself, and about the providers that read it.
class Checker {
 public:
  Checker(CheckedParts &parts, std::vector<Finding> &findings) : parts_(parts), findings_(findings) {}

  // `kubelet` has the providers that read this configuration; null: they are not known, or have errors of their own.
  Status check(const Context &context, const ProviderConfig *kubelet) {
    Inspection inspection = inspect_config(config_source(context));
    Result<Workshop> workshop = open_workshop(context, inspection.config.value_or(Config{}));
    if (!workshop) return tl::make_unexpected(workshop.error());
    parts_.files.insert(parts_.files.end(), inspection.files.begin(), inspection.files.end());
    append(findings_, std::move(inspection.findings));
    if (!inspection.config) return {};
    std::vector<Finding> found;
    const std::vector<SurveyedBackend> backends = survey_used_backends(*workshop);
    parts_.entries += workshop->config.registries.size();
    for (const SurveyedBackend &backend : backends) note(described(backend));
    check_machine(workshop->config, workshop->installation, found);
    append(found, check_entries(inspection));
    append(found, check_cache(inspection, backends, context.clock));
    append(found, check_backends(inspection, backends, workshop->loader, workshop->credentials_directory, context.clock,
                                 workshop->log));
    append(found, check_pulls(inspection, backends, workshop->loader, workshop->credentials_directory, context.clock,
                              workshop->log));
    if (inspection.config->drop_in) use_drop_in_words(found);
    append(findings_, std::move(found));
    if (kubelet != nullptr) append(findings_, check_cluster(inspection, backends, *kubelet));
    return {};
  }

 private:
  void note(std::string backend) {
    const auto known = std::find(parts_.backends.begin(), parts_.backends.end(), backend);
    if (known == parts_.backends.end()) parts_.backends.push_back(std::move(backend));
  }

  CheckedParts &parts_;
  std::vector<Finding> &findings_;
};

// A variable's place is the provider that sets it.
void place_in_provider(const ProviderRun &run, std::size_t first, std::vector<Finding> &findings) {
  constexpr std::string_view variable = "environment: ";
  for (std::size_t i = first; i < findings.size(); ++i) {
    Finding &finding = findings[i];
    if (!finding.where.starts_with("environment")) continue;
    const bool named = finding.where.starts_with(variable);
    finding.what = (named ? finding.where.substr(variable.size()) + ' ' : std::string()) + finding.what;
    finding.where = run.providers.front().where;
  }
}

// The kubelet's own files and programs by the rules of its version, then each configuration that its providers read.
Status check_kubelet(const NodeSide &node, KubernetesVersion version, const Context &context, Checker &checker,
                     CheckedParts &parts, std::vector<Finding> &findings) {
  const Result<Workshop> workshop = open_workshop(context, Config{});
  if (!workshop) return tl::make_unexpected(workshop.error());
  std::vector<Finding> own;
  ProviderConfig kubelet =
      read_provider_config(*node.kubelet_config, version, own, invocation_of(config_source(context)), node.root);
  const bool whole = count(own).errors == 0 && !kubelet.providers.empty();
  check_programs(node, workshop->installation.executable, version, kubelet, findings);
  append(findings, check_other_providers(kubelet, version));
  for (const KubeletProvider &provider : kubelet.providers) parts.providers.push_back(provider_words(provider));
  for (const ProviderRun &run : provider_runs(kubelet, config_source(context), own)) {
    const Environment environment(overlaid(context.environment.all(), run.environment));
    Context called = with_environment(context, environment, context.root);
    called.program_name = run.program_name;
    called.options.config_path = run.config_path;
    const ProviderConfig readers{kubelet.files, run.providers};
    const bool is_read =
        !run.providers.empty() || std::none_of(kubelet.providers.begin(), kubelet.providers.end(), runs_regcred);
    const std::size_t first = findings.size();
    if (Status checked = checker.check(called, whole && is_read ? &readers : nullptr); !checked) return checked;
    if (!run.is_own) place_in_provider(run, first, findings);
  }
  append(findings, std::move(own));
  return {};
}

// Two providers may read the same file.
void remove_repeated(std::vector<Finding> &findings) {
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  std::erase_if(findings, [&](const Finding &finding) {
    return !seen.emplace(finding.rule, finding.where, finding.what).second;
  });
}

Output check_sides(const Options &options, NodeSide node, const Context &context) {
  const Result<KubernetesVersion> version =
      node.version ? parse_kubernetes_version(*node.version) : newest_known_kubernetes;
  if (!version) return {"", version.error()};
  std::vector<Finding> findings;
  CheckedParts parts;
  Checker checker(parts, findings);
  Status checked;
  append(findings, std::move(node.findings));
  if (node.kubelet_config) {
    parts.kubelet_config = node.root.here(*node.kubelet_config);
    parts.kubernetes_version = to_text(*version);
    parts.version_note = node.version ? newer_words(*version) : ", the newest known; --kubernetes-version names yours";
    checked = check_kubelet(node, *version, context, checker, parts, findings);
  } else {
    checked = checker.check(context, nullptr);
  }
  if (!checked) return {"", checked.error()};
  parts.node = std::move(node.facts);
  remove_repeated(findings);
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
  const Environment environment = node->kubelet ? Environment(node->kubelet->variables) : context.environment;
  const Context there = with_environment(context, environment, node->root);
  return check_sides(options, std::move(*node), there);
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<Options>();
  add_node_options(parser, options->node);
  parser.add_flag("--strict", options->strict, "Fail on warnings, too");
  add_output_option(parser, options->as_json);
  return [options](const Context &context) { return check(*options, context); };
}

}  // namespace

const Command check_command = {"check", "Check the configuration, the backends' files and the kubelet's side", declare};

}  // namespace regcred::core
