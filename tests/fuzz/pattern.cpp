// PATTERN newline IMAGE [newline PATTERN]: our matching against a second and literal writing of Go's rules, and what is
// said of two patterns against matching itself.
#include "match/pattern.hpp"

#include "fuzz/require.hpp"
#include "match/pattern_lint.hpp"
#include "match/pattern_relation.hpp"
#include "unit/match/go_rules.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

namespace {

std::string_view take_line(std::string_view &text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  std::string_view text = regcred::fuzz::text_of(data, size);
  const std::string pattern(take_line(text));
  const std::string image(take_line(text));
  const std::string other(take_line(text));
  const auto reference = parse_kubelet_image(image);
  if (!reference) return 0;
  const bool matches = match_pattern(pattern, *reference).matches();
  const auto glob = go_rules::parse(pattern);
  const auto target = go_rules::parse(image);
  require(matches == (glob && target && go_rules::match(*glob, *target)),
          "a pattern means what it means to the kubelet");
  require(!describe_match(match_pattern(pattern, *reference), pattern, *reference).empty(), "there is always a reason");

  const bool valid = static_cast<bool>(validate_pattern(pattern));
  require(valid || !matches, "what the kubelet refuses matches nothing");
  if (!valid) return 0;
  for (const Finding &finding : lint_pattern(pattern)) {
    const bool harmless = finding.severity != Severity::error || finding.rule == "pattern-ecr-china";
    require(harmless || !matches || finding.rule == "pattern-upper-case", "an error of the lint matches nothing");
  }
  if (!validate_pattern(other) || pattern.find('[') != std::string::npos || other.find('[') != std::string::npos)
    return 0;
  const bool both = matches && match_pattern(other, *reference).matches();
  require(!both || patterns_overlap(pattern, other), "patterns that match one image overlap");
  require(patterns_overlap(pattern, other) == patterns_overlap(other, pattern), "overlap has no direction");
  require(!pattern_covers(other, pattern) || !matches || both, "a wider pattern matches what the narrower one does");
  return 0;
}
