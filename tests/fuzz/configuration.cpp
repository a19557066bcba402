// A configuration file: refused with its place, or a Config within every limit; and what `check` says of it.
#include <nlohmann/json.hpp>

#include "common/limits.hpp"
#include "common/names.hpp"
#include "common/text.hpp"
#include "config/schema.hpp"
#include "fuzz/require.hpp"
#include "match/pattern.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (!is_utf8(regcred::fuzz::text_of(data, size))) return 0;  // refused before, as "no UTF-8 text"
  const auto tree = parse_yaml(regcred::fuzz::text_of(data, size), "f");
  if (!tree) {
    require(tree.error().where.starts_with("f"), "an error of YAML has its place");
    return 0;
  }
  Findings findings("f");
  const ConfigPart part = read_schema(*tree, findings);
  for (const Error &error : findings.all()) require(error.where.starts_with("f:"), "a finding has its place");
  if (!findings.all().empty()) return 0;
  require(part.defaults.deadline.count() >= 1000 && part.defaults.deadline.count() <= limits::deadline_max_ms,
          "the deadline is within its limits");
  for (const RegistryEntry &entry : part.registries) {
    require(is_name(entry.name) && is_name(entry.backend), "names are names, never paths");
    for (const std::string &pattern : entry.match_images) {
      require(static_cast<bool>(validate_pattern(pattern)), "every pattern is one that the kubelet takes");
    }
    require(nlohmann::json::parse(entry.settings_json, nullptr, false).is_object(), "settings are a JSON object");
  }
  return 0;
}
