// SPDX-License-Identifier: Apache-2.0
// Config and Route: the data on the arrows between configuration, choice of the route and dispatch.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/advice.hpp"
#include "common/finding.hpp"
#include "common/limits.hpp"

namespace regcred::core {

// Whether a backend is given the pod's token.
enum class TokenUse { required, optional, never };

// Whether the node keeps an entry's answers, and for whom: for pods of one service account, or for one token only.
enum class NodeCacheMode { off, token, service_account };

// One entry of `registries` (config/reference.md).
struct RegistryEntry {
  std::string name;
  std::vector<std::string> match_images;                // each valid to the kubelet
  std::string backend;                                  // a name, never a path
  std::string backend_sha256;                           // lower-case hex, or empty: not pinned
  std::string audience;                                 // the token's aud must contain it; empty: not checked
  std::optional<TokenUse> service_account_token;        // absent: what the backend declares
  std::optional<std::vector<std::string>> annotations;  // absent: what the backend declares
  std::string credential_host;                          // host[:port][/path] in place of the image's; empty: that
  std::optional<std::chrono::seconds> cache_max;        // cache.maxDuration
  NodeCacheMode cache_node = NodeCacheMode::off;        // cache.node
  std::string settings_json = "{}";                     // a JSON object
  std::string origin;                                   // file:line:column of the entry, for messages
};

// Where the proxy comes from.
struct ProxyConfig {
  std::string url;                     // https?://[user:password@]host:port; empty: no proxy
  std::string no_proxy;                // hosts that are asked directly, as in NO_PROXY
  bool no_proxy_as_go = false;         // read as programs written in Go read it (drop-in mode), else as curl does
  std::vector<std::string> variables;  // NAME=value: those of the environment, when it was asked, for programs
};

// Trust and retries of the HTTP service.
struct HttpConfig {
  ProxyConfig proxy;
  std::vector<std::string> ca_files;     // added to the system's roots
  std::string system_ca_file;            // replaces the system's bundle (drop-in mode: SSL_CERT_FILE); empty: default
  std::string system_ca_directories;     // replaces the system's directory (drop-in mode: SSL_CERT_DIR), ':' between
  int attempts_max = 4;                  // all attempts together, 1..10
  std::int64_t attempt_ms_max = 15'000;  // one whole attempt
  std::int64_t connect_ms_max = 5'000;
  std::int64_t backoff_base_ms = 500;
  double backoff_factor = 2.0;
  double backoff_jitter = 1.0;  // 1: delay anywhere in [0, d]; 0: exactly d
  std::int64_t backoff_cap_ms = 8'000;
  std::string user_agent;  // empty: regcred/VERSION
};

// Where a line about each request goes. `unanswered`: to journald, and only about an answer without credentials, of
// which the kubelet's log says nothing.
enum class RequestLog { off, unanswered, journald, syslog };

// What requests of the kubelet leave behind on the node (record/).
struct RecordConfig {
  RequestLog request_log = RequestLog::unanswered;
  std::string metrics_file = {};  // absolute path of Prometheus text; empty: none
  std::string event_spool = {};   // absolute path of a directory for failed requests; empty: none

  [[nodiscard]] bool wanted() const noexcept {
    return request_log != RequestLog::off || !metrics_file.empty() || !event_spool.empty();
  }
};

// Where the node keeps answers between executions (cache/), for entries whose cache_node says so.
struct NodeCacheConfig {
  std::string directory = "/run/regcred/cache";  // absolute path
  bool require_tmpfs = true;                     // no answer on a disk
  std::uint32_t entries_max = 4096;              // 1..limits::cache_entries_max
  std::chrono::milliseconds wait{15'000};        // for another execution that asks the same
};

// Where the node keeps which host asked for no requests until when (cache/throttle_memory.hpp).
struct ThrottleConfig {
  bool enabled = true;
  std::string directory = "/run/regcred/throttle";  // absolute path
};

struct Config {
  std::chrono::milliseconds deadline{limits::deadline_default_ms};
  HttpConfig http;
  std::vector<std::string> backend_directories;  // after the one beside the executable
  std::string log_level = "off";                 // off | error | warn | info | debug
  RecordConfig record;
  NodeCacheConfig node_cache;
  ThrottleConfig throttle;
  std::vector<RegistryEntry> registries;  // in the order of the files
  std::string origin;                     // the files read, or "environment (drop-in mode)"
  bool drop_in = false;
  Invocation invocation;       // for the commands that messages advise
  std::vector<Finding> notes;  // of drop-in mode: what is taken otherwise than it is written
  std::string not_read;        // "; not read, ...: FILES" for messages about what is missing; or empty
};

// Which entries may answer an image, and for how much an answer holds.
struct Route {
  std::vector<const RegistryEntry *> candidates;  // that match, in the order of the file; never empty
  // True when the one candidate matches every path of the host and no other entry could answer any path of it: only
  // then may the kubelet reuse an answer for the whole registry.
  bool whole_registry = false;
};

}  // namespace regcred::core
