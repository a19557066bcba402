// SPDX-License-Identifier: Apache-2.0
#include "node/install_journal.hpp"

#include <nlohmann/json.hpp>

#include "common/limits.hpp"
#include "node/installed_state.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t journal_bytes_max = 6 * limits::config_file_bytes_max;

std::string journal_path() { return std::string(installed_state_directory) + "/journal.json"; }

// Bytes as hexadecimal digits: a file of variables may hold any.
std::string as_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 0xFU];
  }
  return text;
}

std::optional<std::string> from_hex(const std::string &text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const std::size_t high = digits.find(text[i]);
    const std::size_t low = digits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return text.size() % 2 == 0 ? std::optional(std::move(bytes)) : std::nullopt;
}

std::optional<InstallJournal> parse(const std::string &text) {
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("files")) return std::nullopt;
  try {
    InstallJournal journal;
    for (const Json &item : document["files"]) {
      InstallJournal::File file{item.at("path").get<std::string>(), std::nullopt};
      if (!item.at("bytes").is_null()) {
        file.bytes = from_hex(item.at("bytes").get<std::string>());
        if (!file.bytes) return std::nullopt;
      }
      journal.files.push_back(std::move(file));
    }
    journal.unread_by = document.at("unreadBy").get<std::string>();
    journal.digest = document.at("digest").get<std::string>();
    journal.is_rolled_back = document.at("isRolledBack").get<bool>();
    return journal;
  } catch (const Json::exception &) {
    return std::nullopt;
  }
}

}  // namespace

Result<std::optional<InstallJournal>> read_journal(const HostRoot &root) {
  if (!root.is_file(journal_path())) return std::nullopt;
  if (const auto place = root.open_trusted_directory(installed_state_directory); !place) {
    return tl::make_unexpected(place.error());
  }
  const Result<std::string> text = root.read(journal_path(), journal_bytes_max);
  if (!text) return tl::make_unexpected(text.error());
  std::optional<InstallJournal> journal = parse(*text);
  if (journal) return journal;
  return fail(ErrorCode::config, root.here(journal_path()), "is damaged",
              "compare the kubelet's files with a backup, then remove it");
}

Status write_journal(NodeFiles &files, const InstallJournal &journal) {
  Json document = {{"files", Json::array()},
                   {"unreadBy", journal.unread_by},
                   {"digest", journal.digest},
                   {"isRolledBack", journal.is_rolled_back}};
  for (const InstallJournal::File &file : journal.files) {
    document["files"].push_back(
        {{"path", file.path}, {"bytes", file.bytes ? Json(as_hex(*file.bytes)) : Json(nullptr)}});
  }
  return replace_file(files, journal_path(), document.dump() + '\n', 0600);
}

Status remove_journal(NodeFiles &files) { return files.remove(journal_path()); }

}  // namespace regcred::core
