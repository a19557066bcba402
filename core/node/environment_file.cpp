// SPDX-License-Identifier: Apache-2.0
#include "node/environment_file.hpp"

#include <algorithm>

#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view blanks = " \t\n\r";
constexpr std::string_view line_ends = "\n\r";
constexpr std::string_view escaped_in_quotes = "\"\\`$";

bool is_one_of(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

std::string without_blanks_behind(std::string text) {
  text.resize(text.find_last_not_of(blanks) + 1);  // npos + 1 is 0
  return text;
}

// "NAME=VALUE", quoted so that systemd and a shell read the same.
std::string assignment_text(std::string_view name, std::string_view value) {
  std::string out(name);
  out += '=';
  const bool is_plain = value.find_first_of(" \t\n\r\"'\\`$#;&|<>()*?[]{}~!") == std::string_view::npos;
  if (is_plain) return out.append(value);
  out += '"';
  for (const char c : value) {
    if (is_one_of(escaped_in_quotes, c)) out += '\\';
    out += c;
  }
  return out + '"';
}

// A word of arguments, and where it stands as it is written.
struct WrittenWord {
  std::string text;
  std::size_t from = 0;
  std::size_t to = 0;
};

std::vector<WrittenWord> split(std::string_view arguments) {
  std::vector<WrittenWord> words;
  for (std::size_t at = 0; (at = arguments.find_first_not_of(blanks, at)) != std::string_view::npos;) {
    WrittenWord word{{}, at, at};
    char quote = 0;
    for (; at < arguments.size() && (quote != 0 || !is_one_of(blanks, arguments[at])); ++at) {
      const char c = arguments[at];
      if (c == '\\' && at + 1 < arguments.size()) {
        word.text += arguments[++at];
      } else if (quote != 0 ? c == quote : c == '"' || c == '\'') {
        quote = quote != 0 ? '\0' : c;
      } else {
        word.text += c;
      }
    }
    word.to = at;
    words.push_back(std::move(word));
  }
  return words;
}

// Whether the word is one of the two flags, and whether its value is a word of its own.
bool is_provider_flag(const std::string &word, bool &takes_next) {
  std::string name = word.substr(0, word.find('='));
  std::replace(name.begin(), name.end(), '_', '-');
  takes_next = name.size() == word.size();
  if (!name.starts_with("--")) return false;
  name.erase(0, 2);
  return name == provider_config_flag || name == provider_bin_flag;
}

}  // namespace

// The states of parse_env_file_internal.
class EnvironmentReader {
 public:
  EnvironmentReader(std::string text, const std::string &origin) : origin_(origin) { file_.text_ = std::move(text); }

  Result<EnvironmentFile> read() {
    const std::string &text = file_.text_;
    if (!is_utf8(text)) return refuse("is not UTF-8", "correct it");
    for (at_ = 0; at_ < text.size(); ++at_) {
      if (Status step = take(text[at_]); !step) return tl::make_unexpected(step.error());
      if (text[at_] == '\n') ++line_;
    }
    if (state_ == State::single_quoted || state_ == State::double_quoted || state_ == State::escaped_in_quotes) {
      return refuse("a quote has no end", "close it");
    }
    if (state_ == State::before_value || state_ == State::value || state_ == State::escaped) end_assignment();
    return std::move(file_);
  }

 private:
  enum class State {
    before_name,
    name,
    before_value,
    value,
    escaped,
    single_quoted,
    double_quoted,
    escaped_in_quotes,
    comment,
    escaped_in_comment
  };

  tl::unexpected<Error> refuse(std::string what, std::string cure) const {
    return fail(ErrorCode::config, origin_ + ':' + std::to_string(line_), std::move(what), std::move(cure));
  }

  Status take(char c) {
    const bool ends_line = is_one_of(line_ends, c);
    switch (state_) {
      case State::before_name:
        if (c == '#' || c == ';') {
          state_ = State::comment;
        } else if (!is_one_of(blanks, c)) {
          begin_assignment(c);
        }
        break;
      case State::name:
        if (ends_line) {
          state_ = State::before_name;
        } else if (c == '=') {
          state_ = State::before_value;
        } else {
          current_.name += c;
        }
        break;
      case State::before_value:
      case State::value:
        if (ends_line) {
          end_assignment();
        } else {
          take_of_value(c);
        }
        break;
      case State::escaped:
        state_ = State::value;
        if (!ends_line) keep(c);
        break;
      case State::single_quoted:
        if (c == '\'') {
          state_ = State::before_value;
        } else {
          keep(c);
        }
        break;
      case State::double_quoted:
        if (c == '"' || c == '\\') {
          state_ = c == '"' ? State::before_value : State::escaped_in_quotes;
        } else {
          keep(c);
        }
        break;
      case State::escaped_in_quotes:
        state_ = State::double_quoted;
        if (c != '\n' && !is_one_of(escaped_in_quotes, c)) keep('\\');
        if (c != '\n') keep(c);
        break;
      case State::comment:
        if (c == '\\') state_ = State::escaped_in_comment;
        if (ends_line) state_ = State::before_name;
        break;
      case State::escaped_in_comment:
        if (ends_line) {
          return refuse("a comment ends in a backslash: systemd before 254 takes the next line as a comment, too",
                        "remove the backslash");
        }
        state_ = State::comment;
        break;
    }
    return {};
  }

  void begin_assignment(char c) {
    state_ = State::name;
    current_ = {std::string(1, c), {}, at_, at_};
    kept_ = 0;
  }

  void take_of_value(char c) {
    if (c == '\\') {
      state_ = State::escaped;
    } else if (state_ == State::before_value && (c == '\'' || c == '"')) {
      state_ = c == '"' ? State::double_quoted : State::single_quoted;
    } else if (state_ == State::value || !is_one_of(blanks, c)) {
      state_ = State::value;
      current_.value += c;
      if (!is_one_of(blanks, c)) kept_ = current_.value.size();
    }
  }

  // A character that stays, also when it is a blank at the end.
  void keep(char c) {
    current_.value += c;
    kept_ = current_.value.size();
  }

  void end_assignment() {
    state_ = State::before_name;
    current_.name = without_blanks_behind(std::move(current_.name));
    current_.value.resize(kept_);
    current_.to = at_;
    file_.assignments_.push_back(std::move(current_));
  }

  const std::string &origin_;
  EnvironmentFile file_;
  State state_ = State::before_name;
  EnvironmentFile::Assignment current_;
  std::size_t kept_ = 0;  // of the current value: what is not a blank at its end
  std::size_t at_ = 0;
  int line_ = 1;
};

Result<EnvironmentFile> EnvironmentFile::parse(std::string text, const std::string &origin) {
  return EnvironmentReader(std::move(text), origin).read();
}

const EnvironmentFile::Assignment *EnvironmentFile::last(std::string_view name) const {
  const auto found = std::find_if(assignments_.rbegin(), assignments_.rend(),
                                  [&](const Assignment &assignment) { return assignment.name == name; });
  return found == assignments_.rend() ? nullptr : &*found;
}

std::optional<std::string> EnvironmentFile::value(std::string_view name) const {
  const Assignment *const found = last(name);
  return found == nullptr ? std::nullopt : std::optional(found->value);
}

std::string EnvironmentFile::with(std::string_view name, std::string_view value) const {
  std::string text = text_;
  const std::string line = assignment_text(name, value);
  if (const Assignment *const found = last(name)) return text.replace(found->from, found->to - found->from, line);
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  return text + line + '\n';
}

std::string with_provider_flags(std::string_view arguments, const ProviderFlags &flags) {
  std::string kept;
  std::string behind;  // "--" and what follows: no flag counts there
  const std::vector<WrittenWord> words = split(arguments);
  for (std::size_t i = 0; i < words.size(); ++i) {
    bool takes_next = false;
    if (behind.empty() && is_provider_flag(words[i].text, takes_next)) {
      if (takes_next) ++i;
      continue;
    }
    std::string &part = !behind.empty() || words[i].text == "--" ? behind : kept;
    if (!part.empty()) part += ' ';
    part += arguments.substr(words[i].from, words[i].to - words[i].from);
  }
  const auto append = [&](const std::string &word) { kept += (kept.empty() || word.empty() ? "" : " ") + word; };
  if (!flags.config_path.empty()) append("--" + std::string(provider_config_flag) + '=' + flags.config_path);
  if (!flags.bin_directory.empty()) append("--" + std::string(provider_bin_flag) + '=' + flags.bin_directory);
  append(behind);
  return kept;
}

std::vector<std::string> argument_words(std::string_view arguments) {
  std::vector<std::string> words;
  for (WrittenWord &word : split(arguments)) words.push_back(std::move(word.text));
  return words;
}

}  // namespace regcred::core
