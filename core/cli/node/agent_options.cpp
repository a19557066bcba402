// SPDX-License-Identifier: Apache-2.0
#include "cli/node/agent_options.hpp"

namespace regcred::core {

void add_agent_options(ArgumentParser &parser, AgentOptions &options) {
  parser.add("--spool", options.spool, "Where failed requests are read from (default: defaults.eventSpool)")
      .value_name("DIR");
  parser.add("--metrics-file", options.metrics_file, "What /metrics shows (default: defaults.metricsFile)")
      .value_name("FILE");
  parser.add("--listen", options.listen, "Where /metrics, /healthz and /readyz are served, or off (default: :9788)")
      .value_name("[ADDRESS]:PORT");
  parser.add("--node-name", options.node_name, "The node, for events (default: $NODE_NAME, else the host's name)")
      .value_name("NAME");
  parser.add("--api-server", options.api_server, "The API server (default: the cluster's own, as a pod sees it)")
      .value_name("URL");
  parser.add("--token-file", options.token_file, "The agent's token (default: the pod's service account)")
      .value_name("FILE");
  parser.add("--ca-file", options.ca_file, "The API server's CA (default: that beside the pod's token)")
      .value_name("FILE");
  parser.add("--watch-config", options.watch_config, "Registry files, checked and copied whenever they change")
      .value_name("DIR");
  parser.add("--watch-secrets", options.watch_secrets, "Secret files, copied whenever they change").value_name("DIR");
  parser.add("--into", options.into, "Where they are copied to (default: /etc/regcred)").value_name("DIR");
  parser.add("--host-root", options.host_root, "The node's file system: ready only when `node status` is up to date")
      .value_name("DIR");
  parser.add_flag("--once", options.once, "Do what there is to do, serve nothing, and end");
}

}  // namespace regcred::core
