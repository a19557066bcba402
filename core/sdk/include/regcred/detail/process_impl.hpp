// SPDX-License-Identifier: Apache-2.0
// The bodies of process.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <regcred/detail/slice.hpp>
#include <regcred/process.hpp>
#include <utility>

namespace regcred {

namespace detail {

struct ReceivedResult {
  ProgramResult result;
  std::string error;
  bool out_of_memory = false;
};

// Copies at once; called by the host, so no exception may leave.
inline void receive_result(void *context, const regcred_process_result_v1 *raw) noexcept {
  auto &received = *static_cast<ReceivedResult *>(context);
  try {
    received.error = std::string(to_view(raw->error));
    received.result = {raw->exit_status, raw->signal, Secret(to_view(raw->output))};
  } catch (...) {
    received.out_of_memory = true;
  }
}

}  // namespace detail

inline Process::Process(const Host &host) noexcept
    : service_(host.service<regcred_process_v1>(REGCRED_SERVICE_PROCESS)) {}

inline Result<ProgramResult> Process::run(const ProgramRun &program) const {
  if (service_ == nullptr) {
    return failure(Code::internal, "this host has no service " REGCRED_SERVICE_PROCESS " for this backend");
  }
  std::vector<regcred_slice> arguments;
  for (const std::string &argument : program.arguments) arguments.push_back(detail::to_slice(argument));
  std::vector<regcred_pair> environment;
  for (const auto &[name, value] : program.environment) {
    environment.push_back({detail::to_slice(name), detail::to_slice(value)});
  }
  regcred_process_request_v1 raw{};
  detail::set_header(raw);
  raw.program = detail::to_slice(program.path);
  raw.sha256 = detail::to_slice(program.sha256);
  raw.arguments = arguments.data();
  raw.arguments_count = arguments.size();
  raw.environment = environment.data();
  raw.environment_count = environment.size();
  raw.input = detail::to_slice(program.input.reveal());
  raw.timeout_ms = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(program.timeout.count(), 0, std::numeric_limits<std::int32_t>::max()));

  detail::ReceivedResult received;
  regcred_process_sink_v1 sink{};
  detail::set_header(sink);
  sink.context = &received;
  sink.result = &detail::receive_result;
  const std::int32_t code = service_->run(service_->context, &raw, &sink);
  if (received.out_of_memory) return failure(Code::internal, "out of memory while reading a program's output");
  if (code != REGCRED_OK) return failure(static_cast<Code>(code), std::move(received.error));
  return std::move(received.result);
}

}  // namespace regcred
