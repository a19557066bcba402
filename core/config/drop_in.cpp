// SPDX-License-Identifier: Apache-2.0
#include "config/drop_in.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regcred/text.hpp>

#include "common/ascii.hpp"
#include "common/text.hpp"
#include "config/config_files.hpp"
#include "config/drop_in_keys.hpp"
#include "config/drop_in_values.hpp"
#include "config/proxy.hpp"
#include "config/yaml_tree.hpp"

namespace regcred::core {
namespace {

using std::chrono::milliseconds;

// The first-party CLI takes all of these for Cloudsmith; a `*` is one label, so that two levels need two.
constexpr std::string_view cloudsmith_hosts[] = {
    "docker.cloudsmith.io", "*.cloudsmith.io",    "*.*.cloudsmith.io", "cloudsmith.io",
    "*.cloudsmith.com",     "*.*.cloudsmith.com", "cloudsmith.com",
};
constexpr const char *annotations[] = {"cloudsmith.io/service-slug", "cloudsmith.io/org-slug",
                                       "cloudsmith.io/api-host"};

// The existing provider reads every format of its configuration library; this one reads YAML and, within it, JSON.
Result<YamlNode> read_drop_in_file(const std::string &path) {
  for (const char *suffix : {".toml", ".ini", ".hcl", ".tfvars", ".properties", ".props", ".env", ".dotenv"}) {
    if (!path.ends_with(suffix)) continue;
    return fail(ErrorCode::config, path, std::string("a file of the format ") + suffix, "write it as YAML or JSON");
  }
  return read_yaml(path);
}

// With or without https:// and a slash at the end, as the provider and the CLI write it.
void read_api_host(DropInValues &in, nlohmann::ordered_json &settings) {
  const std::optional<std::string> written = in.text("api_host");
  if (!written) return;
  std::string_view host = *written;
  if (host.starts_with("https://")) host.remove_prefix(8);
  if (host.ends_with('/')) host.remove_suffix(1);
  const std::optional<std::string> checked = host_and_port(host);
  if (!checked)
    in.refuse("api_host", "is " + in_quotes(*written) + ", expected host or host:port",
              "api.cloudsmith.io is the default");
  settings["apiHost"] = checked.value_or("");
}

void read_allowed_hosts(DropInValues &in, nlohmann::ordered_json &settings) {
  for (const std::string &written : in.list("allowed_api_host_suffixes")) {
    std::string_view suffix = written;
    if (suffix.starts_with("*.")) suffix.remove_prefix(2);
    if (suffix.starts_with('.')) suffix.remove_prefix(1);
    const std::optional<std::string> host = host_and_port(suffix);
    if (!host) {
      in.refuse("allowed_api_host_suffixes", "has " + in_quotes(written) + ", expected a domain", "write .example.com");
      return;
    }
    settings["allowedApiHosts"].push_back(*host);
    if (host->find('.') != std::string::npos) settings["allowedApiHosts"].push_back("*." + *host);  // not all of *.com
  }
}

void read_registry_hosts(DropInValues &in, nlohmann::ordered_json &settings, RegistryEntry &entry) {
  for (const std::string &written : in.list("registry_hosts")) {
    const std::optional<std::string> host = host_and_port(written);
    if (!host) {
      in.refuse("registry_hosts", "has " + in_quotes(written) + ", expected host or host:port",
                "write docker.example.com");
      return;
    }
    settings["registryHosts"].push_back(*host);
    entry.match_images.push_back(*host);
  }
}

RegistryEntry read_entry(DropInValues &in) {
  RegistryEntry entry;
  entry.name = "cloudsmith";
  entry.backend = "cloudsmith";
  entry.match_images.assign(std::begin(cloudsmith_hosts), std::end(cloudsmith_hosts));
  entry.annotations.emplace(std::begin(annotations), std::end(annotations));
  entry.audience = in.text("oidc_audience").value_or("");
  entry.origin = "environment (drop-in mode)";

  nlohmann::ordered_json settings = nlohmann::ordered_json::object();
  if (auto org = in.slug("org_slug")) settings["orgSlug"] = *org;
  if (auto service = in.slug("service_slug")) settings["serviceSlug"] = *service;
  for (const auto &[key, setting] :
       {std::pair{"allowed_org_slugs", "allowedOrgs"}, {"allowed_service_slugs", "allowedServices"}}) {
    if (const auto slugs = in.slugs(key); !slugs.empty()) settings[setting] = slugs;
  }
  read_api_host(in, settings);
  read_allowed_hosts(in, settings);
  if (const auto headers = in.headers(); !headers.empty()) settings["headers"] = headers;
  read_registry_hosts(in, settings, entry);
  if (!in.error()) entry.settings_json = settings.dump();  // every text in it has been checked to be UTF-8
  return entry;
}

HttpConfig read_http(DropInValues &in, const Environment &environment) {
  HttpConfig http;
  http.system_ca_file = environment.get("SSL_CERT_FILE").value_or("");
  http.system_ca_directories = environment.get("SSL_CERT_DIR").value_or("");
  if (in.flag("insecure_skip_verify")) {
    in.refuse("insecure_skip_verify", "is true, but certificates are always verified",
              "remove it, and name the CA of your proxy or server in SSL_CERT_FILE");
  }
  if (auto agent = in.text("api_user_agent")) {
    if (std::any_of(agent->begin(), agent->end(), [](char c) { return c < ' ' || c > '~'; }) || agent->size() > 256) {
      in.refuse("api_user_agent", "is not printable ASCII of at most 256 bytes", "correct or remove it");
    }
    http.user_agent = std::move(*agent);
  }
  http.attempt_ms_max = in.duration("http_timeout", milliseconds{30'000}, milliseconds{1}).count();
  http.attempts_max = static_cast<int>(in.integer("max_retry_attempts", 3, 1, 100));
  http.backoff_base_ms = in.duration("retry_backoff_duration", milliseconds{1000}, milliseconds{0}).count();
  http.backoff_factor = in.number("retry_backoff_factor", 2.0, 0, 1000);
  http.backoff_jitter = in.number("retry_backoff_jitter", 1.0, 0, 1);
  http.backoff_cap_ms = in.duration("retry_backoff_cap", milliseconds{30'000}, milliseconds{0}).count();
  // Connections of a process that ends after one exchange are never idle: checked, then without meaning.
  static_cast<void>(in.integer("max_idle_conns", 10, 0, 1'000'000));
  static_cast<void>(in.duration("idle_conn_timeout", milliseconds{30'000}, milliseconds{0}));
  return http;
}

// In any letter case, and what is unknown is info, as the existing provider has it.
std::string read_log_level(DropInValues &in, std::vector<Finding> &notes) {
  const std::optional<std::string> level = in.text("log_level");
  if (!level) return "off";
  std::string word = to_lower(*level);
  if (word == "warning") return "warn";
  for (const char *known : {"debug", "info", "warn", "error"}) {
    if (word == known) return word;
  }
  notes.push_back({Severity::note, "log-level", in.find("log_level")->where,
                   "is " + in_quotes(*level) + ", which counts as info", "write debug, info, warn or error"});
  return "info";
}

Result<ProxyConfig> read_proxy(DropInValues &in, const Environment &environment) {
  const std::optional<std::string> own = in.text("api_proxy");
  if (!own) return proxy_from_environment(environment);
  Result<std::string> url = proxy_url(*own, in.find("api_proxy")->where);
  if (!url) return tl::make_unexpected(std::move(url.error()));
  Result<std::string> no_proxy = no_proxy_from_environment(environment);
  if (!no_proxy) return tl::make_unexpected(std::move(no_proxy.error()));
  return ProxyConfig{std::move(*url), std::move(*no_proxy)};
}

}  // namespace

bool has_drop_in_variable(const Environment &environment) {
  const Variables &variables = environment.all();
  return std::any_of(variables.begin(), variables.end(), [](const auto &variable) {
    return variable.first.starts_with("CLOUDSMITH_") && !variable.second.empty();
  });
}

Result<Config> load_drop_in(const std::optional<std::string> &path, const Environment &environment,
                            const std::string &default_file) {
  // One that is there but cannot be read is an error of its own, from read_yaml.
  const bool has_default_file = !path && path_exists(default_file);
  YamlNode file;
  const std::string name = path.value_or(has_default_file ? default_file : "");
  if (!name.empty()) {
    Result<YamlNode> read = read_drop_in_file(name);
    if (!read) return tl::make_unexpected(std::move(read.error()));
    file = std::move(*read);
  }

  DropInValues in(environment, file, name);
  Config config;
  config.origin = name.empty() ? "environment (drop-in mode)" : "environment and " + name + " (drop-in mode)";
  config.http = read_http(in, environment);
  config.log_level = read_log_level(in, config.notes);
  config.registries.push_back(read_entry(in));
  Result<ProxyConfig> proxy = read_proxy(in, environment);
  if (in.error()) return tl::make_unexpected(*in.error());
  if (!proxy) return tl::make_unexpected(std::move(proxy.error()));
  config.http.proxy = std::move(*proxy);
  config.http.proxy.no_proxy_as_go = true;
  config.drop_in = true;
  return config;
}

}  // namespace regcred::core
