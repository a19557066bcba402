// SPDX-License-Identifier: Apache-2.0
#include "node/kubelet_rules.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "common/text.hpp"
#include "config/proxy.hpp"
#include "node/kubelet_flags.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

// Where images of nodes have their own CredentialProviderConfig: EKS (nodeadm), AKS, GKE.
constexpr std::array<const char *, 3> vendor_files = {"/etc/eks/image-credential-provider/config.json",
                                                      "/var/lib/kubelet/credential-provider-config.yaml",
                                                      "/etc/srv/kubernetes/cri_auth_config.yaml"};

constexpr std::int64_t rounding_s = 2;  // of a start's time, which is counted from a boot's in whole seconds

// A proxy's URL without user and password.
std::string host_of_proxy(const std::string &url) {
  const std::size_t scheme = url.find("://");
  const std::size_t from = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t at = url.rfind('@');
  if (at == std::string::npos || at < from) return url;
  return url.substr(0, from) + url.substr(at + 1);  // guard: proxy-shown-without-user
}

bool has(const Environment &environment, const char *upper, const char *lower) {
  return environment.get(upper).has_value() || environment.get(lower).has_value();
}

class KubeletRules {
 public:
  KubeletRules(const RunningKubelet &kubelet, const HostRoot &root, const Environment &environment)
      : kubelet_(kubelet), root_(root), environment_(environment) {}

  std::vector<Finding> findings() {
    flags();
    proxy();
    changed_files();
    if (kubelet_.process.is_replaced) {
      add(Severity::note, "kubelet-replaced",
          kubelet_.process.executable + " was replaced since the kubelet started: its next start is another version",
          "give --kubernetes-version with the new one, too");
    }
    return std::move(findings_);
  }

 private:
  void add(Severity severity, const char *rule, std::string what, std::string cure) {
    findings_.push_back({severity, rule, kubelet_place(kubelet_), std::move(what), std::move(cure)});
  }

  void flags() {
    const bool has_config = !kubelet_.config_path.empty();
    const bool has_directory = !kubelet_.bin_directory.empty();
    if (has_config && has_directory) return;
    const std::string config = "--" + std::string(provider_config_flag);
    const std::string directory = "--" + std::string(provider_bin_flag);
    if (has_config || has_directory) {
      add(Severity::error, "kubelet-flags",
          (has_config ? config : directory) + " is given without " + (has_config ? directory : config),
          "give both in " + kubelet_.flags_origin);
    } else if (kubelet_.host == KubeletHost::systemd) {
      add(Severity::error, "kubelet-flags",
          "neither " + config + " nor " + directory + " is given: the kubelet asks no provider",
          "give both, and restart it; with kubeadm in KUBELET_EXTRA_ARGS of /etc/default/kubelet");
    } else {
      const std::string name = kubelet_.host == KubeletHost::k3s ? "k3s" : "rke2";
      add(Severity::error, "kubelet-flags",
          "the kubelet asks no provider: " + name +
              " gives it a file and a bin directory only when both are there (/var/lib/rancher/credentialprovider/"
              "config.yaml and bin, or those of its own flags)",
          "put both there, and restart " + name);
    }
  }

  void proxy() {
    const Environment of_kubelet(kubelet_.variables);
    const Result<ProxyConfig> proxy = proxy_from_environment(of_kubelet);
    if (!proxy) {
      const Error &error = proxy.error();
      return add(Severity::warning, "kubelet-proxy", error.where + ": " + error.what, error.cure);
    }
    const bool has_https = has(of_kubelet, "HTTPS_PROXY", "https_proxy");
    if (!has_https && has(of_kubelet, "HTTP_PROXY", "http_proxy")) {
      add(Severity::note, "kubelet-proxy",
          "the kubelet has HTTP_PROXY, but not HTTPS_PROXY: regcred, which uses https only, takes no proxy from it",
          "set HTTPS_PROXY for the kubelet, too, or defaults.proxy in the configuration");
    }
    if (has_https != has(environment_, "HTTPS_PROXY", "https_proxy")) {
      add(Severity::note, "kubelet-proxy",
          has_https ? "the kubelet has HTTPS_PROXY, which this shell has not"
                    : "this shell has HTTPS_PROXY, which the kubelet has not",
          "try an image in the kubelet's environment: `regcred doctor IMAGE --as-kubelet`");
    }
  }

  void changed_files() {
    if (kubelet_.process.started_s == 0 || kubelet_.config_path.empty()) return;
    const auto is_newer = [&](const std::string &path) {
      struct stat status {};
      return ::stat(root_.real(path).c_str(), &status) == 0 &&
             status.st_mtime > kubelet_.process.started_s + rounding_s;
    };
    std::string newer = is_newer(kubelet_.config_path) ? kubelet_.config_path : std::string();
    std::error_code error;
    for (fs::directory_iterator entry(root_.real(kubelet_.config_path), error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string path = kubelet_.config_path + '/' + entry->path().filename().string();
      if (is_newer(path)) newer = path;
    }
    if (newer.empty()) return;
    add(Severity::warning, "kubelet-restart",
        newer + " changed after the kubelet started, which reads it at its start only", "restart the kubelet");
  }

  const RunningKubelet &kubelet_;
  const HostRoot &root_;
  const Environment &environment_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string kubelet_place(const RunningKubelet &kubelet) {
  return std::string(kubelet.host == KubeletHost::k3s ? "k3s" : "kubelet") + " (process " +
         std::to_string(kubelet.process.id) + ')';
}

std::string proxy_words(const RunningKubelet &kubelet) {
  const Result<ProxyConfig> proxy = proxy_from_environment(Environment(kubelet.variables));
  if (!proxy) return "HTTPS_PROXY or NO_PROXY cannot be used";
  if (proxy->url.empty()) return "none";
  const bool exceptions = !proxy->no_proxy.empty();
  return host_of_proxy(proxy->url) + (exceptions ? ", not for " + printable(proxy->no_proxy, 200) : "");
}

std::vector<Finding> check_running_kubelet(const RunningKubelet &kubelet, const HostRoot &root,
                                           const Environment &environment) {
  return KubeletRules(kubelet, root, environment).findings();
}

std::vector<Finding> check_vendor_file(const RunningKubelet &kubelet, const HostRoot &root, const ProviderConfig &read,
                                       KubernetesVersion version) {
  std::vector<Finding> findings;
  for (const std::string file : vendor_files) {
    if (!root.is_file(file)) continue;
    std::vector<Finding> ignored;  // of a file that is not in use, or was judged already
    for (const KubeletProvider &vendor : read_provider_config(file, version, ignored, {}, root).providers) {
      const bool is_kept = std::any_of(read.providers.begin(), read.providers.end(),
                                       [&](const KubeletProvider &kept) { return kept.name.text == vendor.name.text; });
      if (is_kept || vendor.name.text.empty()) continue;
      findings.push_back(
          {Severity::warning, "vendor-provider-left", kubelet_place(kubelet),
           "the node came with " + in_quotes(vendor.name.text) + " in " + file +
               ", which the kubelet does not read now: images of the cloud's registry may fail",
           "copy its entry into " + kubelet.config_path + ", and its program into " + kubelet.bin_directory});
    }
  }
  return findings;
}

}  // namespace regcred::core
