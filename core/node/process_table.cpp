// SPDX-License-Identifier: Apache-2.0
#include "node/process_table.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>
#include <optional>
#include <regcred/secret.hpp>

#include "common/number.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t processes_max = 1U << 22U;  // the kernel's own (PID_MAX_LIMIT)
constexpr std::size_t stat_bytes_max = 4096;
constexpr std::size_t boot_bytes_max = 4U << 20U;    // /proc/stat has a line for each CPU and long ones for interrupts
constexpr std::size_t memory_bytes_max = 2U << 20U;  // arguments and environment: the kernel's usual ARG_MAX
constexpr std::string_view deleted_words = " (deleted)";

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string directory_of(int id) { return "/proc/" + std::to_string(id); }

// Seconds since 1970 at which the node was started; 0 when that is not known.
std::int64_t boot_time(const HostRoot &root) {
  const Result<std::string> text = root.read("/proc/stat", boot_bytes_max);
  constexpr std::string_view key = "\nbtime ";
  const std::size_t at = text ? text->find(key) : std::string::npos;
  if (at == std::string::npos) return 0;
  const std::string_view rest = std::string_view(*text).substr(at + key.size());
  return number_of<std::int64_t>(rest.substr(0, rest.find('\n'))).value_or(0);
}

// What /proc/PID/stat says (proc(5)): the name in parentheses may hold spaces and parentheses of its own.
bool read_stat(const HostRoot &root, std::int64_t boot_s, Process &process) {
  const Result<std::string> text = root.read(directory_of(process.id) + "/stat", stat_bytes_max);
  if (!text) return false;
  const std::size_t open = text->find('(');
  const std::size_t close = text->rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open || close + 2 > text->size()) return false;
  process.name = text->substr(open + 1, close - open - 1);
  const std::vector<std::string_view> fields = split(std::string_view(*text).substr(close + 2), ' ');
  constexpr std::size_t parent_field = 1;  // counted from the state, which is field 3 of proc(5)
  constexpr std::size_t start_field = 19;
  if (fields.size() <= start_field) return false;
  const auto parent = number_of<int>(fields[parent_field]);
  const auto ticks = number_of<std::int64_t>(fields[start_field]);
  if (!parent || !ticks) return false;
  process.parent = *parent;
  const long per_second = ::sysconf(_SC_CLK_TCK);
  if (boot_s > 0 && per_second > 0) process.started_s = boot_s + *ticks / per_second;
  return true;
}

void read_executable(const HostRoot &root, Process &process) {
  std::array<char, PATH_MAX> target{};
  const std::string link = root.here(directory_of(process.id) + "/exe");
  const ssize_t bytes = ::readlink(link.c_str(), target.data(), target.size());
  if (bytes <= 0 || bytes >= PATH_MAX) return;
  process.executable.assign(target.data(), static_cast<std::size_t>(bytes));
  process.is_replaced = process.executable.ends_with(deleted_words);
  if (process.is_replaced) process.executable.resize(process.executable.size() - deleted_words.size());
  process.name = process.executable.substr(process.executable.rfind('/') + 1);
}

std::optional<Process> read_process(const HostRoot &root, int id, std::int64_t boot_s) {
  Process process{.id = id};
  struct stat status {};
  if (::lstat(root.here(directory_of(id)).c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return std::nullopt;
  process.is_roots = status.st_uid == 0;
  if (!read_stat(root, boot_s, process)) return std::nullopt;
  read_executable(root, process);
  return process;
}

Result<std::string> read_memory(const HostRoot &root, const Process &process, const char *what) {
  Result<std::string> text = root.read(directory_of(process.id) + '/' + what, memory_bytes_max);
  if (text) return text;
  Error error = std::move(text.error());
  error.code = ErrorCode::usage;
  error.cure = "run this as root, while the kubelet runs";
  return tl::make_unexpected(std::move(error));
}

}  // namespace

Result<std::vector<Process>> read_processes(const HostRoot &root) {
  const auto refuse = [&](std::string what) {
    return fail(ErrorCode::usage, root.here("/proc"), std::move(what),
                "in a container, share the node's processes (hostPID: true) and give --host-root /proc/1/root");
  };
  std::vector<Process> processes;
  const std::int64_t boot_s = boot_time(root);
  std::error_code error;
  std::size_t seen = 0;
  bool has_first = false;
  for (fs::directory_iterator entry(root.here("/proc"), error), end; !error && entry != end; entry.increment(error)) {
    const auto id = number_of<int>(entry->path().filename().native());
    if (!id || *id <= 0) continue;
    if (++seen > processes_max) return refuse("has more processes than a node can have");
    std::optional<Process> process = read_process(root, *id, boot_s);
    if (!process) continue;  // it has ended meanwhile
    has_first |= *id == 1;
    processes.push_back(std::move(*process));
  }
  if (error) return refuse("cannot be read: " + error.message());
  if (!has_first) return refuse("does not show the node's processes");
  std::sort(processes.begin(), processes.end(), [](const Process &a, const Process &b) { return a.id < b.id; });
  return processes;
}

Result<std::vector<std::string>> read_arguments(const HostRoot &root, const Process &process) {
  const Result<std::string> text = read_memory(root, process, "cmdline");
  if (!text) return tl::make_unexpected(text.error());
  const std::vector<std::string_view> parts = split(*text, '\0');
  return std::vector<std::string>(parts.begin(), parts.end());
}

Result<Variables> read_variables(const HostRoot &root, const Process &process) {
  Result<std::string> text = read_memory(root, process, "environ");
  if (!text) return tl::make_unexpected(text.error());
  Variables variables;
  for (const std::string_view line : split(*text, '\0')) {
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) variables.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  wipe(*text);
  return variables;
}

}  // namespace regcred::core
