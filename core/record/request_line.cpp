// SPDX-License-Identifier: Apache-2.0
#include "record/request_line.hpp"

#include <array>
#include <ctime>
#include <utility>
#include <vector>

#include "common/ascii.hpp"
#include "common/duration.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t value_bytes_max = 512;  // an image in a pod has at most 255 and its tag
constexpr int severity_info = 6;              // RFC 5424, section 6.2.1
constexpr int severity_error = 3;
constexpr int facility_daemon = 3;

using Fields = std::vector<std::pair<std::string_view, std::string>>;

// The one list of fields, in the order of the line; none of them is empty.
Fields fields_of(const RequestRecord &record) {
  Fields fields;
  const auto add = [&](std::string_view key, std::string_view value, std::size_t bytes_max = value_bytes_max) {
    if (!value.empty()) fields.emplace_back(key, printable(value, bytes_max));
  };
  add("image", record.image);
  add("registry", record.registry);
  add("backend", record.backend);
  add("serviceAccount", record.service_account);
  add("outcome", record.outcome);
  add("reason", record.reason);
  if (record.outcome == "ok" || record.outcome == no_credentials) {
    if (record.cache_key_type)
      add("cacheKeyType", *record.cache_key_type == CacheKeyType::registry ? "Registry" : "Image");
    if (record.cache_duration) add("cacheDuration", format_seconds(*record.cache_duration));
  }
  add("cache", record.cache);
  if (record.cache_age) add("cacheAge", format_seconds(*record.cache_age));
  if (record.cache_corrupt) add("cacheCorrupt", "true");
  add("milliseconds", std::to_string(record.milliseconds));
  add("exitStatus", std::to_string(record.exit_status));
  add("error", record.error, limits::error_line_bytes_max);
  add("metricsError", record.metrics_error);
  add("spoolError", record.spool_error);
  return fields;
}

void append_value(std::string &line, std::string_view value) {
  if (value.find_first_of(" \"=\\") == std::string_view::npos) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    line += c;
  }
  line += '"';
}

std::string line_of(const Fields &fields) {
  std::string line;
  for (const auto &[key, value] : fields) {
    if (!line.empty()) line += ' ';
    line += key;
    line += '=';
    append_value(line, value);
  }
  return line;
}

// serviceAccount: REGCRED_SERVICE_ACCOUNT
std::string journald_name(std::string_view key) {
  std::string name = "REGCRED_";
  for (const char c : key) {
    if (is_upper(c)) name += '_';
    name += to_upper(c);
  }
  return name;
}

int severity_of(const RequestRecord &record) { return record.exit_status == 0 ? severity_info : severity_error; }

}  // namespace

std::string request_line(const RequestRecord &record) { return line_of(fields_of(record)); }

std::string journald_datagram(const RequestRecord &record) {
  const Fields fields = fields_of(record);
  std::string datagram = "MESSAGE=" + line_of(fields) + "\nPRIORITY=" + std::to_string(severity_of(record)) +
                         "\nSYSLOG_IDENTIFIER=regcred\n";
  for (const auto &[key, value] : fields) datagram += journald_name(key) + '=' + value + '\n';
  return datagram;
}

std::string syslog_datagram(const RequestRecord &record, std::int64_t unix_ms, pid_t pid) {
  const std::time_t now = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  std::array<char, 32> time{};
  ::localtime_r(&now, &parts);
  const std::size_t size = std::strftime(time.data(), time.size(), "%h %e %T", &parts);  // no locale is set: English
  return '<' + std::to_string(facility_daemon * 8 + severity_of(record)) + '>' + std::string(time.data(), size) +
         " regcred[" + std::to_string(pid) + "]: " + request_line(record);
}

}  // namespace regcred::core
