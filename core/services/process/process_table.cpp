// SPDX-License-Identifier: Apache-2.0
#include "services/process/process_table.hpp"

#include <cstddef>
#include <regcred/detail/slice.hpp>

namespace regcred::core {
namespace {

constexpr std::uint64_t items_max = 1000;  // only to keep a damaged count from being walked

// What a backend of ABI 1.0 hands over: what was added later may be missing.
constexpr std::size_t request_bytes_1_0 =
    offsetof(regcred_process_request_v1, reserved) + sizeof(regcred_process_request_v1::reserved);

bool is_usable(const regcred_process_request_v1 &raw) {
  return raw.struct_size >= request_bytes_1_0 && raw.abi_major == REGCRED_ABI_MAJOR &&
         raw.arguments_count <= items_max && (raw.arguments_count == 0 || raw.arguments != nullptr) &&
         raw.environment_count <= items_max && (raw.environment_count == 0 || raw.environment != nullptr);
}

ProgramRequest to_request(const regcred_process_request_v1 &raw) {
  ProgramRequest request;
  request.path = detail::to_view(raw.program);
  request.sha256 = detail::to_view(raw.sha256);
  for (std::uint64_t i = 0; i < raw.arguments_count; ++i) {
    request.arguments.push_back(detail::to_view(raw.arguments[i]));
  }
  for (std::uint64_t i = 0; i < raw.environment_count; ++i) {
    request.environment.emplace_back(detail::to_view(raw.environment[i].name),
                                     detail::to_view(raw.environment[i].value));
  }
  request.input = detail::to_view(raw.input);
  request.timeout_ms = raw.timeout_ms;
  return request;
}

std::int32_t hand_over_failure(const regcred_process_sink_v1 &sink, std::int32_t code, std::string_view text) {
  regcred_process_result_v1 raw{};
  detail::set_header(raw);
  raw.exit_status = -1;
  raw.error = detail::to_slice(text);
  sink.result(sink.context, &raw);
  return code;
}

}  // namespace

ProcessTable::ProcessTable(Programs *programs) : programs_(programs) {
  detail::set_header(table_);
  table_.context = this;
  table_.run = &ProcessTable::run;
}

std::int32_t ProcessTable::run(void *context, const regcred_process_request_v1 *request,
                               const regcred_process_sink_v1 *sink) noexcept {
  bool handed_over = false;
  try {
    if (!is_usable(*request)) {
      handed_over = true;
      return hand_over_failure(*sink, REGCRED_BAD_REQUEST, "the request's struct is too short or of another ABI");
    }
    const tl::expected<ProgramEnd, ProgramFailure> outcome =
        static_cast<ProcessTable *>(context)->programs_->run(to_request(*request));
    handed_over = true;
    if (!outcome) return hand_over_failure(*sink, outcome.error().code, outcome.error().text);
    regcred_process_result_v1 raw{};
    detail::set_header(raw);
    raw.exit_status = outcome->exit_status;
    raw.signal = outcome->signal;
    raw.output = detail::to_slice(outcome->output.reveal());
    sink->result(sink->context, &raw);
    return REGCRED_OK;
  } catch (...) {
    return handed_over ? REGCRED_INTERNAL : hand_over_failure(*sink, REGCRED_INTERNAL, "out of memory");
  }
}

}  // namespace regcred::core
