// SPDX-License-Identifier: Apache-2.0
#include "node/install_outlook.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <optional>
#include <set>

#include "common/contains.hpp"
#include "common/file_path.hpp"
#include "common/limits.hpp"

namespace regcred::core {
namespace {

class Comparison {
 public:
  Comparison(const InstallPlan &plan, const NodeFacts &facts, const HostRoot &root)
      : plan_(plan), facts_(facts), root_(root) {}

  InstallOutlook outlook() {
    for (const InstallStep &step : plan_.steps) {
      const bool is_done = this->is_done(step);
      outlook_.is_done.push_back(is_done);
      if (is_done) continue;
      judge_place(step);
      judge_obstacle(step);
    }
    outlook_.restart = restart();
    return std::move(outlook_);
  }

 private:
  // Where the path lies here; the last name is not followed.
  [[nodiscard]] std::string entry(const std::string &path) const {
    return root_.real(parent_of(path)) + path.substr(path.rfind('/'));
  }

  [[nodiscard]] std::optional<std::string> link_target(const std::string &path) const {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(entry(path).c_str(), target.data(), target.size());
    if (size <= 0 || size >= PATH_MAX) return std::nullopt;
    return std::string(target.data(), static_cast<std::size_t>(size));
  }

  [[nodiscard]] bool is_done(const InstallStep &step) const {
    if (step.kind == InstallStep::Kind::tree) return root_.is_directory(step.path);
    if (step.is_link) return link_target(step.path) == step.content;
    if (!root_.is_file(step.path)) return false;
    const Result<std::string> text = root_.read(step.path, limits::config_file_bytes_max);
    return text && *text == step.content;
  }

  void add(const char *rule, const std::string &path, std::string what, std::string cure) {
    outlook_.findings.push_back({Severity::error, rule, root_.here(path), std::move(what), std::move(cure)});
  }

  // The nearest directory that is there must be able to take the file, and keep it as it is.
  void judge_place(const InstallStep &step) {
    std::string place = parent_of(step.path);
    while (place.size() > 1 && !root_.is_directory(place)) place = parent_of(place);
    const bool holds_programs = step.kind == InstallStep::Kind::tree || step.kind == InstallStep::Kind::current;
    if (!judged_.emplace(place, holds_programs).second) return;
    constexpr const char *other_place =
        "use --mode files, and give the kubelet directories of its own where its command line is made";
    if (const auto opened = root_.open_trusted_directory(place); !opened) {  // guard: node-place
      const Error &error = opened.error();
      const auto is_known = [&](const Finding &finding) { return finding.where == error.where; };
      if (std::any_of(outlook_.findings.begin(), outlook_.findings.end(), is_known)) return;
      return outlook_.findings.push_back({Severity::error, "node-place", error.where, error.what, error.cure});
    }
    struct statvfs mount {};
    if (::statvfs(root_.real(place).c_str(), &mount) != 0) return;
    if ((mount.f_flag & ST_RDONLY) != 0) {
      add("node-place", place, "lies on a file system that is mounted read-only", other_place);
    } else if (holds_programs && (mount.f_flag & ST_NOEXEC) != 0) {
      add("node-place", place, "lies on a file system that is mounted with noexec, so that no program starts there",
          "mount a directory with exec there");
    }
  }

  void judge_obstacle(const InstallStep &step) {
    struct stat status {};
    if (::lstat(entry(step.path).c_str(), &status) != 0) return;
    if (step.is_link) {
      const std::string target = link_target(step.path).value_or("");
      if (step.kind == InstallStep::Kind::current || target.ends_with("/regcred")) return;
      add("foreign-file", step.path, target.empty() ? "is not a link to regcred" : "is a link to " + target,
          "move it away, if no provider needs it");
    } else if (step.kind == InstallStep::Kind::registry) {
      const auto &ours = facts_.state.registries;
      if (contains(ours, step.path)) return;  // guard: foreign-registry-file
      add("foreign-file", step.path, "is there with another content, and no installation wrote it",
          "move it away, or leave --config away to use it");
    }
  }

  [[nodiscard]] std::string restart() const {
    if (plan_.mode == InstallMode::files || !facts_.kubelet) return {};
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const InstallStep &step = plan_.steps[i];
      if (outlook_.is_done[i]) continue;  // guard: restart-when-changed
      if (step.kind == InstallStep::Kind::providers) return "the kubelet reads " + step.path + " at its start only";
      if (step.kind == InstallStep::Kind::flags) return "it gets other flags by " + step.path;
    }
    const RunningKubelet &kubelet = *facts_.kubelet;
    if (facts_.state.unread_by == process_identity(kubelet.process)) {
      return "it was not restarted since its configuration changed";
    }
    if (plan_.mode == InstallMode::flags && kubelet.config_path != plan_.provider_file) {
      return "it runs without the flags that its unit now gives";
    }
    return {};
  }

  const InstallPlan &plan_;
  const NodeFacts &facts_;
  const HostRoot &root_;
  std::set<std::pair<std::string, bool>> judged_;
  InstallOutlook outlook_;
};

}  // namespace

bool InstallOutlook::is_up_to_date() const {
  return restart.empty() && std::all_of(is_done.begin(), is_done.end(), [](bool done) { return done; });
}

InstallOutlook compare_with_node(const InstallPlan &plan, const NodeFacts &facts, const HostRoot &root) {
  return Comparison(plan, facts, root).outlook();
}

}  // namespace regcred::core
