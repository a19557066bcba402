// SPDX-License-Identifier: Apache-2.0
#include "cli/check/report.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "common/join.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t part_bytes_max = 600;  // of one part of a finding

const char *word(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "";
}

Tone tone(Severity severity) {
  switch (severity) {
    case Severity::error:
      return Tone::bad;
    case Severity::warning:
      return Tone::warning;
    case Severity::note:
      return Tone::faint;
  }
  return Tone::plain;
}

struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

// Takes ":NUMBER" off the end of `text`; 0 when there is none.
int take_number(std::string &text) {
  const std::size_t colon = text.rfind(':');
  const std::size_t digits = colon == std::string::npos ? 0 : text.size() - colon - 1;
  if (digits == 0 || digits > 9 || text.find_first_not_of("0123456789", colon + 1) != std::string::npos) return 0;
  const int number = std::stoi(text.substr(colon + 1));
  text.resize(colon);
  return number;
}

Place place_of(const std::string &where) {
  Place place{where, 0, 0};
  const int last = take_number(place.file);
  const int first = last == 0 ? 0 : take_number(place.file);
  return first == 0 ? Place{where, 0, 0} : Place{std::move(place.file), first, last};
}

std::string amount(std::size_t number, const std::string &one, const std::string &many) {
  return std::to_string(number) + ' ' + (number == 1 ? one : many);
}

std::string shown(const std::string &path) { return printable(path, part_bytes_max); }

}  // namespace

FindingCounts count(const std::vector<Finding> &findings) {
  FindingCounts counts;
  for (const Finding &finding : findings) {
    switch (finding.severity) {
      case Severity::error:
        ++counts.errors;
        break;
      case Severity::warning:
        ++counts.warnings;
        break;
      case Severity::note:
        ++counts.notes;
        break;
    }
  }
  return counts;
}

std::string in_words(const FindingCounts &counts) {
  std::vector<std::string> words;
  if (counts.errors > 0) words.push_back(amount(counts.errors, "error", "errors"));
  if (counts.warnings > 0) words.push_back(amount(counts.warnings, "warning", "warnings"));
  if (counts.notes > 0) words.push_back(amount(counts.notes, "note", "notes"));
  return words.empty() ? "nothing" : joined(words);
}

void sort_by_place(std::vector<Finding> &findings) {
  std::map<std::string, std::size_t> order;
  for (const Finding &finding : findings) order.emplace(place_of(finding.where).file, order.size());
  const auto key = [&](const Finding &finding) {
    const Place place = place_of(finding.where);
    return std::tuple(order.at(place.file), place.line, place.column);
  };
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const Finding &a, const Finding &b) { return key(a) < key(b); });
}

std::string finding_lines(const std::vector<Finding> &findings, const Terminal &terminal) {
  std::string text;
  for (const Finding &finding : findings) {
    text += paint(terminal, Tone::strong, printable(finding.where, part_bytes_max)) + ": " +
            paint(terminal, tone(finding.severity), word(finding.severity)) + ": " +
            printable(finding.what, part_bytes_max);
    if (!finding.cure.empty()) text += "; " + printable(finding.cure, part_bytes_max);
    text += ' ' + paint(terminal, Tone::faint, '[' + finding.rule + ']') + '\n';
  }
  return text;
}

std::string findings_as_text(const std::vector<Finding> &findings, const CheckedParts &parts,
                             const Terminal &terminal) {
  std::string text = finding_lines(findings, terminal);
  if (!findings.empty()) text += '\n';
  if (parts.entries > 0) {
    text += "configuration   " + amount(parts.entries, "entry", "entries") +
            (parts.files.empty() ? " (drop-in mode)" : " in " + joined(parts.files, shown)) + '\n';
  } else {
    text += "configuration   not usable" + (parts.files.empty() ? "" : ": " + joined(parts.files, shown)) + '\n';
  }
  for (const std::string &backend : parts.backends) text += "backend         " + printable(backend, 400) + '\n';
  if (!parts.kubelet_config.empty()) {
    text += "kubelet         " + printable(parts.kubelet_config, part_bytes_max) +
            (parts.kubernetes_version.empty() ? "" : " for Kubernetes " + parts.kubernetes_version) +
            parts.version_note + '\n';
  }
  if (!parts.providers.empty()) text += "asks            " + joined(parts.providers) + '\n';
  for (const auto &[label, words] : parts.node) {
    text += label + std::string(16 - label.size(), ' ') + printable(words, part_bytes_max) + '\n';
  }
  const FindingCounts counts = count(findings);
  const Tone found = counts.errors > 0 ? Tone::bad : counts.warnings > 0 ? Tone::warning : Tone::good;
  return text + "found           " + paint(terminal, found, in_words(counts)) + '\n';
}

nlohmann::ordered_json findings_json(const std::vector<Finding> &findings) {
  Json list = Json::array();
  for (const Finding &finding : findings) {
    const Place place = place_of(finding.where);
    list.push_back({{"severity", word(finding.severity)},
                    {"rule", finding.rule},
                    {"file", place.file},
                    {"line", place.line},
                    {"column", place.column},
                    {"what", finding.what},
                    {"cure", finding.cure}});
  }
  return list;
}

std::string findings_as_json(const std::vector<Finding> &findings, const CheckedParts &parts) {
  Json document;
  document["findings"] = findings_json(findings);
  const FindingCounts counts = count(findings);
  document["errors"] = counts.errors;
  document["warnings"] = counts.warnings;
  document["notes"] = counts.notes;
  document["files"] = parts.files;
  document["entries"] = parts.entries;
  document["backends"] = parts.backends;
  document["kubeletConfig"] = parts.kubelet_config;
  document["kubernetesVersion"] = parts.kubernetes_version;
  document["providers"] = parts.providers;
  if (!parts.node.empty()) document["node"] = Json(std::map(parts.node.begin(), parts.node.end()));
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace regcred::core
