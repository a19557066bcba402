#include "cluster/explain.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/config_source.hpp"
#include "cli/table.hpp"
#include "common/image_reference.hpp"
#include "common/text.hpp"
#include "match/route.hpp"

namespace regcred::core {
namespace {

std::string as_json(const std::string &image, const std::vector<PatternReport> &reports, const PatternReport *chosen,
                    const std::optional<KubeletReport> &kubelet) {
  nlohmann::ordered_json document;
  document["image"] = image;
  document["registry"] = chosen == nullptr ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(chosen->registry);
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
                    const PatternReport *chosen, const std::optional<KubeletReport> &kubelet) {
  std::string text = "image        " + image + "\n";
  if (chosen == nullptr) {
    text += "answered by  none: regcred would end with status 4, and the kubelet pull without its credentials\n\n";
  } else {
    const auto entry = std::find_if(config.registries.begin(), config.registries.end(),
                                    [&](const RegistryEntry &item) { return item.name == chosen->registry; });
    text += "answered by  " + entry->name + " (backend " + entry->backend + ", " + entry->origin + ")\n\n";
  }
  std::vector<std::vector<std::string>> rows = {{"REGISTRY", "PATTERN", "MATCHES", "REASON"}};
  for (const PatternReport &report : reports) {
    rows.push_back({report.registry, printable(report.pattern, 200), report.matches ? "yes" : "no", report.reason});
  }
  text += format_table(rows);
  if (!kubelet) return text;
  return text + "\nthe kubelet, by " + printable(kubelet->path, 400) + "\n" + format_table(kubelet_rows(*kubelet));
}

}  // namespace

Output explain_command(const Command &command, const Context &context) {
  const Result<std::string> image = normalise_image(command.image);
  if (!image) return {"", image.error()};
  const Result<Config> config = load_config(config_source(command, context));
  if (!config) return {"", config.error()};

  const std::vector<PatternReport> reports = explain_route(*config, *image);
  const auto first = std::find_if(reports.begin(), reports.end(), [](const auto &report) { return report.matches; });
  const PatternReport *chosen = first == reports.end() ? nullptr : &*first;
  std::optional<KubeletReport> kubelet;
  if (command.kubelet.config_path) {
    Result<KubeletReport> report = explain_kubelet(*command.kubelet.config_path, *image, command.kubelet.version);
    if (!report) return {"", report.error()};
    kubelet = std::move(*report);
  }
  std::string text =
      command.json ? as_json(*image, reports, chosen, kubelet) : as_text(*image, *config, reports, chosen, kubelet);
  if (kubelet && !kubelet->calls_regcred) {
    return {std::move(text), Error{ErrorCode::no_match, *image, "the kubelet does not call regcred for it",
                                   "add a pattern for it to matchImages in " + kubelet->path}};
  }
  if (chosen != nullptr) return {std::move(text), std::nullopt};
  return {std::move(text), Error{ErrorCode::no_match, *image, "no registry entry matches",
                                 "add a pattern for it to `matchImages` in " + config->origin}};
}

}  // namespace regcred::core
