// SPDX-License-Identifier: Apache-2.0
#include "cli/check/entry_rules.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "common/domain.hpp"
#include "common/text.hpp"
#include "match/pattern_lint.hpp"
#include "match/pattern_relation.hpp"
#include "services/http/address_kind.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t entries_compared_max = 200;  // pairs of patterns: beyond it only each entry by itself is judged

class EntryRules {
 public:
  explicit EntryRules(const Inspection &inspection) : inspection_(inspection) {}

  std::vector<Finding> findings() {
    const std::vector<RegistryEntry> &entries = inspection_.config->registries;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (!inspection_.sources.empty()) {  // else drop-in mode: nobody wrote these patterns
        lint(i);
        repeated(i);
      }
      wide_hosts(i);
      if (entries.size() > entries_compared_max) continue;
      shadowed(i);
      for (std::size_t j = 0; j < i; ++j) overlap(j, i);
    }
    return std::move(findings_);
  }

 private:
  const RegistryEntry &entry(std::size_t i) const { return inspection_.config->registries[i]; }

  std::string place(std::size_t i, const std::string &path) const {
    return i < inspection_.sources.size() ? inspection_.sources[i].place_of(path) : entry(i).origin;
  }
  std::string pattern_place(std::size_t i, std::size_t p) const { return place(i, "matchImages/" + std::to_string(p)); }

  void add(Severity severity, const char *rule, std::string where, std::string what, std::string cure) {
    findings_.push_back({severity, rule, std::move(where), std::move(what), std::move(cure)});
  }

  void lint(std::size_t i) {
    for (std::size_t p = 0; p < entry(i).match_images.size(); ++p) {
      for (Finding &finding : lint_pattern(entry(i).match_images[p])) {
        finding.where = pattern_place(i, p);
        findings_.push_back(std::move(finding));
      }
    }
  }

  // Hosts of settings, by the names that the backends' keys have: a token may go to each of them.
  void wide_hosts(std::size_t i) {
    const nlohmann::json settings = nlohmann::json::parse(entry(i).settings_json, nullptr, false);
    if (!settings.is_object()) return;
    for (const auto &[key, value] : settings.items()) {
      if (!key.ends_with("Host") && !key.ends_with("Hosts")) continue;
      if (value.is_string()) wide_host(place(i, "settings/" + key), value.get<std::string>());
      for (std::size_t h = 0; value.is_array() && h < value.size(); ++h) {
        if (!value[h].is_string()) continue;
        wide_host(place(i, "settings/" + key + '/' + std::to_string(h)), value[h].get<std::string>());
      }
    }
  }

  void wide_host(std::string where, const std::string &text) {
    const bool below = text.starts_with("*.");
    const std::string host = bare_host(below ? text.substr(2) : text);
    if (!is_public_suffix(host) || (!below && host.find('.') == std::string::npos)) return;  // guard: wide-hosts
    add(Severity::warning, "host-wide", std::move(where),
        in_quotes(text) + " is not one owner's: everybody can register a name below " + in_quotes(host),
        "name the owner's domain, like *.example." + host);
  }

  void repeated(std::size_t i) {
    const std::vector<std::string> &patterns = entry(i).match_images;
    for (std::size_t p = 0; p < patterns.size() && patterns.size() <= entries_compared_max; ++p) {
      for (std::size_t other = 0; other < patterns.size(); ++other) {
        const bool same = patterns[other] == patterns[p];
        if (other == p || (same && other > p) || !pattern_covers(patterns[other], patterns[p])) continue;
        add(same ? Severity::warning : Severity::note, "pattern-repeated", pattern_place(i, p),
            "the pattern " + in_quotes(patterns[p]) +
                (same ? " stands in this entry twice" : " adds nothing to " + in_quotes(patterns[other])),
            same ? "remove it" : "nothing to do, or remove it");
        break;
      }
    }
  }

  // The name of the first entry before `i` that answers everything that `pattern` matches, or null.
  const std::string *covered_by(std::size_t i, const std::string &pattern) const {
    for (std::size_t j = 0; j < i; ++j) {
      for (const std::string &wide : entry(j).match_images) {
        if (pattern_covers(wide, pattern)) return &entry(j).name;
      }
    }
    return nullptr;
  }

  void shadowed(std::size_t i) {
    const std::vector<std::string> &patterns = entry(i).match_images;
    std::vector<const std::string *> by;
    by.reserve(patterns.size());
    for (const std::string &pattern : patterns) by.push_back(covered_by(i, pattern));
    const std::string only_then = " first, so this one is asked only when that has no credentials";
    const std::string cure = "move this entry before it, or make its patterns narrower";
    if (std::none_of(by.begin(), by.end(), [](const std::string *name) { return name == nullptr; })) {
      add(Severity::warning, "entry-shadowed", place(i, "name"),
          "every image of " + in_quotes(entry(i).name) + " is answered by " + in_quotes(*by.front()) + only_then, cure);
      return;
    }
    for (std::size_t p = 0; p < patterns.size(); ++p) {
      if (by[p] == nullptr) continue;
      add(Severity::warning, "pattern-shadowed", pattern_place(i, p),
          "every image of " + in_quotes(patterns[p]) + " is answered by " + in_quotes(*by[p]) + only_then, cure);
    }
  }

  void overlap(std::size_t first, std::size_t second) {
    const std::vector<std::string> &patterns = entry(second).match_images;
    for (const std::string &earlier : entry(first).match_images) {
      for (std::size_t p = 0; p < patterns.size(); ++p) {
        if (patterns_overlap(earlier, patterns[p])) {
          if (pattern_covers(earlier, patterns[p])) return;  // said by shadowed()
          add(Severity::note, "entries-overlap", pattern_place(second, p),
              "images of " + in_quotes(patterns[p]) + " may be answered by " + in_quotes(entry(first).name) + " (" +
                  in_quotes(earlier) + "), which comes first; the kubelet keeps answers for one image only",
              "nothing to do if this order is meant");
          return;
        }
        if (only_ports_differ(earlier, patterns[p])) {
          add(Severity::note, "port-differs", pattern_place(second, p),
              in_quotes(patterns[p]) + " and " + in_quotes(earlier) + " of " + in_quotes(entry(first).name) +
                  " differ in the port, which must be the same text as the image's",
              "nothing to do if the images are written so");
          return;
        }
      }
    }
  }

  const Inspection &inspection_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_entries(const Inspection &inspection) { return EntryRules(inspection).findings(); }

}  // namespace regcred::core
