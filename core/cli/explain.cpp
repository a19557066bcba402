// SPDX-License-Identifier: Apache-2.0
// `regcred explain IMAGE`: which entry answers, why the others do not, and would the kubelet call regcred at all.
#include "cluster/explain.hpp"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/check/provider_runs.hpp"
#include "cli/options.hpp"
#include "cli/table.hpp"
#include "cli/workshop.hpp"
#include "cluster/named_registries.hpp"
#include "common/image_reference.hpp"
#include "common/text.hpp"
#include "match/route.hpp"

namespace regcred::core {
namespace {

struct Options {
  std::string image;
  std::optional<std::string> kubelet_config;
  std::optional<std::string> kubernetes_version;
  bool as_json = false;
};

std::string as_json(const std::string &image, const std::vector<PatternReport> &reports, const PatternReport *chosen,
                    bool has_credential, const std::optional<KubeletReport> &kubelet) {
  nlohmann::ordered_json document;
  document["image"] = image;
  document["registry"] = chosen == nullptr ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(chosen->registry);
  document["hasCredential"] = has_credential;
  document["candidates"] = nlohmann::ordered_json::array();
  for (const PatternReport &report : reports) {
    document["candidates"].push_back({{"registry", report.registry},
                                      {"pattern", report.pattern},
                                      {"matches", report.matches},
                                      {"reason", report.reason}});
  }
  if (kubelet) document["kubelet"] = kubelet_as_json(*kubelet);
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string as_text(const std::string &image, const Config &config, const std::vector<PatternReport> &reports,
                    const PatternReport *chosen, bool has_credential, const std::optional<KubeletReport> &kubelet) {
  std::string text = "image        " + image + "\n";
  if (chosen == nullptr) {
    text += "answered by  none: regcred would end with status 4, and the kubelet pull without its credentials\n\n";
  } else {
    const auto entry = std::find_if(config.registries.begin(), config.registries.end(),
                                    [&](const RegistryEntry &item) { return item.name == chosen->registry; });
    text += "answered by  " + entry->name + " (backend " + entry->backend + ", " + entry->origin + ")\n";
    if (!has_credential) {
      text += "             without a credential: none in its settings is for this image\n";
    }
    text += '\n';
  }
  std::vector<std::vector<std::string>> rows = {{"REGISTRY", "PATTERN", "MATCHES", "REASON"}};
  for (const PatternReport &report : reports) {
    rows.push_back({report.registry, printable(report.pattern, 200), report.matches ? "yes" : "no", report.reason});
  }
  text += format_table(rows);
  if (!kubelet) return text;
  return text + "\nthe kubelet, by " + printable(kubelet->path, 400) + "\n" + format_table(kubelet_rows(*kubelet));
}

// Whether the settings of the entry have a credential for the image, as far as its backend tells without a network.
Result<bool> has_credential(const Context &context, const Config &config, const std::string &name,
                            const std::string &image) {
  Result<Workshop> workshop = open_workshop(context, config);
  if (!workshop) return tl::make_unexpected(workshop.error());
  for (const RegistryEntry &entry : config.registries) {
    if (entry.name != name) continue;
    const SurveyedBackend backend = survey_backend(workshop->loader, entry.backend, workshop->clock, workshop->log);
    return is_named(named_registries(entry, backend.settings_schema), entry, ImageReference(image));
  }
  return true;
}

Output explain(const Options &options, const Context &context) {
  const Result<std::string> image = normalise_image(options.image);
  if (!image) return {"", image.error()};
  const Result<Config> config = load_config(config_source(context));
  if (!config) return {"", config.error()};

  const std::vector<PatternReport> reports = explain_route(*config, *image);
  const auto first = std::find_if(reports.begin(), reports.end(), [](const auto &report) { return report.matches; });
  const PatternReport *chosen = first == reports.end() ? nullptr : &*first;
  const Result<bool> credential =
      chosen == nullptr ? false : has_credential(context, *config, chosen->registry, *image);
  if (!credential) return {"", credential.error()};
  std::optional<KubeletReport> kubelet;
  if (options.kubelet_config) {
    Result<KubeletReport> report =
        explain_kubelet(*options.kubelet_config, *image, options.kubernetes_version, config->invocation);
    if (!report) return {"", report.error()};
    kubelet = std::move(*report);
  }
  std::string text = options.as_json ? as_json(*image, reports, chosen, *credential, kubelet)
                                     : as_text(*image, *config, reports, chosen, *credential, kubelet);
  if (kubelet && !kubelet->calls_regcred) {
    return {std::move(text), Error{ErrorCode::no_match, *image, "the kubelet does not call regcred for it",
                                   "add a pattern for it to matchImages in " + kubelet->path}};
  }
  if (kubelet) {  // called, and then refuses its arguments
    std::vector<Finding> findings;
    ProviderConfig called{kubelet->config.files, {}};
    for (const ProviderReport &item : kubelet->providers) {
      if (item.is_called && item.runs_regcred) called.providers.push_back(*item.provider);
    }
    static_cast<void>(provider_runs(called, config_source(context), findings));
    const auto error = std::find_if(findings.begin(), findings.end(),
                                    [](const Finding &finding) { return finding.severity == Severity::error; });
    if (error != findings.end()) {
      return {std::move(text), Error{ErrorCode::config, error->where, error->what, error->cure}};
    }
  }
  if (chosen != nullptr) return {std::move(text), std::nullopt};
  return {std::move(text), Error{ErrorCode::no_match, *image, "no registry entry matches" + config->not_read,
                                 config->drop_in ? drop_in_cure(ImageReference(*image))
                                                 : "add a pattern for it to `matchImages` in " + config->origin}};
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<Options>();
  add_image(parser, options->image);
  add_kubelet_config_option(parser, options->kubelet_config);
  add_version_option(parser, options->kubernetes_version);
  add_output_option(parser, options->as_json);
  return [options](const Context &context) { return explain(*options, context); };
}

}  // namespace

const Command explain_command = {"explain", "Show which registry entry answers an image, without network", declare};

}  // namespace regcred::core
