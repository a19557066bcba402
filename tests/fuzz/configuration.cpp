// SPDX-License-Identifier: Apache-2.0
// A configuration file: refused with its place, or a part of a Config in which everything has been checked.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <regcred/text.hpp>

#include "common/limits.hpp"
#include "common/names.hpp"
#include "common/text.hpp"
#include "config/proxy.hpp"
#include "config/schema.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"
#include "match/pattern.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

namespace {

void check_error(const Error &error) {
  require(error.code == ErrorCode::config && !error.what.empty(), "an error says what");
  require(error.where.starts_with("file.yaml:"), "an error has its place", error.where);
  require(one_line(error).size() <= limits::error_line_bytes_max, "an error is one bounded line");
}

bool is_absolute(const std::string &path) {
  return path.starts_with('/') && !regcred::has_control_character(path) && path.size() <= 4096;
}

void check_defaults(const ConfigPart &part) {
  const Config &config = part.defaults;
  require(config.deadline.count() >= 1000 && config.deadline.count() <= limits::deadline_max_ms,
          "the deadline is within its limits");
  require(std::all_of(config.http.ca_files.begin(), config.http.ca_files.end(), is_absolute) &&
              std::all_of(config.backend_directories.begin(), config.backend_directories.end(), is_absolute),
          "paths are absolute");
  const std::string &proxy = config.http.proxy.url;
  require(proxy.empty() || proxy_url(proxy, "").value_or("") == proxy, "a proxy stays what it is");
  require(proxy.empty() || !part.proxy_from_environment, "the proxy has one source");
  constexpr std::string_view levels[] = {"off", "error", "warn", "info", "debug"};
  require(std::find(std::begin(levels), std::end(levels), config.log_level) != std::end(levels), "the level is known");
}

void check_entry(const RegistryEntry &entry) {
  require(is_name(entry.name) && is_name(entry.backend), "names are names, never paths");
  require(!entry.match_images.empty() && std::all_of(entry.match_images.begin(), entry.match_images.end(),
                                                     [](const auto &p) { return validate_pattern(p).has_value(); }),
          "every pattern is one that the kubelet takes");
  require(entry.backend_sha256.empty() || entry.backend_sha256.size() == 64, "a digest is whole");
  require(entry.credential_host.empty() || regcred::host_and_port(entry.credential_host) == entry.credential_host,
          "the credential host is a host");
  require(!entry.cache_max || entry.cache_max->count() >= 0, "a cache duration is not negative");
  require(!regcred::has_control_character(entry.audience), "the audience can be shown");
  require(nlohmann::json::parse(entry.settings_json, nullptr, false).is_object(), "settings are a JSON object",
          entry.settings_json);
  require(entry.origin.starts_with("file.yaml:"), "an entry knows its place");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view text = regcred::fuzz::text_of(data, size);
  if (!is_utf8(text)) return 0;  // refused before it is parsed
  const auto tree = parse_yaml(text, "file.yaml");
  if (!tree) {
    check_error(tree.error());
    return 0;
  }
  ConfigErrors findings("file.yaml");
  const ConfigPart part = read_schema(*tree, findings);
  for (const Error &error : findings.all()) check_error(error);
  if (!findings.all().empty()) return 0;
  check_defaults(part);
  for (const RegistryEntry &entry : part.registries) check_entry(entry);
  return 0;
}
