// SPDX-License-Identifier: Apache-2.0
#include "cli/check/cache_rules.hpp"

#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>

#include "cache/node_cache.hpp"
#include "cache/throttle_memory.hpp"
#include "cluster/provider_plan.hpp"
#include "cluster/token_need.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

// Of the nearest directory that exists.
bool would_lie_in_memory(std::string path) {
  struct statfs status {};
  while (::statfs(path.c_str(), &status) != 0) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos || slash == 0) return false;
    path.resize(slash);
  }
  return PrivateDirectory::is_in_memory(status);
}

class CacheRules {
 public:
  CacheRules(const Inspection &inspection, Clock &clock) : inspection_(inspection), clock_(clock) {}

  std::vector<Finding> findings(const std::vector<SurveyedBackend> &backends) {
    const std::vector<RegistryEntry> &entries = inspection_.config->registries;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].cache_node != NodeCacheMode::off) without_effect(i, find_backend(backends, entries[i]));
    }
    const bool is_used = std::any_of(entries.begin(), entries.end(),
                                     [](const RegistryEntry &entry) { return entry.cache_node != NodeCacheMode::off; });
    if (::geteuid() != 0) return std::move(findings_);
    if (is_used) cache_directory(inspection_.config->node_cache);
    if (inspection_.config->throttle.enabled) throttle_directory(inspection_.config->throttle);
    return std::move(findings_);
  }

 private:
  void add(Severity severity, const char *rule, const Error &error) {
    findings_.push_back({severity, rule, error.where, error.what, error.cure});
  }

  void without_effect(std::size_t i, const SurveyedBackend *backend) {
    const RegistryEntry &entry = inspection_.config->registries[i];
    std::string why;
    if (entry.backend == "static") {
      why = "backend static reads its credentials from files, which costs no request";
    } else if (entry.cache_max && entry.cache_max->count() == 0) {
      why = "cache.maxDuration is 0s";
    } else if (backend != nullptr && !backend->error && passes_token_through(entry, *backend)) {
      why = "its password is the pod's own token";
    } else {
      return;
    }
    const std::string where =
        inspection_.sources.empty() ? entry.origin : inspection_.sources[i].place_of("cache/node");
    findings_.push_back({Severity::note, "cache-no-effect", where,
                         "the node keeps no answer of entry " + in_quotes(entry.name) + ": " + why,
                         "leave cache.node out"});
  }

  void cache_directory(const NodeCacheConfig &config) {
    const bool required = config.require_tmpfs;
    if (PrivateDirectory::is_there(config.directory)) {
      const Result<NodeCache> cache = NodeCache::open(config, clock_, PrivateDirectory::Missing::leave);
      if (!cache) return add(Severity::error, "cache-directory", cache.error());
      if (cache->directory().is_in_memory()) return;
    } else {
      if (const Status place = judge_place(config.directory, ErrorCode::config); !place) {
        return add(Severity::error, "cache-directory", place.error());
      }
      if (would_lie_in_memory(config.directory)) return;
    }
    if (required) {
      return add(Severity::error, "cache-directory",
                 {ErrorCode::config, config.directory,
                  "would not lie in memory (tmpfs), so that no answer is kept, and each request asks the registry",
                  "mount a tmpfs there, or name a directory of one in defaults.nodeCache.directory"});
    }
    add(Severity::warning, "cache-on-disk",
        {ErrorCode::config, config.directory,
         "does not lie in memory: snapshots, backups and images of the node may copy the credentials",
         "mount a tmpfs there, or name a directory of one in defaults.nodeCache.directory"});
  }

  void throttle_directory(const ThrottleConfig &config) {
    if (!PrivateDirectory::is_there(config.directory)) return;
    std::optional<Error> error;
    (void)ThrottleMemory::open(config, clock_, PrivateDirectory::Missing::leave, error);
    if (error) add(Severity::warning, "throttle-directory", *error);
  }

  const Inspection &inspection_;
  Clock &clock_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_cache(const Inspection &inspection, const std::vector<SurveyedBackend> &backends,
                                 Clock &clock) {
  return CacheRules(inspection, clock).findings(backends);
}

}  // namespace regcred::core
