// SPDX-License-Identifier: Apache-2.0
#include "node/running_kubelet.hpp"

#include <algorithm>

#include "common/join.hpp"
#include "node/kubelet_flags.hpp"

namespace regcred::core {
namespace {

constexpr int first_process = 1;

class KubeletSearch {
 public:
  explicit KubeletSearch(const HostRoot &root, std::vector<Process> processes)
      : root_(root), processes_(std::move(processes)) {}

  Result<RunningKubelet> find() {
    for (const Process &process : processes_) consider(process);
    if (found_.size() == 1) return opened(std::move(found_.front()));
    if (found_.empty()) return none();
    const auto id = [](const RunningKubelet &kubelet) { return std::to_string(kubelet.process.id); };
    return fail(ErrorCode::usage, root_.here("/proc"), "has several kubelets: processes " + joined(found_, id),
                "end those that are not the node's; --kubelet-config and --bin-dir judge files without a kubelet");
  }

 private:
  [[nodiscard]] static bool is_service(const Process &process) {
    return process.is_roots && process.parent == first_process;  // guard: kubelet-is-a-service
  }

  [[nodiscard]] bool is_below_rke2(const Process &process) const {
    return process.is_roots && std::any_of(processes_.begin(), processes_.end(), [&](const Process &parent) {
             return parent.id == process.parent && parent.name == "rke2" && is_service(parent);
           });
  }

  void consider(const Process &process) {
    if (process.name == "rke2" && is_service(process)) waiting_ = "rke2 runs, but not yet its kubelet";
    if (process.name == "kubelet") {
      const bool is_rke2 = is_below_rke2(process);
      if (is_rke2 || is_service(process)) {
        found_.push_back({is_rke2 ? KubeletHost::rke2 : KubeletHost::systemd, process, {}, {}, {}, {}, {}});
      } else {
        others_.push_back(std::to_string(process.id));
      }
    }
    if (!process.name.starts_with("k3s") || !is_service(process)) return;
    const Result<std::vector<std::string>> arguments = read_arguments(root_, process);
    if (arguments && is_k3s_node(*arguments)) found_.push_back({KubeletHost::k3s, process, {}, {}, {}, {}, {}});
  }

  tl::unexpected<Error> none() const {
    std::string what = "no kubelet runs: no process of root is called kubelet, k3s or rke2 and has process 1 as parent";
    if (!others_.empty()) what += "; process " + joined(others_) + " is called kubelet, but was started otherwise";
    if (!waiting_.empty()) what = waiting_;
    return fail(ErrorCode::usage, root_.here("/proc"), what,
                waiting_.empty() ? "run this on the node; --kubelet-config and --bin-dir judge files without a kubelet"
                                 : "see /var/lib/rancher/rke2/agent/logs/kubelet.log");
  }

  Result<RunningKubelet> opened(RunningKubelet kubelet) const {
    const Result<std::vector<std::string>> arguments = read_arguments(root_, kubelet.process);
    if (!arguments) return tl::make_unexpected(arguments.error());
    Result<Variables> variables = read_variables(root_, kubelet.process);
    if (!variables) return tl::make_unexpected(variables.error());
    kubelet.variables = std::move(*variables);
    const Result<ProviderFlags> flags =
        kubelet.host == KubeletHost::k3s ? k3s_flags(root_, *arguments) : command_line_flags(*arguments);
    if (!flags) return tl::make_unexpected(flags.error());
    kubelet.config_path = flags->config_path;
    kubelet.bin_directory = flags->bin_directory;
    kubelet.flags_origin = flags->origin;
    if (kubelet.host == KubeletHost::rke2) kubelet.version = version_in_path(kubelet.process.executable);
    return kubelet;
  }

  const HostRoot &root_;
  std::vector<Process> processes_;
  std::vector<RunningKubelet> found_;
  std::vector<std::string> others_;  // called kubelet, but not one
  std::string waiting_;
};

}  // namespace

Result<RunningKubelet> find_running_kubelet(const HostRoot &root) {
  Result<std::vector<Process>> processes = read_processes(root);
  if (!processes) return tl::make_unexpected(processes.error());
  return KubeletSearch(root, std::move(*processes)).find();
}

}  // namespace regcred::core
