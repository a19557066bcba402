// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include <algorithm>
#include <regcred/text.hpp>
#include <utility>

#include "common/image_reference.hpp"
#include "common/kubernetes_names.hpp"
#include "common/limits.hpp"
#include "common/names.hpp"
#include "common/text.hpp"
#include "config/document_kind.hpp"
#include "config/proxy.hpp"
#include "config/settings_json.hpp"
#include "match/pattern.hpp"

namespace regcred::core {
namespace {

using Keys = std::span<const std::string_view>;

constexpr std::string_view document_keys[] = {"apiVersion", "kind", "defaults", "registries"};
constexpr std::string_view defaults_keys[] = {
    "deadline",    "caFile",     "proxy",     "backendDirectories", "logLevel",         "requestLog",
    "metricsFile", "eventSpool", "nodeCache", "throttleMemory",     "throttleDirectory"};
constexpr std::string_view entry_keys[] = {
    "name",        "matchImages",    "backend", "backendSha256", "audience", "serviceAccountToken",
    "annotations", "credentialHost", "cache",   "settings"};
constexpr std::string_view cache_keys[] = {"maxDuration", "node"};
constexpr std::string_view node_cache_keys[] = {"directory", "requireTmpfs", "maxEntries", "wait"};
constexpr std::string_view log_levels[] = {"off", "error", "warn", "info", "debug"};
constexpr std::string_view request_logs[] = {"off", "journald", "syslog"};
constexpr std::string_view switch_words[] = {"on", "off"};
constexpr std::string_view cache_nodes[] = {"off", "token", "serviceAccount"};
constexpr std::string_view token_uses[] = {"required", "optional", "never"};

constexpr std::size_t sha256_hex_digits = 64;
constexpr std::size_t text_bytes_max = 4096;

bool is_absolute(std::string_view path) {
  return path.starts_with('/') && path.size() <= text_bytes_max && !has_control_character(path);
}

// ---- defaults ----

void read_deadline(const MappingReader &in, Config &config) {
  const auto deadline = in.duration("deadline");
  if (!deadline) return;
  if (deadline->count() >= 1000 && deadline->count() <= limits::deadline_max_ms) {
    config.deadline = *deadline;
  } else {
    in.refuse("deadline", "is " + in_quotes(*in.text("deadline")) + ", expected 1s to 55s",
              "the kubelet ends a plugin after 60 s; 45s is the default");
  }
}

void read_proxy(const MappingReader &in, ConfigErrors &errors, ConfigPart &part) {
  const std::optional<std::string> proxy = in.text("proxy");
  if (!proxy || *proxy == "environment") return;
  part.proxy_from_environment = false;
  if (*proxy == "none") return;
  if (proxy->find("://") == std::string::npos) {  // not shown: it may hold a password
    in.refuse("proxy", "is none of environment, none and a URL", "write http://host:port for a proxy");
    return;
  }
  Result<std::string> url = proxy_url(*proxy, "");
  if (url) {
    part.defaults.http.proxy.url = std::move(*url);
  } else {
    errors.add(*in.value("proxy"), in.name("proxy") + ": " + url.error().what + ", expected environment, none or a URL",
               url.error().cure);
  }
}

void read_record(const MappingReader &in, RecordConfig &record) {
  if (const auto log = in.word("requestLog", request_logs)) {
    record.request_log = *log == "journald" ? RequestLog::journald
                         : *log == "syslog" ? RequestLog::syslog
                                            : RequestLog::off;
  }
  if (std::optional<std::string> file = in.text("metricsFile")) {
    if (!is_absolute(*file) || !file->ends_with(".prom") || file->ends_with("/.prom")) {
      in.refuse("metricsFile", "is " + in_quotes(*file) + ", expected an absolute path that ends in .prom",
                "write a file in the directory that node_exporter's --collector.textfile.directory names");
    }
    record.metrics_file = std::move(*file);
  }
  if (std::optional<std::string> directory = in.text("eventSpool")) {
    if (!is_absolute(*directory) || *directory == "/") {
      in.refuse("eventSpool", "is " + in_quotes(*directory) + ", expected the absolute path of a directory",
                "write one of root's own, as in /run/regcred/events");
    }
    record.event_spool = std::move(*directory);
  }
}

// A directory that regcred makes: not /, and without the parts that stand for another place.
void read_directory(const MappingReader &in, std::string_view key, std::string &directory) {
  std::optional<std::string> written = in.text(key);
  if (!written) return;
  const std::string_view path = *written;
  const bool is_plain = path.find("//") == std::string_view::npos &&
                        (std::string(path) + '/').find("/./") == std::string::npos &&
                        (std::string(path) + '/').find("/../") == std::string::npos && !path.ends_with('/');
  if (is_absolute(path) && is_plain) {
    directory = std::move(*written);
  } else {
    in.refuse(key, "is " + in_quotes(*written) + ", expected an absolute path of a directory",
              "start it with /, and leave out //, . and .. and the last slash");
  }
}

void read_node_cache(const MappingReader &outer, ConfigErrors &errors, Config &config) {
  read_directory(outer, "throttleDirectory", config.throttle.directory);
  if (const auto use = outer.word("throttleMemory", switch_words)) config.throttle.enabled = *use == "on";
  const YamlNode *const node = outer.value("nodeCache");
  if (node == nullptr) return;
  const MappingReader in(*node, outer.name("nodeCache"), node_cache_keys, errors);
  read_directory(in, "directory", config.node_cache.directory);
  if (const auto required = in.flag("requireTmpfs")) config.node_cache.require_tmpfs = *required;
  if (const auto most = in.count("maxEntries", 1, limits::cache_entries_max)) {
    config.node_cache.entries_max = static_cast<std::uint32_t>(*most);
  }
  if (const auto wait = in.duration("wait")) {
    if (wait->count() <= limits::cache_wait_max_ms) {
      config.node_cache.wait = *wait;
    } else {
      in.refuse("wait", "is " + in_quotes(*in.text("wait")) + ", expected 0s to 30s",
                "15s is the default; whoever waits longer has no time left for a try of its own");
    }
  }
}

void read_defaults(const YamlNode &node, ConfigErrors &errors, ConfigPart &part) {
  const MappingReader in(node, "defaults", defaults_keys, errors);
  read_deadline(in, part.defaults);
  read_proxy(in, errors, part);
  if (std::optional<std::string> ca_file = in.text("caFile")) {
    if (!is_absolute(*ca_file)) {
      in.refuse("caFile", "is " + in_quotes(*ca_file) + ", expected an absolute path", "start it with /");
    }
    part.defaults.http.ca_files = {std::move(*ca_file)};
  }
  if (auto directories = in.texts("backendDirectories")) {
    for (const std::string &directory : *directories) {
      if (is_absolute(directory)) continue;
      in.refuse("backendDirectories", "has " + in_quotes(directory) + ", expected absolute paths", "start it with /");
    }
    part.defaults.backend_directories = std::move(*directories);
  }
  if (auto level = in.word("logLevel", log_levels)) part.defaults.log_level = std::move(*level);
  read_record(in, part.defaults.record);
  read_node_cache(in, errors, part.defaults);
}

// ---- one entry ----

void read_patterns(const MappingReader &in, ConfigErrors &errors, RegistryEntry &entry) {
  auto patterns = in.texts("matchImages");
  if (!patterns) {
    if (in.value("matchImages") == nullptr) in.refuse("matchImages", "is missing", "list the images it answers for");
    return;
  }
  const std::vector<YamlNode> &items = in.value("matchImages")->items;
  if (items.empty() || items.size() > limits::match_images_max) {
    in.refuse("matchImages", items.empty() ? "is empty" : "has more than 4096 patterns",
              "list the images it answers for, as in \"*.example.com\"");
  }
  for (const YamlNode &item : items) {
    if (item.kind != YamlNode::Kind::scalar) continue;  // noted by texts()
    if (const Status valid = validate_pattern(item.text); !valid) {
      errors.add(item, in.name("matchImages") + " has " + in_quotes(item.text) + ": " + valid.error().what,
                 valid.error().cure);
    }
  }
  entry.match_images = std::move(*patterns);
}

std::string read_name(const MappingReader &in, std::string_view key, std::string_view cure) {
  std::optional<std::string> name = in.text(key);
  if (!name) {
    if (in.value(key) == nullptr) in.refuse(key, "is missing", std::string(cure));
    return {};
  }
  if (!is_name(*name)) {
    in.refuse(key, "is " + in_quotes(*name) + ", expected a name of lower-case letters, digits and '-', at most 63",
              std::string(cure));
  }
  return std::move(*name);
}

void read_backend(const MappingReader &in, RegistryEntry &entry) {
  entry.backend = read_name(in, "backend", "write the name of a backend, not a path; `regcred backends` lists them");
  if (std::optional<std::string> sha256 = in.text("backendSha256")) {
    if (sha256->size() != sha256_hex_digits || sha256->find_first_not_of("0123456789abcdef") != std::string::npos) {
      in.refuse("backendSha256", "is " + in_quotes(*sha256) + ", expected 64 lower-case hexadecimal digits",
                "copy it from sha256sum");
    }
    entry.backend_sha256 = std::move(*sha256);
  }
}

void read_token_policy(const MappingReader &in, ConfigErrors &errors, RegistryEntry &entry) {
  if (std::optional<std::string> audience = in.text("audience")) {
    if (audience->size() > text_bytes_max || has_control_character(*audience)) {
      in.refuse("audience", "has control characters or more than 4096 bytes", "write the token's audience");
    }
    entry.audience = std::move(*audience);
  }
  if (const auto use = in.word("serviceAccountToken", token_uses)) {
    entry.service_account_token = *use == "required"   ? TokenUse::required
                                  : *use == "optional" ? TokenUse::optional
                                                       : TokenUse::never;
  }
  entry.annotations = in.texts("annotations");
  if (!entry.annotations) return;
  for (const YamlNode &key : in.value("annotations")->items) {
    if (key.kind != YamlNode::Kind::scalar || is_annotation_key(key.text)) continue;
    errors.add(key, in.name("annotations") + " has " + in_quotes(key.text) + ", which is not an annotation key",
               "write it as in example.com/name");
  }
}

void read_entry(const YamlNode &node, const std::string &path, ConfigErrors &errors, RegistryEntry &entry) {
  const MappingReader in(node, path, entry_keys, errors);
  entry.origin = position(errors.origin(), node);
  if (node.kind != YamlNode::Kind::mapping) return;
  entry.name = read_name(in, "name", "give each entry a name of its own");
  read_patterns(in, errors, entry);
  read_backend(in, entry);
  read_token_policy(in, errors, entry);
  if (const auto host = in.text("credentialHost"); host && !host->empty()) {
    const std::size_t slash = std::min(host->find('/'), host->size());
    const std::string behind = host->substr(slash);
    const std::optional<std::string> checked = registry_host(host->substr(0, slash));
    if (!checked || !parse_kubelet_image("any.host" + behind)) {
      in.refuse("credentialHost", "is " + in_quotes(*host) + ", expected host or host:port, and perhaps a path behind",
                "leave out https://, tag and last slash; paths are lower case");
    }
    entry.credential_host = checked.value_or("") + behind;
  }
  if (const YamlNode *cache = in.value("cache")) {
    const MappingReader cache_in(*cache, in.name("cache"), cache_keys, errors);
    if (const auto longest = cache_in.duration("maxDuration")) {
      entry.cache_max = std::chrono::floor<std::chrono::seconds>(*longest);
    }
    if (const auto sharers = cache_in.word("node", cache_nodes)) {
      entry.cache_node = *sharers == "serviceAccount" ? NodeCacheMode::service_account
                         : *sharers == "token"        ? NodeCacheMode::token
                                                      : NodeCacheMode::off;
    }
  }
  if (const YamlNode *settings = in.value("settings")) {
    if (settings->kind == YamlNode::Kind::mapping) {
      entry.settings_json = to_json(*settings, errors).dump();
    } else {
      in.refuse("settings", "is " + std::string(kind_name(*settings)) + ", expected a mapping",
                "write \"key: value\" lines");
    }
  }
}

void read_registries(const MappingReader &in, ConfigErrors &errors, ConfigPart &part) {
  const YamlNode *const registries = in.value("registries");
  if (registries == nullptr) return;
  if (registries->kind != YamlNode::Kind::sequence) {
    in.refuse("registries", "is " + std::string(kind_name(*registries)) + ", expected a list",
              "start each entry with \"- name: \"");
    return;
  }
  part.registries.resize(registries->items.size());
  for (std::size_t i = 0; i < part.registries.size(); ++i) {
    read_entry(registries->items[i], "registries[" + std::to_string(i) + ']', errors, part.registries[i]);
  }
}

// ---- the document ----

void check_fixed(const MappingReader &in, std::string_view key, std::string_view expected) {
  const std::optional<std::string> written = in.text(key);
  if (written && *written == expected) return;
  if (written) {
    in.refuse(key, "is " + in_quotes(*written) + ", expected " + std::string(expected), "correct it");
  } else if (in.value(key) == nullptr) {
    in.refuse(key, "is missing", "write " + std::string(key) + ": " + std::string(expected));
  }
}

}  // namespace

ConfigPart read_schema(const YamlNode &root, ConfigErrors &errors) {
  ConfigPart part;
  if (const auto mistaken = mistaken_document(root, errors.origin(), DocumentKind::regcred_config)) {
    errors.add(root, mistaken->what, mistaken->cure);
    return part;
  }
  if (root.kind == YamlNode::Kind::null) {
    errors.add(root, "the file is empty", "start it with apiVersion: regcred/v1");
    return part;
  }
  const MappingReader in(root, "", document_keys, errors);
  if (root.kind != YamlNode::Kind::mapping) return part;
  check_fixed(in, "apiVersion", "regcred/v1");
  check_fixed(in, "kind", "RegistryConfig");
  if (const YamlNode *defaults = in.value("defaults")) {
    part.defaults_origin = position(errors.origin(), *defaults);
    read_defaults(*defaults, errors, part);
  }
  read_registries(in, errors, part);
  return part;
}

}  // namespace regcred::core
