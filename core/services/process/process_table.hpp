// SPDX-License-Identifier: Apache-2.0
// regcred_process_v1 of the ABI over Programs.
#pragma once

#include <regcred/abi.h>

#include "services/process/programs.hpp"

namespace regcred::core {

// Owns the table; refers to `programs`. Not movable, since the table points into it.
class ProcessTable {
 public:
  // Null: there is no such service.
  explicit ProcessTable(Programs *programs);
  ProcessTable(const ProcessTable &) = delete;
  ProcessTable &operator=(const ProcessTable &) = delete;

  [[nodiscard]] const regcred_process_v1 *table() const { return programs_ == nullptr ? nullptr : &table_; }

 private:
  // Copies nothing of the request. The sink is called exactly once, whatever happens; no exception leaves.
  static std::int32_t run(void *context, const regcred_process_request_v1 *request,
                          const regcred_process_sink_v1 *sink) noexcept;

  Programs *programs_;
  regcred_process_v1 table_{};
};

}  // namespace regcred::core
