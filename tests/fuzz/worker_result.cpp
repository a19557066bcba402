// SPDX-License-Identifier: Apache-2.0
// What a worker says on its pipe: refused, or the same bytes again, within every limit.
#include "dispatch/worker_result.hpp"

#include "common/limits.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view bytes = regcred::fuzz::text_of(data, size);
  std::optional<Result<WorkerResult>> outcome = decoded<Result<WorkerResult>>(bytes);
  if (!outcome) return 0;
  require(encoded(*outcome).reveal() == bytes, "what is decoded is what would be encoded");
  if (!*outcome) return 0;
  const WorkerResult &result = **outcome;
  require(result.text.size() <= limits::backend_text_bytes_max, "the text is within its limit");
  require(result.auth.size() <= limits::auth_entries_max, "credentials are within their number");
  for (const AuthEntry &entry : result.auth) {
    require(entry.username.size() <= limits::username_bytes_max && entry.password.size() <= limits::password_bytes_max,
            "a credential is within its limits");
  }
  return 0;
}
