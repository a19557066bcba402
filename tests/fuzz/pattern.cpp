// SPDX-License-Identifier: Apache-2.0
// PATTERN newline IMAGE newline PATTERN: our matching against a second and literal writing of Go's rules, and what is
// said of two patterns against matching itself.
#include "match/pattern.hpp"

#include "fuzz/input.hpp"
#include "fuzz/require.hpp"
#include "match/pattern_lint.hpp"
#include "match/pattern_relation.hpp"
#include "unit/match/go_rules.hpp"

using namespace regcred::core;
using regcred::fuzz::require;
using regcred::fuzz::take_line;

namespace {

// The second writing tries every way to fit every star.
bool is_quick_to_judge(std::string_view pattern) {
  return pattern.size() <= 512 && std::count(pattern.begin(), pattern.end(), '*') <= 6;
}

// Whether the kubelet, as written down in go_rules, runs a provider of this pattern; ours must say the same.
bool check_match(const std::string &pattern, const ImageReference &image) {
  const MatchResult result = match_pattern(pattern, image);
  require(!describe_match(result, pattern, image).empty(), "there is always a reason");
  if (!is_quick_to_judge(pattern)) return result.matches();
  const auto glob = go_rules::parse(pattern);
  const auto target = go_rules::parse(image.name());
  // Brackets around no address: the image's grammar takes them, a newer Go does not, and then nobody asks regcred.
  if (!target && image.name().starts_with('[')) return result.matches();
  require(result.matches() == (glob && target && go_rules::match(*glob, *target)),
          "a pattern means what it means to the kubelet");
  return result.matches();
}

bool check_valid(const std::string &pattern) {
  const bool valid = validate_pattern(pattern).has_value();
  if (is_quick_to_judge(pattern)) {
    require(valid == go_rules::parse(pattern).has_value(), "refused is what the kubelet refuses");
  }
  return valid;
}

void check_lint(const std::string &pattern, bool matches) {
  for (const Finding &finding : lint_pattern(pattern)) {
    require(!finding.rule.empty() && !finding.what.empty() && !finding.cure.empty(), "a finding says all of it");
    // These are errors for what they match instead of what was meant.
    const bool may_match = finding.rule == "pattern-ecr-china" || finding.rule == "pattern-upper-case";
    require(finding.severity != Severity::error || !matches || may_match, "an error of the lint matches nothing",
            finding.rule);
  }
}

void check_relation(const std::string &a, const std::string &b, bool a_matches, bool b_matches) {
  require(pattern_covers(a, a) && pattern_covers(b, b), "every pattern covers itself");
  require(patterns_overlap(a, b) == patterns_overlap(b, a), "overlap has no direction");
  require(!(a_matches && b_matches) || patterns_overlap(a, b), "patterns that match one image overlap");
  require(!pattern_covers(a, b) || !b_matches || a_matches, "a wider pattern matches what the narrower one does");
  require(!pattern_covers(b, a) || !a_matches || b_matches, "and the other way around");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  std::string_view text = regcred::fuzz::text_of(data, size);
  const std::string pattern(take_line(text));
  const std::string image(take_line(text));
  const std::string other(take_line(text));
  const bool valid = check_valid(pattern);
  const bool other_valid = check_valid(other);
  const auto reference = parse_kubelet_image(image);
  if (!reference) return 0;
  const bool matches = check_match(pattern, *reference);
  const bool other_matches = check_match(other, *reference);
  if (valid) check_lint(pattern, matches);
  const bool bracketed = (pattern + other).find('[') != std::string::npos;  // compared as text, says the contract
  if (valid && other_valid && !bracketed) check_relation(pattern, other, matches, other_matches);
  return 0;
}
