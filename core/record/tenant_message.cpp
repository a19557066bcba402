// SPDX-License-Identifier: Apache-2.0
#include "record/tenant_message.hpp"

#include "common/ascii.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view replacement = "(a file of the node)";
constexpr std::size_t tenant_cure_bytes_max = 300;

// What a '/' may stand behind without beginning a path: a host, a name, another '/'.
bool continues(char c) { return is_alnum(c) || c == '/' || c == '.' || c == '-' || c == '_' || c == '%'; }

// Whether the '/' at `at` begins a path. In "https://host/v2/" none does, in "file:///etc" the third, in "../x" that.
bool begins_path(std::string_view text, std::size_t at) {
  if (text[at] != '/' || at + 1 == text.size() || text[at + 1] == ' ') return false;
  if (text.substr(0, at).ends_with("file://")) return true;
  std::size_t start = at;
  while (start > 0 && (text[start - 1] == '.' || text[start - 1] == '~')) --start;
  if (start == 0) return true;
  const bool is_scheme = text[at - 1] == ':' && text[at + 1] == '/';
  return !continues(text[start - 1]) && !is_scheme;
}

// Behind the path that begins at `at`: the quote that closes it, or the end of the word.
std::size_t end_of_path(std::string_view text, std::size_t at) {
  const char quote = at > 0 && (text[at - 1] == '"' || text[at - 1] == '\'') ? text[at - 1] : '\0';
  std::size_t end = text.find_first_of(quote != '\0' ? std::string_view(&quote, 1) : std::string_view(" \"',;)"), at);
  if (end == std::string_view::npos) end = text.size();
  while (quote == '\0' && end > at + 1 && (text[end - 1] == ':' || text[end - 1] == '.')) --end;
  return end;
}

}  // namespace

std::string without_node_paths(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (begins_path(text, at)) {
      out += replacement;
      at = end_of_path(text, at);
    } else {
      out += text[at++];
    }
  }
  return out;
}

std::string tenant_message(const SpoolEntry &entry) {
  const auto has_path = [](const std::string &text) { return without_node_paths(text) != text; };
  const std::string cure =
      entry.cure.empty() || has_path(entry.cure) ? std::string() : "; " + printable(entry.cure, tenant_cure_bytes_max);
  std::string message = entry.image + ": ";
  if (!entry.where.empty() && !has_path(entry.where)) message += entry.where + ": ";
  message = redacted(message + without_node_paths(entry.what), {});
  return printable(message, tenant_message_bytes_max - cure.size()) + redacted(cure, {});
}

}  // namespace regcred::core
