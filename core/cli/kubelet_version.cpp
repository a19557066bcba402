// SPDX-License-Identifier: Apache-2.0
#include "cli/kubelet_version.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "cli/child_process.hpp"
#include "cluster/kubernetes_version.hpp"
#include "common/file_path.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

constexpr std::int64_t answer_ms_max = 5000;
constexpr std::size_t answer_bytes_max = 4096;

// "Kubernetes v1.34.1", "k3s version v1.34.1+k3s1 (0123abcd)": its first word that is a version.
std::optional<std::string> version_word(const std::string &text) {
  for (std::size_t at = text.find('v'); at != std::string::npos; at = text.find('v', at + 1)) {
    const std::string word = text.substr(at, text.find_first_of(" \n", at) - at);
    if (parse_kubernetes_version(word)) return word;
  }
  return std::nullopt;
}

// Whether a program of another root may be run: of one whose processes are real, since a tree of files may hold any
// /proc.
bool is_trusted_on(const HostRoot &root, const std::string &path) {
  struct statfs mount {};
  if (::statfs(root.here("/proc").c_str(), &mount) != 0 || mount.f_type != PROC_SUPER_MAGIC) return false;
  const Result<UniqueFd> directory = root.open_trusted_directory(parent_of(path));
  if (!directory) return false;
  const UniqueFd program(::openat(directory->get(), file_name_of(path).c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  return program && is_file_of_ours(program.get());
}

}  // namespace

std::optional<std::string> version_of(const RunningKubelet &kubelet, const HostRoot &root, const Context &context) {
  if (kubelet.version) return kubelet.version;
  const std::string &path = kubelet.process.executable;
  const std::size_t slash = path.rfind('/');
  if (kubelet.process.is_replaced || slash == std::string::npos) return std::nullopt;
  const bool is_trusted = root.is_ours() ? open_trusted(path, FileTrust::integrity, ErrorCode::config).has_value()
                                         : is_trusted_on(root, path);
  if (!is_trusted) return std::nullopt;
  const Environment environment({{"PATH", path.substr(0, slash)}});
  const Deadline deadline{context.clock.monotonic_ms() + answer_ms_max};
  const Result<ChildOutput> answer = run_child(
      {{path.substr(slash + 1), "--version"}, answer_bytes_max, deadline, root.is_ours() ? "" : root.here("/")},
      environment, context.clock);
  return answer && answer->status == 0 ? version_word(answer->out) : std::nullopt;
}

}  // namespace regcred::core
