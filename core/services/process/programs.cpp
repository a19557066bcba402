// SPDX-License-Identifier: Apache-2.0
#include "services/process/programs.hpp"

#include <optional>  // guard: program-trust-include

#include "common/ascii.hpp"
#include "common/program_file.hpp"
#include "common/sha256.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t path_bytes_max = 4096;
constexpr std::size_t items_max = 64;  // of arguments, and of variables
constexpr std::size_t items_bytes_max = 64U << 10U;

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_variable_name(std::string_view name) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return !name.empty() && !is_digit(name.front()) && name.find_first_not_of(allowed) == std::string_view::npos;
}

// The first rule of abi.h that the request breaks; empty when it keeps all.
std::string_view broken_rule(const ProgramRequest &request) {
  if (!request.path.starts_with('/') || request.path.size() > path_bytes_max || has_nul(request.path)) {
    return "the program is not an absolute path";
  }
  if (!request.sha256.empty() && !is_sha256(request.sha256)) return "the SHA-256 is not 64 lower-case hex digits";
  if (request.input.size() > program_input_bytes_max) return "more than 1 MiB of input";
  if (request.arguments.size() > items_max || request.environment.size() > items_max) {
    return "more than 64 arguments or variables";
  }
  std::size_t bytes = 0;
  for (const std::string_view argument : request.arguments) {
    if (has_nul(argument)) return "an argument holds a NUL";
    bytes += argument.size();
  }
  for (const auto &[name, value] : request.environment) {
    if (!is_variable_name(name)) return "the name of a variable has other than letters, digits and _";
    if (has_nul(value)) return "a variable holds a NUL";
    bytes += name.size() + value.size();
  }
  return bytes > items_bytes_max ? "more than 64 KiB of arguments and variables" : "";
}

}  // namespace

tl::expected<UniqueFd, ProgramFailure> open_program(const ProgramRequest &request) {
  if (const std::string_view rule = broken_rule(request); !rule.empty()) {
    return tl::make_unexpected(ProgramFailure{REGCRED_BAD_REQUEST, std::string(rule)});
  }
  const auto refuse = [](const std::string &what) {
    return tl::make_unexpected(ProgramFailure{REGCRED_BAD_CONFIG, what});
  };
  const std::string path(request.path);
  // guard: program-trust
  Result<UniqueFd> file = open_trusted(path, FileTrust::integrity, ErrorCode::config);
  if (!file) return refuse(path + ": " + file.error().what + "; " + file.error().cure);
  if (const std::optional<Obstacle> obstacle = obstacle_of(file->get(), path)) {
    return refuse(path + ": it " + obstacle->what + "; " + obstacle->cure);
  }
  if (request.sha256.empty()) return std::move(*file);
  const std::optional<std::string> found = sha256_of(file->get());
  if (found && *found == request.sha256) return std::move(*file);  // guard: program-sha256
  return refuse(path + ": its SHA-256 is " + found.value_or("unreadable") + ", not the " + std::string(request.sha256) +
                " that is configured; install the expected build, or correct the setting");
}

tl::expected<ProgramEnd, ProgramFailure> JudgedPrograms::run(const ProgramRequest &request) {
  asked_ = request.path;
  const tl::expected<UniqueFd, ProgramFailure> file = open_program(request);
  if (!file) return tl::make_unexpected(file.error());
  return tl::make_unexpected(ProgramFailure{REGCRED_UNAVAILABLE, "no program is run while settings are read"});
}

}  // namespace regcred::core
