// SPDX-License-Identifier: Apache-2.0
// A digit for the backend (shipped_backends.hpp), then its settings as JSON. They are taken or refused, never more; and
// what a backend takes, its schema takes, so that `regcred check` finds no fault in an entry that works.
#include <regcred/testing.hpp>

#include "common/text.hpp"
#include "config/settings_schema.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"
#include "fuzz/shipped_backends.hpp"

using namespace regcred::test;
using regcred::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size == 0) return 0;
  const regcred_backend_v1 &table = regcred::fuzz::shipped_backend(data[0]).table;
  const std::string settings(regcred::fuzz::text_of(data + 1, size - 1));
  FakeHost host;
  const Outcome outcome = create_only(table, settings, host);
  require(outcome.problems.empty(), "the rules of the ABI are kept",
          outcome.problems.empty() ? "" : outcome.problems.front() + ": " + outcome.text);
  require(outcome.code == REGCRED_OK || outcome.code == REGCRED_BAD_CONFIG, "settings are taken or refused",
          outcome.text);
  if (outcome.code != REGCRED_OK) return 0;
  require(regcred::parse_json_object(settings).has_value(), "settings are one JSON object");
  const auto violations = regcred::core::SettingsSchema(settings_schema(table)).violations(settings);
  require(violations.has_value(), "a shipped schema is a schema");
  require(violations->empty(), "the schema takes what the backend takes",
          violations->empty() ? "" : violations->front().path + ": " + violations->front().what);
  return 0;
}
