// SPDX-License-Identifier: Apache-2.0
#include "match/pattern.hpp"

#include <algorithm>

#include "common/ascii.hpp"
#include "common/text.hpp"
#include "match/pattern_syntax.hpp"

namespace regcred::core {
namespace {

// filepath.Match for one label, where `*` is the only operator that can arrive: on a mismatch only the last `*` takes
// one byte more, so the time is bounded by label x text. The one exception is a bracketed address without a port: the
// kubelet leaves its brackets on and then reads them as a class of characters.
bool label_matches(std::string_view label, std::string_view text) noexcept {
  if (!label.empty() && label.front() == '[') {
    const bool is_class = label.size() > 2 && label.back() == ']' && label.find('%') == std::string_view::npos;
    return is_class && text.size() == 1 &&
           label.substr(1, label.size() - 2).find(text.front()) != std::string_view::npos;
  }
  std::size_t l = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last `*` seen
  std::size_t resume = 0;                     // where the text after that `*` is tried next
  while (t < text.size()) {
    if (l < label.size() && label[l] == '*') {
      star = l++;
      resume = t;
    } else if (l < label.size() && label[l] == text[t]) {
      ++l;
      ++t;
    } else if (star != std::string_view::npos) {
      l = star + 1;
      t = ++resume;  // guard: pattern-star
    } else {
      return false;
    }
  }
  while (l < label.size() && label[l] == '*') ++l;
  return l == label.size();
}

// Takes the text before the first dot, and that dot, off the front.
std::string_view take_label(std::string_view &host) noexcept {
  const std::size_t dot = std::min(host.find('.'), host.size());
  const std::string_view label = host.substr(0, dot);
  host.remove_prefix(std::min(dot + 1, host.size()));
  return label;
}

MatchResult match_host(std::string_view host, const ImageReference &image) noexcept {
  std::size_t labels = 1;
  for (const char c : host) labels += c == '.' ? 1U : 0U;
  if (labels != image.host_labels()) return {MatchOutcome::label_count, 0};  // guard: pattern-labels
  std::string_view rest = image.host();
  for (std::size_t label = 1; label <= labels; ++label) {
    const std::string_view text = take_label(rest);
    if (!label_matches(take_label(host), text)) return {MatchOutcome::label, label};  // guard: pattern-label
  }
  return {MatchOutcome::matches, 0};
}

// Whether `text` starts with the path that `escaped` stands for.
bool path_matches(std::string_view escaped, std::string_view text) noexcept {
  std::size_t t = 0;
  for (std::size_t i = 0; i < escaped.size(); ++i, ++t) {
    char wanted = escaped[i];
    if (wanted == '%') {
      wanted = static_cast<char>(escaped_byte(escaped, i));
      i += 2;
    }
    if (t == text.size() || text[t] != wanted) return false;
  }
  return true;
}

std::string describe_label(const MatchResult &result, std::string_view pattern_host, const ImageReference &image) {
  std::string_view image_host = image.host();
  std::string_view wanted;
  std::string_view found;
  for (std::size_t i = 0; i < result.label; ++i) {
    wanted = take_label(pattern_host);
    found = take_label(image_host);
  }
  const bool is_glob = wanted.find('*') != std::string_view::npos;
  std::string text = "host label " + std::to_string(result.label) + ": " + in_quotes(found) +
                     (is_glob ? " does not match " : " is not ") + in_quotes(wanted);
  const auto same_letter = [](char a, char b) { return to_lower(a) == to_lower(b); };
  if (std::equal(wanted.begin(), wanted.end(), found.begin(), found.end(), same_letter)) {
    text += " (upper and lower case differ)";
  }
  return text;
}

std::string describe_labels(const PatternParts &parts, const ImageReference &image) {
  const auto wanted = 1 + std::count(parts.host.begin(), parts.host.end(), '.');
  std::string text = "the image's host has " + std::to_string(image.host_labels()) +
                     (image.host_labels() == 1 ? " label" : " labels") + ", the pattern's " + std::to_string(wanted);
  if (parts.host.find('*') != std::string_view::npos) text += " (each \"*\" stays within one label)";
  return text;
}

std::string describe_port(const PatternParts &parts, const ImageReference &image) {
  if (parts.port.empty()) return "the image has port " + in_quotes(image.port()) + ", the pattern has none";
  if (image.port().empty()) return "the image has no port, the pattern has " + in_quotes(parts.port);
  return "port " + in_quotes(image.port()) + " is not " + in_quotes(parts.port);
}

std::string describe_path(const PatternParts &parts, const ImageReference &image) {
  std::string text = "path " + in_quotes(image.path()) + " does not start with " + in_quotes(parts.path);
  if (parts.path.find('*') != std::string_view::npos) text += " (a \"*\" in a path is literal)";
  return text;
}

}  // namespace

MatchResult match_pattern(std::string_view pattern, const ImageReference &image) noexcept {
  const PatternParts parts = split_pattern(pattern);
  const MatchResult host = match_host(parts.host, image);
  if (!host.matches()) return host;
  if (parts.port != image.port()) return {MatchOutcome::port, 0};               // guard: pattern-port
  if (!path_matches(parts.path, image.path())) return {MatchOutcome::path, 0};  // guard: pattern-path
  // Asked last, since it costs most and is rarely in doubt.
  return find_problem(parts).what.empty() ? host : MatchResult{MatchOutcome::unusable, 0};
}

bool pattern_covers_registry(std::string_view pattern) noexcept {
  const std::string_view path = split_pattern(pattern).path;
  return path.empty() || path == "/";
}

std::string describe_match(const MatchResult &result, std::string_view pattern, const ImageReference &image) {
  const PatternParts parts = split_pattern(pattern);
  if (const PatternProblem problem = find_problem(parts); !problem.what.empty()) {
    return "the pattern " + std::string(problem.what);
  }
  const bool has_scheme = (parts.host == "https" || parts.host == "http") && parts.path.starts_with("//");
  if (has_scheme && !result.matches()) return "a pattern has no scheme: remove everything up to and including ://";
  switch (result.outcome) {
    case MatchOutcome::matches:
      return "matches";
    case MatchOutcome::label_count:
      return describe_labels(parts, image);
    case MatchOutcome::label:
      return describe_label(result, parts.host, image);
    case MatchOutcome::port:
      return describe_port(parts, image);
    case MatchOutcome::path:
      return describe_path(parts, image);
    case MatchOutcome::unusable:
      break;
  }
  return "the pattern is unusable";
}

Status validate_pattern(std::string_view pattern) {
  const PatternProblem problem = find_problem(split_pattern(pattern));
  if (problem.what.empty()) return {};
  return fail(ErrorCode::config, "pattern " + in_quotes(pattern), std::string(problem.what), std::string(problem.cure));
}

}  // namespace regcred::core
