// SPDX-License-Identifier: Apache-2.0
// The metrics file that the last request left behind, as somebody changed it: not taken, or written again byte by byte.
#include "record/metrics.hpp"

#include "fuzz/input.hpp"
#include "fuzz/require.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view text = regcred::fuzz::text_of(data, size);
  std::optional<Metrics> metrics = parse_metrics(text);
  if (!metrics) return 0;
  require(render_metrics(*metrics) == text, "what is read is what is written");
  RequestRecord record;
  record.registry = "cloudsmith";
  record.outcome = "ok";
  record.milliseconds = 212;
  record.answer_bytes = 300;
  count_request(*metrics, record);
  require(parse_metrics(render_metrics(*metrics)).has_value(), "and can be counted on");
  return 0;
}
