// SPDX-License-Identifier: Apache-2.0
#include "cli/node/survey_report.hpp"

#include <nlohmann/json.hpp>

#include "cli/check/report.hpp"
#include "cli/table.hpp"
#include "cluster/other_providers.hpp"
#include "common/text.hpp"
#include "node/kubelet_rules.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t part_bytes_max = 600;

std::string shown(const std::string &text) { return printable(text, part_bytes_max); }

const char *kind_word(InstallStep::Kind kind) {
  constexpr const char *words[] = {"program", "current", "registry", "link", "providers", "flags"};
  return words[static_cast<int>(kind)];
}

const char *host_word(KubeletHost host) {
  constexpr const char *words[] = {"systemd", "k3s", "rke2"};
  return words[static_cast<int>(host)];
}

bool is_planned(const NodeSurvey &survey) { return !survey.refusal; }

// What forbids the installation; empty when nothing does.
std::string obstacle(const NodeSurvey &survey) {
  if (survey.refusal) return line_of(*survey.refusal);
  const Finding *const error = first_refusal(survey.findings);
  return error == nullptr ? std::string() : error->where + ": " + error->what + "; " + error->cure;
}

std::string program_of(const NodeSurvey &survey, const KubeletProvider &provider) {
  const std::string path = survey.facts.kubelet->bin_directory + '/' + provider.name.text;
  return path + (survey.root.is_file(path) ? "" : " (not there)");
}

void add_line(std::string &text, const char *label, const std::string &words) {
  std::string head = label;
  head.resize(16, ' ');
  text += head + shown(words) + '\n';
}

void add_kubelet(std::string &text, const NodeSurvey &survey) {
  if (!survey.facts.kubelet) return add_line(text, "kubelet", "none runs");
  const RunningKubelet &kubelet = *survey.facts.kubelet;
  std::string words = "process " + std::to_string(kubelet.process.id) + ' ' + kubelet.process.executable;
  if (!survey.version.empty()) words += ", Kubernetes " + survey.version + newer_words(survey.facts.version);
  if (survey.facts.unit) words += ", " + survey.facts.unit->name;
  add_line(text, "kubelet", words);
  const std::string none = "not given";
  add_line(text, "reads", (kubelet.config_path.empty() ? none : kubelet.config_path) + ", by " + kubelet.flags_origin);
  add_line(text, "programs", kubelet.bin_directory.empty() ? none : kubelet.bin_directory);
  for (const KubeletProvider &provider : survey.facts.providers.providers) {
    add_line(text, "asks", provider_words(provider) + ": " + program_of(survey, provider));
  }
  add_line(text, "proxy", proxy_words(kubelet));
}

Json provider_json(const NodeSurvey &survey, const KubeletProvider &provider) {
  const std::string path = survey.facts.kubelet->bin_directory + '/' + provider.name.text;
  return {{"name", provider.name.text},
          {"where", provider.where},
          {"program", path},
          {"programIsThere", survey.root.is_file(path)},
          {"isRegcred", runs_regcred(provider)}};
}

Json kubelet_json(const NodeSurvey &survey) {
  if (!survey.facts.kubelet) return nullptr;
  const RunningKubelet &kubelet = *survey.facts.kubelet;
  return {{"process", kubelet.process.id},
          {"executable", kubelet.process.executable},
          {"startedBy", host_word(kubelet.host)},
          {"unit", survey.facts.unit ? Json(survey.facts.unit->name) : Json(nullptr)},
          {"version", survey.version},
          {"config", kubelet.config_path},
          {"binDirectory", kubelet.bin_directory},
          {"flagsFrom", kubelet.flags_origin},
          {"proxy", proxy_words(kubelet)}};
}

Json install_json(const NodeSurvey &survey) {
  const std::string refusal = obstacle(survey);
  Json install = {{"refusal", refusal.empty() ? Json(nullptr) : Json(refusal)}};
  if (!is_planned(survey)) return install;
  install["mode"] = to_text(survey.plan.mode);
  install["reason"] = survey.plan.reason;
  install["steps"] = Json::array();
  for (std::size_t i = 0; i < survey.plan.steps.size(); ++i) {
    const InstallStep &step = survey.plan.steps[i];
    install["steps"].push_back({{"kind", kind_word(step.kind)},
                                {"path", step.path},
                                {"target", step.is_link ? Json(step.content) : Json(nullptr)},
                                {"done", static_cast<bool>(survey.outlook.is_done[i])}});
  }
  install["restart"] = survey.outlook.restart.empty() ? Json(nullptr) : Json(survey.outlook.restart);
  install["upToDate"] = survey.outlook.is_up_to_date() && refusal.empty();
  return install;
}

}  // namespace

std::string steps_as_text(const NodeSurvey &survey, const Terminal &terminal) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < survey.plan.steps.size(); ++i) {
    const InstallStep &step = survey.plan.steps[i];
    const bool is_done = survey.outlook.is_done[i];
    rows.push_back({"  " + paint(terminal, is_done ? Tone::faint : Tone::strong, is_done ? "is there" : "put"),
                    kind_word(step.kind), shown(step.path + (step.is_link ? " -> " + step.content : ""))});
  }
  std::string text = format_table(rows);
  if (survey.plan.mode == InstallMode::files) {
    text += "  give the kubelet --image-credential-provider-config=" + survey.plan.provider_file +
            " --image-credential-provider-bin-dir=" + survey.plan.bin_directory + '\n';
  }
  if (!survey.outlook.restart.empty()) {
    const std::string unit = survey.facts.unit ? survey.facts.unit->name : "the kubelet";
    text += "  restart " + unit + ": " + shown(survey.outlook.restart) + '\n';
  }
  return text;
}

std::string survey_as_text(const NodeSurvey &survey, const Terminal &terminal) {
  std::string text;
  if (!survey.facts.system.name.empty()) add_line(text, "node", survey.facts.system.name);
  add_kubelet(text, survey);
  const InstalledState &state = survey.facts.state;
  add_line(text, "installed",
           state.version.empty() ? "nothing by `regcred node install`"
                                 : "regcred " + state.version + ", " + state.provider_file);
  if (is_planned(survey)) {
    text += std::string("\ninstall, mode ") + to_text(survey.plan.mode) + ": " + shown(survey.plan.reason) + '\n' +
            steps_as_text(survey, terminal);
  }
  if (!survey.findings.empty()) text += '\n' + finding_lines(survey.findings, terminal);
  const std::string refusal = obstacle(survey);
  if (!refusal.empty()) {
    return text + '\n' + paint(terminal, Tone::bad, "install would be refused") + ": " + shown(refusal) + '\n';
  }
  return text + '\n' +
         (survey.outlook.is_up_to_date() ? paint(terminal, Tone::good, "up to date")
                                         : paint(terminal, Tone::warning, "not up to date")) +
         '\n';
}

std::string survey_as_json(const NodeSurvey &survey) {
  Json providers = Json::array();
  for (const KubeletProvider &provider : survey.facts.providers.providers) {
    providers.push_back(provider_json(survey, provider));
  }
  const InstalledState &state = survey.facts.state;
  const Json document = {{"node", {{"system", survey.facts.system.id}, {"name", survey.facts.system.name}}},
                         {"kubelet", kubelet_json(survey)},
                         {"providers", providers},
                         {"installed", state.version.empty() ? Json(nullptr)
                                                             : Json{{"version", state.version},
                                                                    {"providerFile", state.provider_file},
                                                                    {"names", state.names}}},
                         {"install", install_json(survey)},
                         {"findings", findings_json(survey.findings)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace regcred::core
