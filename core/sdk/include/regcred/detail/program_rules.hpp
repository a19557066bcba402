// SPDX-License-Identifier: Apache-2.0
// What a backend may ask of regcred.process/1: the host refuses all else before it opens a file, and FakeHost refuses
// the same. The rules stand in abi.h, regcred_process_request_v1. Whose the file must be is not among them.
#pragma once

#include <cstddef>
#include <regcred/process.hpp>
#include <span>
#include <string_view>
#include <utility>

namespace regcred {

inline bool is_program_path(std::string_view path) noexcept {
  return path.starts_with('/') && path.size() <= program_path_bytes_max && path.find('\0') == std::string_view::npos;
}

inline bool is_sha256(std::string_view text) noexcept {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

inline bool is_variable_name(std::string_view name) noexcept {
  constexpr std::string_view allowed = "_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace regcred

namespace regcred::detail {

struct ProgramCall {
  std::string_view path;
  std::string_view sha256;  // empty: not compared
  std::span<const std::string_view> arguments;
  std::span<const std::pair<std::string_view, std::string_view>> environment;
  std::size_t input_bytes = 0;
};

[[nodiscard]] inline bool has_nul(std::string_view text) noexcept { return text.find('\0') != std::string_view::npos; }

// Empty when `call` keeps every rule, else the first that it breaks, as one line for people. No value is shown.
[[nodiscard]] inline std::string_view broken_program_rule(const ProgramCall &call) noexcept {
  if (!is_program_path(call.path)) return "the program is not an absolute path";
  if (!call.sha256.empty() && !is_sha256(call.sha256)) return "the SHA-256 is not 64 lower-case hex digits";
  if (call.input_bytes > program_input_bytes_max) return "more than 1 MiB of input";
  if (call.arguments.size() > program_items_max || call.environment.size() > program_items_max) {
    return "more than 64 arguments or variables";
  }
  std::size_t bytes = 0;
  for (const std::string_view argument : call.arguments) {
    if (has_nul(argument)) return "an argument holds a NUL";
    bytes += argument.size();
  }
  for (const auto &[name, value] : call.environment) {
    if (!is_variable_name(name)) return "the name of a variable has other than letters, digits and _";
    if (has_nul(value)) return "a variable holds a NUL";
    bytes += name.size() + value.size();
  }
  return bytes > program_items_bytes_max ? "more than 64 KiB of arguments and variables" : "";
}

}  // namespace regcred::detail
