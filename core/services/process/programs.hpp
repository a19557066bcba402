// SPDX-License-Identifier: Apache-2.0
// A program that a backend runs: one run, its output, or a failure with its kind. START HERE in this folder; abi.h has
// the rules.
#pragma once

#include <regcred/abi.h>

#include <cstddef>
#include <cstdint>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "common/unique_fd.hpp"

namespace regcred::core {

// Views into what the caller holds for the duration of the call.
struct ProgramRequest {
  std::string_view path;
  std::string_view sha256;  // lower-case hex; empty: not compared
  std::vector<std::string_view> arguments;
  std::vector<std::pair<std::string_view, std::string_view>> environment;
  std::string_view input;       // may hold the token
  std::int64_t timeout_ms = 0;  // 0: until two seconds before the deadline
};

// It ran and ended.
struct ProgramEnd {
  int exit_status = -1;  // -1: a signal ended it
  int signal = 0;
  Secret output;
};

// No run, or none that ended by itself.
struct ProgramFailure {
  std::int32_t code =
      REGCRED_INTERNAL;  // REGCRED_BAD_REQUEST, BAD_CONFIG, UNAVAILABLE, TIMEOUT, BAD_UPSTREAM, INTERNAL
  std::string text;      // one line for people: what, and the cure; nothing of the output
};

// Interface. Real: ForkedPrograms (forked_programs.hpp). In tests: scripted.
class Programs {
 public:
  Programs() = default;
  Programs(const Programs &) = delete;
  Programs &operator=(const Programs &) = delete;
  virtual ~Programs() = default;

  [[nodiscard]] virtual tl::expected<ProgramEnd, ProgramFailure> run(const ProgramRequest &request) = 0;
};

// The file of a request that keeps the rules: opened, trusted with all directories above it, a program that the kernel
// can start (common/program_file.hpp), and with the SHA-256 that is asked for. Fails with BAD_REQUEST or BAD_CONFIG.
[[nodiscard]] tl::expected<UniqueFd, ProgramFailure> open_program(const ProgramRequest &request);

// Judges the file, as `regcred check` wants it, and runs nothing: UNAVAILABLE where a run would begin.
class JudgedPrograms final : public Programs {
 public:
  [[nodiscard]] tl::expected<ProgramEnd, ProgramFailure> run(const ProgramRequest &request) override;
  // The path of the program that was asked for, whatever became of it; empty: none.
  [[nodiscard]] const std::string &asked() const noexcept { return asked_; }

 private:
  std::string asked_;
};

inline constexpr std::size_t program_output_bytes_max = 1U << 20U;

}  // namespace regcred::core
