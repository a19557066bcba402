// SPDX-License-Identifier: Apache-2.0
// Errors are values. Every error of the core has a place, a finding and a cure; its code decides the exit status.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace regcred::core {

// The closed set of outcomes; the number is the process's exit status.
enum class ErrorCode : int {
  usage = 2,         // command line or request that cannot be understood
  config = 3,        // the operator's configuration, or what the kubelet was configured to send
  no_match = 4,      // no registry entry matches the image
  backend_load = 5,  // the backend's file is missing, not trusted or not loadable
  backend = 6,       // the backend, or the registry behind it, failed or refused
  deadline = 7,      // the time for this request is over
  internal = 8,      // a fault of regcred or of the machine
};

// One error. `where` names the file, entry or stage ("/etc/regcred/config.yaml:3:5", `registry "x" (backend y)`),
// `what` the finding, `cure` what to do about it; `cure` may be empty where it follows from `what`. None of them holds
// a secret. They may hold hostile text: one_line() in text.hpp makes them printable.
struct Error {
  ErrorCode code;
  std::string where;
  std::string what;
  std::string cure;
};

template <class T>
using Result = tl::expected<T, Error>;

// Success without a value, or an Error.
using Status = tl::expected<void, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string where, std::string what,
                                                std::string cure = {}) {
  return tl::make_unexpected(Error{code, std::move(where), std::move(what), std::move(cure)});
}

// All of an error in one line.
[[nodiscard]] inline std::string line_of(const Error &error) {
  return error.where + ": " + error.what + (error.cure.empty() ? "" : "; " + error.cure);
}

[[nodiscard]] inline int exit_status(ErrorCode code) noexcept { return static_cast<int>(code); }

}  // namespace regcred::core
