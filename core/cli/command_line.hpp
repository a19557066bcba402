// argv -> Command.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace CLI {
class App;
}

namespace regcred::core {

enum class Action {
  answer,
  get,
  explain,
  check,
  doctor,
  backends,
  generate,
  install_links,
  completion,
  new_backend,
  version,
  help
};

enum class Generated { kubelet_config, rbac, service_account, oidc_discovery, schema };

// Who asks, for the commands that make a request by hand: get, doctor.
struct IdentityOptions {
  std::optional<std::string> token_file;       // --token-file: holds a service account token; "-": standard input
  std::optional<std::string> service_account;  // --service-account NAMESPACE/NAME: token and annotations by kubectl
  std::vector<std::string> annotations;        // --annotation KEY=VALUE, any number
};

// The kubelet's side of a cluster: check, explain, generate, install-links.
struct KubeletOptions {
  std::optional<std::string> config_path;  // --kubelet-config: a CredentialProviderConfig, or a directory of them
  std::optional<std::string> version;      // --kubernetes-version: 1.34, v1.34.4
};

// generate
struct GenerateOptions {
  Generated what = Generated::kubelet_config;
  std::optional<std::string> name_space;  // rbac, service-account: --namespace
  std::string service_account;            // service-account: NAME
  std::vector<std::string> annotations;   // service-account: --annotation KEY=VALUE
  std::string issuer;                     // oidc-discovery: --issuer URL
  std::string jwks_file;                  // oidc-discovery: --jwks FILE
  std::string discovery_file;             // oidc-discovery: --discovery FILE
  std::string out_directory;              // oidc-discovery: --out DIR
};

// What the operator or the kubelet asked for.
struct Command {
  Action action = Action::answer;
  std::optional<std::string> config_path;  // --config: replaces the default places
  std::optional<std::string> log_level;    // --log-level: off, error, warn, info, debug; overrides the configuration
  bool in_process = false;                 // --in-process
  bool json = false;                       // -o json, --json
  std::string format;                      // get: table, kubelet, docker-config or json
  bool show_secrets = false;               // get
  bool strict = false;                     // check: warnings fail too
  std::string image;                       // get, explain, doctor
  IdentityOptions identity;
  KubeletOptions kubelet;
  GenerateOptions generate;
  std::string links_directory;                   // install-links
  std::string shell;                             // completion: bash, zsh or fish
  std::string backend_name;                      // new-backend
  std::optional<std::string> project_directory;  // new-backend; default: the backend's name
  std::string help_text;                         // help: what to print
};

// Declares every option and command on `app`; parsing writes into `command`. Help, manual page and completion are made
// from the same declarations.
void declare_commands(CLI::App &app, Command &command);

// Parses the arguments after the program name. Without a sub-command the action is `answer`, or a short help when
// `stdin_is_terminal`. Fails with ErrorCode::usage, naming the argument and what is possible.
[[nodiscard]] Result<Command> parse_command_line(const std::vector<std::string> &arguments, bool stdin_is_terminal);

}  // namespace regcred::core
