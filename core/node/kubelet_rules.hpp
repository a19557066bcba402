// SPDX-License-Identifier: Apache-2.0
// What is wrong with the running kubelet: its flags, its environment, files that it has not read yet.
#pragma once

#include <string>
#include <vector>

#include "cluster/provider_config.hpp"
#include "common/finding.hpp"
#include "node/running_kubelet.hpp"

namespace regcred::core {

// "kubelet (process 812)": the place of findings about it.
[[nodiscard]] std::string kubelet_place(const RunningKubelet &kubelet);

// "http://proxy.example.com:3128, not for 3 hosts of NO_PROXY": the proxy of its environment, without a password.
[[nodiscard]] std::string proxy_words(const RunningKubelet &kubelet);

// Rules:
//   kubelet-flags    neither flag is given, so that it asks no provider, or one without the other: error
//   kubelet-proxy    its HTTPS_PROXY or NO_PROXY cannot be used: warning, since the configuration may name another
//                    proxy; only HTTP_PROXY is set, or a proxy that this command's `environment` has and the kubelet
//                    has not, or the other way round: note
//   kubelet-restart  a file of its configuration changed after it started: it still works with the old one: warning
//   kubelet-replaced its executable was replaced since it started, so that it becomes another version: note
[[nodiscard]] std::vector<Finding> check_running_kubelet(const RunningKubelet &kubelet, const HostRoot &root,
                                                         const Environment &environment);

// Rule:
//   vendor-provider-left  the provider's file that this kind of node comes with is not read any more, and `kubelet` has
//                         no provider of its name: the node's own images may need it: warning
[[nodiscard]] std::vector<Finding> check_vendor_file(const RunningKubelet &kubelet, const HostRoot &root,
                                                     const ProviderConfig &read, KubernetesVersion version);

}  // namespace regcred::core
