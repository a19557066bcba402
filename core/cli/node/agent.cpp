// SPDX-License-Identifier: Apache-2.0
// `regcred node agent`.
#include "agent/agent.hpp"

#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

#include "agent/api_server.hpp"
#include "cli/node/agent_judges.hpp"
#include "cli/node/agent_options.hpp"
#include "cli/node/node.hpp"
#include "cli/node/own_parts.hpp"
#include "cli/workshop.hpp"
#include "common/kubernetes_names.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"
#include "common/write_all.hpp"

namespace regcred::core {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

Result<std::string> node_name(const AgentOptions &options, const Context &context) {
  std::string name = options.node_name.value_or(context.environment.get("NODE_NAME").value_or(host_name()));
  if (is_dns_subdomain(name)) return name;
  return fail(ErrorCode::usage, "--node-name", in_quotes(name) + " is not the name of a node",
              "give the name that `kubectl get nodes` shows");
}

// Empty when the environment names none.
std::string api_server(const AgentOptions &options, const Environment &environment) {
  std::string url = options.api_server.value_or("");
  const std::optional<std::string> host = environment.get("KUBERNETES_SERVICE_HOST");
  if (url.empty() && host) {
    const bool is_ipv6 = host->find(':') != std::string::npos;
    url = "https://" + (is_ipv6 ? '[' + *host + ']' : *host) + ':' +
          environment.get("KUBERNETES_SERVICE_PORT").value_or("443");
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// The node's configuration, as far as it is about the agent.
AgentSettings settings_of(const AgentOptions &options, const Context &context) {
  AgentSettings settings;
  ConfigSource source = config_source(context);
  if (!source.path) source.default_root = options.into;
  const Result<Config> config = load_config(source);
  if (config) {
    settings.spool = config->record.event_spool;
    settings.metrics_file = config->record.metrics_file;
  } else {
    settings.obstacle = line_of(config.error());
  }
  if (options.spool) settings.spool = *options.spool;
  if (options.metrics_file) settings.metrics_file = *options.metrics_file;
  return settings;
}

Status check_places(const AgentOptions &options) {
  for (const auto &[name, path] : {std::pair{"--into", std::optional(options.into)}, {"--spool", options.spool}}) {
    if (path && (!path->starts_with('/') || path->ends_with('/'))) {
      return fail(ErrorCode::usage, name, in_quotes(*path) + " is not the absolute path of a directory",
                  "write it like /etc/regcred");
    }
  }
  return {};
}

Output run(const AgentOptions &options, const Context &context) {
  if (Status checked = check_places(options); !checked) return {"", checked.error()};
  const Result<std::string> node = node_name(options, context);
  if (!node) return {"", node.error()};
  const Result<Installation> installation = own_installation(context);
  if (!installation) return {"", installation.error()};
  const std::string &program = installation->executable;
  const Say say = [&](const std::string &words) {
    const std::string line = "regcred: " + printable(words, limits::log_line_bytes_max) + '\n';
    static_cast<void>(write_all(context.error_fd, line));
  };
  ApiServer server({api_server(options, context.environment), options.token_file, options.ca_file, *node,
                    installation->library_directory},
                   context.clock);
  const AgentParts parts{
      .places = {options.watch_config.value_or(""), options.watch_secrets.value_or(""), options.into},
      .judge = [&](const std::string &directory) { return judge_by_check(program, directory, context.clock); },
      .settings = [&] { return settings_of(options, context); },
      .node_obstacle =
          [&] {
            return options.host_root ? obstacle_by_status(program, *options.host_root, context.clock) : std::string();
          },
      .listen = options.listen,
      .sink = server,
      .clock = context.clock,
      .say = say};
  const Status done = options.once ? run_agent_once(parts) : run_agent(parts);
  return {"", done ? std::nullopt : std::optional(done.error())};
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<AgentOptions>();
  add_agent_options(parser, *options);
  return [options](const Context &context) { return run(*options, context); };
}

}  // namespace

const Command node_agent = {"agent", "Post failed requests as events of pods, and follow a configuration", declare};

}  // namespace regcred::core
