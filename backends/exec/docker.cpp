// SPDX-License-Identifier: Apache-2.0
#include "docker.hpp"

#include <algorithm>
#include <regcred/json.hpp>
#include <regcred/text.hpp>

#include "failures.hpp"

namespace exec_backend {

using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::Result;
using regcred::shown;

std::string server_of(const Options &options, std::string_view registry) {
  if (!options.server_url.empty()) return options.server_url;
  return registry == "docker.io" ? "https://index.docker.io/v1/" : std::string(registry);
}

Result<Credentials> read_docker(const Options &options, const std::string &server, const regcred::ProgramResult &end) {
  constexpr std::string_view blanks = " \t\r\n";
  std::string_view said = end.output.reveal();
  said.remove_prefix(std::min(said.find_first_not_of(blanks), said.size()));
  said = said.substr(0, said.find_last_not_of(blanks) + 1);
  if (end.exit_status != 0) {
    // credentials/error.go: what a helper says in place of an answer.
    if (said == "credentials not found in native keychain") {
      return failure(Code::no_credentials, named(options.program) + " has no credential for " + shown(server, 160));
    }
    if (said == "no credentials server URL" || said == "no credentials username") {
      return failure(Code::bad_config, "settings.serverUrl: " + named(options.program) + " does not take " +
                                           shown(server, 160) + "; write the URL that its credential is stored under");
    }
    return failed_run(options, end);
  }
  const std::optional<nlohmann::json> answer = regcred::parse_json_object(said);
  const auto wrong = [&](std::string_view what) {
    return failure(Code::bad_upstream,
                   named(options.program) + " answered for " + shown(server, 160) + " " + std::string(what));
  };
  if (!answer) return wrong("with something that is not a JSON object; is it a docker credential helper?");
  Credentials credentials;
  credentials.username = regcred::json_text(*answer, "Username");
  credentials.password = regcred::Secret(regcred::json_text(*answer, "Secret"));
  if (credentials.username == "<token>") {
    return wrong("with an identity token, which the kubelet cannot use; let the helper give a username and password");
  }
  if (const std::string_view fault = fault_of(credentials.username, credentials.password.reveal()); !fault.empty()) {
    return wrong("with " + std::string(fault) + "; see what it has stored for that server");
  }
  credentials.scope = regcred::Scope::registry;  // the helper was asked for a server, not for a path
  return credentials;
}

}  // namespace exec_backend
