// SPDX-License-Identifier: Apache-2.0
// --as-kubelet: runs a command for an image with the environment of the running kubelet, and with the args and env of
// the provider that the kubelet calls for the image.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/identity.hpp"
#include "cluster/provider_config.hpp"
#include "node/running_kubelet.hpp"

namespace regcred::core {

struct AsKubeletOptions {
  bool is_set = false;
  std::string host_root = "/";
};
void add_as_kubelet_options(ArgumentParser &parser, AsKubeletOptions &options);

// What the kubelet starts for one image.
struct KubeletCall {
  RunningKubelet kubelet;
  KubeletProvider provider;
  Variables variables;    // the kubelet's and the provider's: may hold passwords of proxies
  CommonOptions options;  // of the provider's args
  HostRoot root;
};

// `image` as normalise_image gives it. Fails as find_running_kubelet does; with ErrorCode::usage when --config is
// given, too; with ErrorCode::config when the kubelet has no provider's configuration, does not start with it, or gives
// arguments that regcred refuses; with ErrorCode::no_match when it asks no provider that runs regcred for the image.
[[nodiscard]] Result<KubeletCall> find_kubelet_call(const AsKubeletOptions &options, const std::string &image,
                                                    const Context &context);

// `context` as it is in the kubelet's call. Refers to `environment`, which has the call's variables.
[[nodiscard]] Context called_context(const KubeletCall &call, const Environment &environment, const Context &context);

// read_identity for a call: a token for the provider's audience, with the annotations that the provider passes on;
// notes say what the kubelet would not send. `context` is that of this command, since kubectl works with it.
[[nodiscard]] Result<Identity> read_sent_identity(const KubeletCall &call, const IdentityOptions &options,
                                                  const std::vector<const RegistryEntry *> &candidates,
                                                  const Context &context);

// One line on the call, and one each for its args, the names of its variables and its proxy.
[[nodiscard]] std::vector<std::string> call_words(const KubeletCall &call);

}  // namespace regcred::core
