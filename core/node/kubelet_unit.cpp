// SPDX-License-Identifier: Apache-2.0
#include "node/kubelet_unit.hpp"

#include <filesystem>
#include <map>

#include "node/environment_file.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t unit_bytes_max = 256U << 10U;
constexpr std::size_t cgroup_bytes_max = 64U << 10U;
constexpr std::size_t drop_ins_max = 100;

// Of system units, the strongest first (systemd.unit(5)).
constexpr const char *unit_folders[] = {"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
                                        "/usr/lib/systemd/system", "/lib/systemd/system"};

std::string trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t from = text.find_first_not_of(blanks);
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(blanks) + 1 - from));
}

// The lines of a unit's file: a backslash at the end joins two, comments between them do not count.
std::vector<std::string> joined_lines(std::string_view text) {
  std::vector<std::string> lines;
  std::string open;
  bool goes_on = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with('#') || line.starts_with(';')) continue;
    goes_on = line.ends_with('\\');
    if (goes_on) line.back() = ' ';
    open += line;
    if (goes_on) continue;
    lines.push_back(std::move(open));
    open.clear();
  }
  if (!open.empty()) lines.push_back(std::move(open));
  return lines;
}

void take_setting(const std::string &key, const std::string &value, KubeletUnit &unit) {
  if (key == "EnvironmentFile") {
    if (value.empty()) unit.environment_files.clear();
    const std::string path = value.starts_with('-') ? value.substr(1) : value;
    if (path.starts_with('/') && path.find_first_of("*?[%") == std::string::npos) {
      unit.environment_files.push_back(path);
    }
  } else if (key == "ExecStart") {
    unit.command = argument_words(value);
  } else if (key == "Environment") {
    if (value.empty()) unit.environment.clear();
    for (const std::string &word : argument_words(value)) {
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos) continue;
      unit.environment = overlaid(std::move(unit.environment), {{word.substr(0, equals), word.substr(equals + 1)}});
    }
  }
}

void read_text(const std::string &text, KubeletUnit &unit) {
  bool in_service = false;
  for (const std::string &line : joined_lines(text)) {
    if (line.starts_with('[')) in_service = line == "[Service]";
    const std::size_t equals = line.find('=');
    if (!in_service || equals == std::string::npos) continue;
    take_setting(trimmed(std::string_view(line).substr(0, equals)), trimmed(std::string_view(line).substr(equals + 1)),
                 unit);
  }
}

// NAME.d/*.conf of all folders, by their names; of one name the strongest folder's counts.
std::vector<std::string> drop_ins(const HostRoot &root, const std::string &name) {
  std::map<std::string, std::string> found;
  for (const std::string folder : unit_folders) {
    const std::string place = folder + '/' + name + ".d";
    std::error_code error;
    for (fs::directory_iterator entry(root.real(place), error), end; !error && entry != end; entry.increment(error)) {
      const fs::path file = entry->path().filename();
      if (file.extension() == ".conf") found.emplace(file.string(), place + '/' + file.string());
      if (found.size() > drop_ins_max) break;
    }
  }
  std::vector<std::string> files;
  files.reserve(found.size());
  for (auto &[ignored, path] : found) files.push_back(std::move(path));
  return files;
}

}  // namespace

std::optional<std::string> unit_name_of(const HostRoot &root, const Process &process) {
  constexpr std::string_view ending = ".service";
  const Result<std::string> text = root.read("/proc/" + std::to_string(process.id) + "/cgroup", cgroup_bytes_max);
  if (!text) return std::nullopt;
  for (std::size_t end = text->find(ending); end != std::string::npos; end = text->find(ending, end + 1)) {
    const std::size_t behind = end + ending.size();
    if (behind < text->size() && (*text)[behind] != '/' && (*text)[behind] != '\n') continue;
    const std::size_t slash = text->rfind('/', end);
    if (slash != std::string::npos) return text->substr(slash + 1, behind - slash - 1);
  }
  return std::nullopt;
}

Result<KubeletUnit> read_kubelet_unit(const HostRoot &root, const std::string &name) {
  KubeletUnit unit;
  unit.name = name;
  for (const std::string folder : unit_folders) {
    if (!unit.files.empty() || !root.is_file(folder + '/' + name)) continue;
    unit.files.push_back(folder + '/' + name);
  }
  if (unit.files.empty()) {
    return fail(ErrorCode::config, name, "is not a unit of this node", "see how the kubelet is started there");
  }
  for (std::string &file : drop_ins(root, name)) unit.files.push_back(std::move(file));
  for (const std::string &file : unit.files) {
    const Result<std::string> text = root.read(file, unit_bytes_max);
    if (!text) return tl::make_unexpected(text.error());
    read_text(*text, unit);
  }
  return unit;
}

}  // namespace regcred::core
