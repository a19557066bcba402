// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/challenge.hpp"

#include <regcred/http.hpp>

#include "common/ascii.hpp"
#include "services/http/request_rules.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t challenges_max = 8;
constexpr std::size_t parameters_max = 16;

bool is_token_char(char c) {  // RFC 9110, 5.6.2
  return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

class ChallengeReader {
 public:
  explicit ChallengeReader(std::string_view text) : rest_(text) {}

  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string token() {
    std::string text;
    while (!rest_.empty() && is_token_char(rest_.front())) {
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    return text;
  }
  std::string lower_token() { return to_lower(token()); }
  // A quoted string (5.6.4) or a token; empty optional when neither.
  std::optional<std::string> value() {
    if (!take('"')) {
      std::string text = token();
      return text.empty() ? std::nullopt : std::optional(std::move(text));
    }
    std::string text;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty()) return std::nullopt;
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    return take('"') ? std::optional(std::move(text)) : std::nullopt;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  void back_to(std::string_view rest) { rest_ = rest; }

 private:
  std::string_view rest_;
};

// One "name = value"; false, with nothing taken, when the next word is not a parameter but another scheme.
bool take_parameter(ChallengeReader &reader, Challenge &challenge) {
  const std::string_view before = reader.rest();
  const std::string name = reader.lower_token();
  reader.skip_blanks();
  if (!name.empty() && reader.take('=')) {
    reader.skip_blanks();
    if (std::optional<std::string> value = reader.value()) {
      if (challenge.parameters.size() < parameters_max) challenge.parameters.emplace(name, std::move(*value));
      return true;
    }
  }
  reader.back_to(before);
  return false;
}

}  // namespace

std::vector<Challenge> parse_challenges(std::string_view value) {
  std::vector<Challenge> challenges;
  ChallengeReader reader(value);
  while (challenges.size() < challenges_max) {
    do reader.skip_blanks();
    while (reader.take(','));
    Challenge challenge{reader.lower_token(), {}};
    if (challenge.scheme.empty()) break;
    reader.skip_blanks();
    while (take_parameter(reader, challenge)) {
      do reader.skip_blanks();
      while (reader.take(','));
    }
    challenges.push_back(std::move(challenge));
  }
  return challenges;
}

std::optional<std::string> token_url(const Challenge &bearer, std::string_view repository) {
  const auto realm = bearer.parameters.find("realm");
  // guard: realm-https
  if (realm == bearer.parameters.end() || !realm->second.starts_with("https://")) return std::nullopt;
  std::string url = realm->second;
  url += url.find('?') == std::string::npos ? '?' : '&';
  if (const auto service = bearer.parameters.find("service"); service != bearer.parameters.end()) {
    url += "service=" + percent_encode(service->second) + '&';
  }
  url += "scope=" + percent_encode("repository:" + std::string(repository) + ":pull");
  if (!broken_rule({.method = "GET", .url = url}).empty()) return std::nullopt;  // guard: realm-rules
  return url;
}

}  // namespace regcred::core
