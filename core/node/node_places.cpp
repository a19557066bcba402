// SPDX-License-Identifier: Apache-2.0
#include "node/node_places.hpp"

namespace regcred::core {

Result<NodePlaces> places_of(const NodeFacts &facts) {
  const NodeSystem &system = facts.system;
  NodePlaces places{"/opt/regcred", "/etc/regcred", {}, {}, {}};
  if (system.id == "bottlerocket") {
    return fail(ErrorCode::config, "this node", "runs Bottlerocket, whose kubelet takes no provider from outside",
                "use other nodes for images that need regcred");
  }
  if (system.id == "talos") {
    return fail(ErrorCode::config, "this node", "runs Talos, which takes providers as system extensions only",
                "use the archive for Talos: regcred-VERSION-talos-ARCH.tar.gz");
  }
  if (system.id == "cos") {
    places.programs = "/home/kubernetes/regcred";
    places.configuration = places.programs + "/config";
    places.arguments = places.configuration;
  } else if (system.id == "rhcos" || system.id == "scos" || system.variant == "coreos") {
    places.programs = "/var/lib/regcred";
  }
  const bool is_rancher = facts.kubelet && facts.kubelet->host != KubeletHost::systemd;
  const std::string own = places.programs + "/kubelet";
  places.provider_file = is_rancher ? "/var/lib/rancher/credentialprovider/config.yaml" : own + "/providers.yaml";
  places.bin_directory = is_rancher ? "/var/lib/rancher/credentialprovider/bin" : own + "/bin";
  return places;
}

}  // namespace regcred::core
