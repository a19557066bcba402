// SPDX-License-Identifier: Apache-2.0
// `regcred cache list` and `clear`: what the node keeps between requests, for the operator.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cache/node_cache.hpp"
#include "cache/throttle_memory.hpp"
#include "cli/options.hpp"
#include "cli/table.hpp"
#include "cli/workshop.hpp"
#include "common/duration.hpp"
#include "common/image_reference.hpp"
#include "common/text.hpp"
#include "common/utc_time.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t shown_key_digits = 12;

// ---- what is there ----

// Both memories of this configuration. Each is empty when nothing was ever kept there.
struct Memories {
  std::optional<NodeCache> cache;
  std::optional<ThrottleMemory> throttle;
};

// For the operator it does not matter whether the directory lies in memory: `check` looks at that.
Result<Memories> open_memories(const Config &config, Clock &clock) {
  Memories memories;
  if (PrivateDirectory::is_there(config.node_cache.directory)) {
    NodeCacheConfig anywhere = config.node_cache;
    anywhere.require_tmpfs = false;
    Result<NodeCache> cache = NodeCache::open(anywhere, clock, PrivateDirectory::Missing::leave);
    if (!cache) return tl::make_unexpected(std::move(cache.error()));
    memories.cache.emplace(std::move(*cache));
  }
  if (PrivateDirectory::is_there(config.throttle.directory)) {
    std::optional<Error> error;
    memories.throttle = ThrottleMemory::open(config.throttle, clock, PrivateDirectory::Missing::leave, error);
    if (error) return tl::make_unexpected(std::move(*error));
  }
  return memories;
}

std::vector<StoredEntry> entries_of(const Memories &memories) {
  return memories.cache ? memories.cache->list() : std::vector<StoredEntry>();
}

std::vector<Throttle> throttles_of(const Memories &memories) {
  return memories.throttle ? memories.throttle->all() : std::vector<Throttle>();
}

// ---- list ----

std::string until_text(std::int64_t unix_ms, std::int64_t left_ms) { return utc_text((unix_ms + left_ms) / 1000); }

Json as_json(const StoredEntry &stored) {
  const CacheEntry &entry = stored.entry;
  Json row = {{"key", entry.key},
              {"entry", entry.name},
              {"backend", entry.backend},
              {"serviceAccount", entry.service_account.empty() ? Json() : Json(entry.service_account)},
              {"registry", ImageReference(entry.image).registry()},
              {"scope", entry.scope == CacheKeyType::registry ? "registry" : "image"},
              {"image", entry.image},
              {"secondsLeft", stored.left ? stored.left->life_seconds : 0},
              {"ageSeconds", stored.left ? Json(stored.left->age_seconds) : Json()},
              {"bytes", stored.bytes}};
  return row;
}

Json as_json(const Throttle &throttle, const NodeTime &now) {
  const std::int64_t left_ms = std::max<std::int64_t>(0, wait_left_ms(throttle, now).value_or(0));
  return {{"authority", throttle.authority},
          {"until", until_text(now.unix_ms, left_ms)},
          {"secondsLeft", (left_ms + 999) / 1000},
          {"askedSeconds", throttle.asked_seconds < 0 ? Json() : Json(throttle.asked_seconds)},
          {"answers", throttle.count}};
}

Json everything(const Config &config, const Memories &memories) {
  Json entries = Json::array();
  for (const StoredEntry &stored : entries_of(memories)) entries.push_back(as_json(stored));
  Json throttled = Json::array();
  for (const Throttle &throttle : throttles_of(memories)) {
    throttled.push_back(as_json(throttle, memories.throttle->now()));
  }
  return {
      {"directory", config.node_cache.directory}, {"entries", std::move(entries)}, {"throttled", std::move(throttled)}};
}

std::string shown(const Json &row, const char *key) {
  return row[key].is_string() ? printable(row[key].get<std::string>(), 400) : "-";
}

std::string seconds(const Json &row, const char *key) {
  return format_seconds(std::chrono::seconds(row[key].get<std::int64_t>()));
}

std::string as_text(const Json &document) {
  std::vector<std::vector<std::string>> rows = {{"KEY", "ENTRY", "SERVICE ACCOUNT", "FOR", "LIFE LEFT", "BYTES"}};
  for (const Json &row : document["entries"]) {
    const bool whole_registry = row["scope"] == "registry";
    const std::int64_t left = row["secondsLeft"].get<std::int64_t>();
    rows.push_back({shown(row, "key").substr(0, shown_key_digits), shown(row, "entry"), shown(row, "serviceAccount"),
                    shown(row, whole_registry ? "registry" : "image"), left > 0 ? seconds(row, "secondsLeft") : "over",
                    std::to_string(row["bytes"].get<std::size_t>())});
  }
  std::string text = rows.size() > 1
                         ? format_table(rows)
                         : "no answers in " + printable(document["directory"].get<std::string>(), 400) + '\n';
  std::vector<std::vector<std::string>> waits = {{"THROTTLED", "UNTIL", "LEFT"}};
  for (const Json &row : document["throttled"]) {
    waits.push_back({shown(row, "authority"), shown(row, "until"), seconds(row, "secondsLeft")});
  }
  if (waits.size() > 1) text += '\n' + format_table(waits);
  return text;
}

Output list(bool json, const Context &context) {
  const Result<Workshop> workshop = open_workshop(context);
  if (!workshop) return {"", workshop.error()};
  const Result<Memories> memories = open_memories(workshop->config, context.clock);
  if (!memories) return {"", memories.error()};
  const Json document = everything(workshop->config, *memories);
  if (!json) return {as_text(document), std::nullopt};
  return {document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n', std::nullopt};
}

Run declare_list(ArgumentParser &parser) {
  const auto json = std::make_shared<bool>(false);
  add_output_option(parser, *json);
  return [json](const Context &context) { return list(*json, context); };
}

// ---- clear ----

struct ClearOptions {
  EntryFilter filter;
  bool throttle = false;
  bool all = false;

  [[nodiscard]] bool has_filter() const {
    return !filter.name.empty() || !filter.registry.empty() || !filter.name_space.empty();
  }
};

std::string counted(std::size_t count, const char *one, const char *more) {
  return std::to_string(count) + ' ' + (count == 1 ? one : more);
}

Output clear(const ClearOptions &options, const Context &context) {
  if (!options.has_filter() && !options.throttle && !options.all) {
    return {"", Error{ErrorCode::usage, "cache clear", "names nothing to clear",
                      "give --entry, --registry, --namespace, --throttle or --all"}};
  }
  const Result<Workshop> workshop = open_workshop(context);
  if (!workshop) return {"", workshop.error()};
  const Result<Memories> memories = open_memories(workshop->config, context.clock);
  if (!memories) return {"", memories.error()};
  std::string text;
  if (options.has_filter() || options.all) {
    const std::size_t removed = memories->cache ? memories->cache->clear(options.filter) : 0;
    text += "removed " + counted(removed, "answer", "answers") + '\n';
    text +=
        "the kubelet keeps its own copy of an answer until its cacheDuration is over or the kubelet is restarted, and\n"
        "the registry accepts the credential until it ends or is revoked there\n";
  }
  if (options.throttle || options.all) {
    const std::size_t removed = memories->throttle ? memories->throttle->clear() : 0;
    text += "forgot that " + counted(removed, "host", "hosts") + " asked for no requests\n";
  }
  return {std::move(text), std::nullopt};
}

Run declare_clear(ArgumentParser &parser) {
  const auto options = std::make_shared<ClearOptions>();
  const Argument all = parser.add_flag("--all", options->all, "All answers and all that is remembered of hosts");
  parser.add("--entry", options->filter.name, "Answers of this registry entry").value_name("NAME").excludes(all);
  parser.add("--registry", options->filter.registry, "Answers for images of this registry")
      .value_name("HOST")
      .excludes(all);
  parser.add("--namespace", options->filter.name_space, "Answers for service accounts of this namespace")
      .value_name("NAME")
      .excludes(all);
  parser.add_flag("--throttle", options->throttle, "What is remembered of hosts that asked for no requests");
  parser.add_footer("Of --entry, --registry and --namespace those that are given must all fit.");
  return [options](const Context &context) { return clear(*options, context); };
}

const Command list_command = {"list", "Show the answers and the throttled hosts, without secrets", declare_list};
const Command clear_command = {"clear", "Remove answers, or forget that a host asked for no requests", declare_clear};

Run declare(ArgumentParser &parser) {
  static constexpr const Command *parts[] = {&list_command, &clear_command};
  return declare_parts(parser, parts);
}

}  // namespace

const Command cache_command = {"cache", "Show or clear what the node keeps between requests", declare};

}  // namespace regcred::core
