// SPDX-License-Identifier: Apache-2.0
#include "record/spool_entry.hpp"

#include <nlohmann/json.hpp>

#include "common/kubernetes_names.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::json;

constexpr std::size_t name_bytes_max = 512;
constexpr std::size_t cure_bytes_max = 512;
constexpr std::size_t uid_bytes_max = 64;
constexpr std::int64_t unix_ms_max = 253'402'300'799'999;  // the end of the year 9999

// The one list of texts, for both directions. `visit(key, text, bytes_max)`.
template <class Entry, class Visit>
void each_text(Entry &entry, const Visit &visit) {
  visit("namespace", entry.pod.name_space, name_bytes_max);
  visit("pod", entry.pod.name, name_bytes_max);
  visit("podUID", entry.pod.uid, uid_bytes_max);
  visit("serviceAccount", entry.service_account, name_bytes_max);
  visit("image", entry.image, name_bytes_max);
  visit("registry", entry.registry, name_bytes_max);
  visit("outcome", entry.outcome, name_bytes_max);
  visit("where", entry.where, name_bytes_max);
  visit("what", entry.what, limits::error_line_bytes_max);
  visit("cure", entry.cure, cure_bytes_max);
}
constexpr std::size_t keys = 11;  // these and `time`

bool is_outcome(std::string_view text) {
  if (text == no_credentials) return true;
  for (int code = exit_status(ErrorCode::usage); code <= exit_status(ErrorCode::internal); ++code) {
    if (text == outcome_name(static_cast<ErrorCode>(code))) return true;
  }
  return false;
}

bool is_valid(const SpoolEntry &entry) {
  return entry.unix_ms >= 0 && entry.unix_ms <= unix_ms_max && is_dns_label(entry.pod.name_space) &&
         is_dns_subdomain(entry.pod.name) && is_uid(entry.pod.uid) && is_outcome(entry.outcome);
}

}  // namespace

SpoolEntry spool_entry(const RequestRecord &record, const std::optional<Error> &failure, std::int64_t unix_ms) {
  SpoolEntry entry{unix_ms, record.pod, record.service_account, record.image, record.registry, record.outcome, {},
                   {},      {}};
  if (failure) {
    entry.where = failure->where;
    entry.what = failure->what;
    entry.cure = failure->cure;
  } else {
    entry.what = record.reason.empty() ? "no entry that matches has credentials for this image" : record.reason;
  }
  each_text(entry, [](const char *, std::string &text, std::size_t bytes_max) { text = printable(text, bytes_max); });
  return entry;
}

std::string spool_text(const SpoolEntry &entry) {
  Json document = {{"time", entry.unix_ms}};
  each_text(entry, [&](const char *key, const std::string &text, std::size_t) { document[key] = text; });
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::optional<SpoolEntry> parse_spool_text(std::string_view text) {
  if (text.size() > spool_entry_bytes_max) return std::nullopt;
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object() || document.size() != keys) return std::nullopt;
  const auto time = document.find("time");
  if (time == document.end() || !time->is_number_integer()) return std::nullopt;
  SpoolEntry entry;
  entry.unix_ms = time->is_number_unsigned() && time->get<std::uint64_t>() > static_cast<std::uint64_t>(unix_ms_max)
                      ? -1
                      : time->get<std::int64_t>();
  bool is_whole = true;
  each_text(entry, [&](const char *key, std::string &value, std::size_t bytes_max) {
    const auto found = document.find(key);
    is_whole = is_whole && found != document.end() && found->is_string();
    if (!is_whole) return;
    value = found->get<std::string>();
    is_whole = value.size() <= bytes_max && is_printable(value);  // guard: spool-text
  });
  if (!is_whole || !is_valid(entry)) return std::nullopt;
  return entry;
}

}  // namespace regcred::core
