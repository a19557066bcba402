// SPDX-License-Identifier: Apache-2.0
#include "record/request_record.hpp"

#include "common/text.hpp"

namespace regcred::core {

std::string_view outcome_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::config:
      return "config";
    case ErrorCode::no_match:
      return "no_match";
    case ErrorCode::backend_load:
      return "backend_load";
    case ErrorCode::backend:
      return "backend";
    case ErrorCode::deadline:
      return "deadline";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

void conclude(RequestRecord &record, const std::optional<Error> &failure, std::int64_t milliseconds) {
  constexpr std::string_view prefix = "regcred: ";
  record.milliseconds = milliseconds;
  if (!failure) {
    record.outcome = record.with_credentials ? "ok" : no_credentials;
    return;
  }
  record.outcome = outcome_name(failure->code);
  record.exit_status = exit_status(failure->code);
  record.answer_bytes = 0;
  const std::string line = one_line(*failure);
  record.error = line.substr(prefix.size(), line.size() - prefix.size() - 1);
}

}  // namespace regcred::core
