// SPDX-License-Identifier: Apache-2.0
// The options of `regcred node agent`.
#pragma once

#include <optional>
#include <string>

#include "cli/options.hpp"

namespace regcred::core {

struct AgentOptions {
  std::optional<std::string> spool;         // absent: defaults.eventSpool
  std::optional<std::string> metrics_file;  // absent: defaults.metricsFile
  std::string listen = ":9788";             // [ADDRESS]:PORT; "off"
  std::optional<std::string> node_name;     // absent: $NODE_NAME, else the host's name
  std::optional<std::string> api_server;    // absent: by $KUBERNETES_SERVICE_HOST and _PORT
  std::string token_file = "/var/run/secrets/kubernetes.io/serviceaccount/token";
  std::string ca_file = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
  std::optional<std::string> watch_config;   // registry files, as in a ConfigMap's volume
  std::optional<std::string> watch_secrets;  // secret files, as in a Secret's volume
  std::string into = "/etc/regcred";         // where both are copied to
  std::optional<std::string> host_root;      // absent: the node is not looked at
  bool once = false;
};
void add_agent_options(ArgumentParser &parser, AgentOptions &options);

}  // namespace regcred::core
