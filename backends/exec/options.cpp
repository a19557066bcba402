// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <algorithm>
#include <regcred/process.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace exec_backend {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::Settings;
using regcred::shown;

constexpr std::size_t text_bytes_max = 4096;
constexpr std::size_t name_bytes_max = 128;
constexpr std::size_t items_bytes_max =
    regcred::program_items_bytes_max - (4U << 10U);  // less the host's own variables

tl::unexpected<regcred::Failure> wrong(std::string_view key, std::string_view rule) {
  return failure(Code::bad_config, "settings." + std::string(key) + ": " + std::string(rule));
}

bool is_text(std::string_view text) {
  return text.size() <= text_bytes_max && text.find('\0') == std::string_view::npos;
}

bool is_path(std::string_view path) { return regcred::is_program_path(path) && !regcred::has_control_character(path); }

Result<void> read_environment(Settings &settings, Options &options) {
  options.environment = settings.text_map("env");
  std::size_t bytes = 0;
  for (const auto &[name, value] : options.environment) {
    if (name.size() > name_bytes_max || !regcred::is_variable_name(name))
      return wrong("env", shown(name) + " is not the name of a variable");
    if (!is_text(value)) return wrong("env", shown(name) + " has a value over 4 KiB, or with a NUL");
    bytes += name.size() + value.size();
  }
  for (const std::string &argument : options.args) bytes += argument.size();
  const std::optional<std::string> home = settings.text("home");
  if (home && !is_path(*home)) return wrong("home", shown(*home) + " is not an absolute path");
  if (home && !options.environment.emplace("HOME", *home).second) {
    return wrong("home", "settings.env has HOME, too; remove one of the two");
  }
  if (options.environment.size() > regcred::program_items_max) return wrong("env", "more than 64 variables");
  if (bytes > items_bytes_max) return wrong("env", "variables and arguments have more than 60 KiB");
  return {};
}

Result<void> read_language(Settings &settings, Options &options) {
  const std::optional<std::string> protocol = settings.text("protocol");
  const std::optional<std::string> server_url = settings.text("serverUrl");
  const std::optional<std::string> version = settings.text("apiVersion");
  if (!protocol || (*protocol != "docker" && *protocol != "kubelet")) {
    return wrong("protocol", "write docker for a docker credential helper, kubelet for a credential provider");
  }
  options.protocol = *protocol == "docker" ? Protocol::docker : Protocol::kubelet;
  if (options.protocol == Protocol::docker && version) {
    return wrong("apiVersion", "has no meaning for a docker credential helper; remove it");
  }
  if (options.protocol == Protocol::kubelet && server_url) {
    return wrong("serverUrl", "has no meaning for a credential provider, which gets the image; remove it");
  }
  options.server_url = server_url.value_or("");
  if (server_url &&
      (server_url->empty() || server_url->size() > 1024 ||
       !std::all_of(server_url->begin(), server_url->end(), [](char c) { return c > ' ' && c <= '~'; }))) {
    return wrong("serverUrl", "must be 1 to 1024 printable ASCII characters without blanks");
  }
  const std::string chosen = version.value_or("v1");
  if (chosen != "v1" && chosen != "v1beta1" && chosen != "v1alpha1") {
    return wrong("apiVersion", shown(chosen) + " is not v1, v1beta1 or v1alpha1");
  }
  options.api_version = "credentialprovider.kubelet.k8s.io/" + chosen;
  return {};
}

}  // namespace

Result<Options> read_options(Settings &settings) {
  Options options;
  const bool has_args = settings.has("args");
  options.program = settings.text("program").value_or("");
  options.sha256 = settings.text("sha256").value_or("");
  options.args = settings.texts("args");
  const std::optional<std::int64_t> timeout = settings.number("timeoutSeconds");
  Result<void> language = read_language(settings, options);
  Result<void> environment = read_environment(settings, options);
  if (!language) return tl::make_unexpected(std::move(language.error()));
  if (!is_path(options.program)) return wrong("program", "must be the absolute path of the program");
  if (settings.has("sha256") && !regcred::is_sha256(options.sha256)) {
    return wrong("sha256", "must be 64 lower-case hex digits, as sha256sum prints them");
  }
  if (options.args.size() > regcred::program_items_max ||
      !std::all_of(options.args.begin(), options.args.end(), is_text)) {
    return wrong("args", "must be at most 64 texts of at most 4 KiB, without NUL");
  }
  if (!environment) return tl::make_unexpected(std::move(environment.error()));
  if (timeout && (*timeout < 1 || *timeout > 55)) return wrong("timeoutSeconds", "must be 1 to 55");
  options.timeout = std::chrono::seconds(timeout.value_or(0));
  if (!has_args && options.protocol == Protocol::docker) options.args = {"get"};
  return options;
}

}  // namespace exec_backend
