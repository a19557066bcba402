// SPDX-License-Identifier: Apache-2.0
#include "services/process/programs.hpp"

#include <optional>  // guard: program-trust-include
#include <regcred/detail/program_rules.hpp>

#include "common/program_file.hpp"
#include "common/sha256.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {

tl::expected<UniqueFd, ProgramFailure> open_program(const ProgramRequest &request) {
  const std::string_view rule = regcred::detail::broken_program_rule(
      {request.path, request.sha256, request.arguments, request.environment, request.input.size()});
  if (!rule.empty()) {
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
