// SPDX-License-Identifier: Apache-2.0
// The variables of drop-in mode, one NAME=VALUE a line, then an empty line and the file of the existing provider. In a
// value the word CANARY stands for a proxy's password.
#include "config/drop_in.hpp"

#include <nlohmann/json.hpp>
#include <regcred/text.hpp>
#include <utility>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "config/drop_in_keys.hpp"
#include "config/drop_in_values.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"
#include "match/pattern.hpp"

using namespace regcred::core;
using regcred::fuzz::require;
using regcred::fuzz::take_line;

namespace {

constexpr std::string_view canary = "c_a_n_a_r_y_3_1_4_1_5_9";

void check_error(const Error &error, std::string_view secret) {
  require(error.code == ErrorCode::config && !error.where.empty() && !error.what.empty(),
          "an error says where and what");
  const std::string line = one_line(error);
  require(line.size() <= limits::error_line_bytes_max, "an error is one bounded line");
  const bool hidden =
      secret.empty() || error.where.find("PROXY") == std::string::npos || line.find(secret) == std::string::npos;
  require(hidden, "no error about a proxy shows its password", line);
}

void check_config(const Config &config) {
  require(config.deadline.count() > 0 && config.deadline.count() <= limits::deadline_max_ms, "the deadline holds");
  const HttpConfig &http = config.http;
  require(http.attempts_max >= 1 && http.attempts_max <= 10, "the tries are limited");
  require(http.attempt_ms_max > 0 && http.connect_ms_max > 0 && http.backoff_base_ms >= 0 && http.backoff_cap_ms >= 0 &&
              http.backoff_factor >= 0.0 && http.backoff_jitter >= 0.0 && http.backoff_jitter <= 1.0,
          "times are times");
  require(!regcred::has_control_character(http.user_agent), "a header stays one");
  require(config.registries.size() == 1, "there is one registry");
  const RegistryEntry &entry = config.registries.front();
  for (const std::string &pattern : entry.match_images) {
    require(validate_pattern(pattern).has_value(), "every pattern is one that the kubelet takes", pattern);
  }
  require(nlohmann::json::parse(entry.settings_json, nullptr, false).is_object(), "settings are a JSON object");
}

// Every key of the file by every reader: only the first error is kept.
void check_file(std::string_view text) {
  if (!is_utf8(text)) return;  // refused before it is parsed
  const auto root = parse_yaml(text, "file.yaml");
  if (!root) {
    require(root.error().where.starts_with("file.yaml:"), "an error has its place");
    return;
  }
  const Environment nothing;
  DropInValues values(nothing, *root, "file.yaml");
  for (const DropInKey &key : drop_in_keys) {
    static_cast<void>(values.text(key.key));
    static_cast<void>(values.slug(key.key));
    static_cast<void>(values.flag(key.key));
    static_cast<void>(values.list(key.key));
    const auto wait = values.duration(key.key, std::chrono::milliseconds(7), std::chrono::milliseconds(1));
    require(wait.count() >= 1, "a duration is not below the smallest");
    const std::int64_t whole = values.integer(key.key, 3, 1, 9);
    require(whole >= 1 && whole <= 9, "a number lies between its limits");
    const double number = values.number(key.key, 0.5, 0.0, 1.0);
    require(number >= 0.0 && number <= 1.0, "and so does one with a fraction");
  }
  for (const auto &[name, value] : values.headers()) {
    require(!name.empty() && !regcred::has_control_character(value), "a header stays one");
  }
  if (values.error()) check_error(*values.error(), {});
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  std::string_view text = regcred::fuzz::text_of(data, size);
  Variables variables;
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    const std::size_t equals = line.find('=');
    const std::string_view whole = line.substr(0, line.find('\0'));  // a variable cannot hold more
    if (equals >= whole.size()) continue;
    variables.emplace_back(whole.substr(0, equals),
                           regcred::fuzz::with(std::string(whole.substr(equals + 1)), "CANARY", canary));
  }
  const auto config = load_drop_in(std::nullopt, Environment(std::move(variables)), "/nowhere/file.yaml");
  if (config) {
    check_config(*config);
  } else {
    check_error(config.error(), canary);
  }
  check_file(text);
  return 0;
}
