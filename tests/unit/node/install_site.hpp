// SPDX-License-Identifier: Apache-2.0
// A node on which an installation runs, ends at any step, or meets a kubelet that does not come up.
#pragma once

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"
#include "node/environment_file.hpp"
#include "node/installer.hpp"
#include "node/provider_programs.hpp"
#include "unit/node/planned_node.hpp"

namespace regcred::testing {

inline constexpr int never = 1'000'000;

// Does the first steps, half of the next one, and nothing after that, as a process that is killed.
class StoppedFiles final : public core::NodeFiles {
 public:
  StoppedFiles(const core::HostRoot &root, int steps) : real_(root), left_(steps) {}

  core::Status make_directory(const std::string &path) override {
    return step([&] { return real_.make_directory(path); });
  }
  core::Status create_file(const std::string &path, std::string_view text, unsigned mode,
                           const std::string &like) override {
    if (left_ == 0) static_cast<void>(real_.create_file(path, text.substr(0, text.size() / 2), mode, like));
    return step([&] { return real_.create_file(path, text, mode, like); });
  }
  core::Status copy_file(const std::string &from, const std::string &path, unsigned mode) override {
    if (left_ == 0) static_cast<void>(real_.create_file(path, "", mode, ""));
    return step([&] { return real_.copy_file(from, path, mode); });
  }
  core::Status make_link(const std::string &path, const std::string &target) override {
    return step([&] { return real_.make_link(path, target); });
  }
  core::Status rename(const std::string &from, const std::string &to) override {
    return step([&] { return real_.rename(from, to); });
  }
  core::Status remove(const std::string &path) override {
    return step([&] { return real_.remove(path); });
  }
  core::Status remove_tree(const std::string &path) override {
    return step([&] { return real_.remove_tree(path); });
  }
  core::Status sync_directory(const std::string &path) override {
    return step([&] { return real_.sync_directory(path); });
  }
  // Also of the kubelet's control: a killed process restarts nothing.
  [[nodiscard]] bool has_stopped() const { return left_ < 0; }

 private:
  template <class Do>
  core::Status step(Do work) {
    if (left_-- > 0) return work();
    left_ = -1;
    return core::fail(core::ErrorCode::internal, "test", "stopped");
  }

  core::RealNodeFiles real_;
  int left_;
};

// The kubelet of the node: it starts when its flags, its files and their programs are as a kubelet needs them.
class FakeKubelet final : public core::KubeletControl {
 public:
  FakeKubelet(FakeNode &node, core::KubernetesVersion version) : node_(node), version_(version) {}

  std::string running() override { return process_ == 0 ? "" : std::to_string(process_) + "@1000000005"; }
  core::Status judge(const std::string &program, const std::string &configuration) override {
    judged += program + ' ' + configuration + '\n';
    return refuses_configuration ? core::Status(core::fail(core::ErrorCode::config, "check", "1 error"))
                                 : core::Status{};
  }
  core::Status restart() override {
    if (files != nullptr && files->has_stopped()) return core::fail(core::ErrorCode::internal, "test", "stopped");
    ++restarts;
    start();
    return {};
  }
  core::Status watch(const std::string &before) override {
    if (files != nullptr && files->has_stopped()) return core::fail(core::ErrorCode::internal, "test", "stopped");
    if (process_ != 0 && running() != before) return {};
    return core::fail(core::ErrorCode::deadline, "the kubelet", "exit status 1");
  }

  // Why a kubelet would not start now; empty when it would.
  [[nodiscard]] std::string fault() const {
    const core::ProviderFlags flags = flags_now();
    if (flags.config_path.empty() && flags.bin_directory.empty()) return {};
    std::vector<core::Finding> findings;
    const core::HostRoot root = node_.root();
    core::ProviderConfig read = core::read_provider_config(flags.config_path, version_, findings, {}, root);
    core::judge_programs(read, {root, flags.bin_directory, "/usr/bin/regcred"}, findings);
    for (const std::string &file : read.files) {
      std::ifstream stream(file);
      const std::string text{std::istreambuf_iterator<char>(stream), {}};
      if (!dislikes.empty() && text.find(dislikes) != std::string::npos) return "dislikes " + file;
      if (text.find(needs) == std::string::npos) return "needs more than " + file;
    }
    const core::Finding *const error = core::first_refusal(findings);
    return error == nullptr ? std::string() : error->where + ' ' + error->what;
  }
  // The same, said by the kubelet's own code: the program that $KUBELET_JUDGE names (tests/kubelet/judge), run with the
  // node as its root. Empty without that variable.
  [[nodiscard]] std::string refusal_by_kubelet() const {
    const char *const judge = std::getenv("KUBELET_JUDGE");
    const core::ProviderFlags flags = flags_now();
    if (judge == nullptr || flags.config_path.empty()) return {};
    const core::UniqueFd program(::open(judge, O_RDONLY | O_CLOEXEC));
    const std::string root = node_.here("/");
    const pid_t child = ::fork();
    if (child == 0) {
      const char *const words[] = {"judge", flags.config_path.c_str(), flags.bin_directory.c_str(), nullptr};
      char *const none[] = {nullptr};
      if (::chroot(root.c_str()) == 0 && ::chdir("/") == 0) {
        ::syscall(SYS_execveat, program.get(), "", const_cast<char *const *>(words), none, AT_EMPTY_PATH);
      }
      ::_exit(126);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ++judgements;
    return status == 0 ? std::string() : "judge ended with wait status " + std::to_string(status);
  }
  void start() {
    process_ = fault().empty() ? ++last_ : 0;
    const core::ProviderFlags flags = flags_of_file();
    if (flags_of_command_line.config_path.empty()) {
      node_.add({911, 1, "/usr/bin/kubelet", "/usr/bin/kubelet " + core::with_provider_flags("--v=2", flags)});
    }
  }

  core::ProviderFlags flags_of_command_line;
  StoppedFiles *files = nullptr;
  std::string dislikes;  // a text in its files for a reason that nobody foresees
  std::string needs;     // the same for a text that is missing
  bool refuses_configuration = false;
  std::string judged;
  int restarts = 0;
  static inline int judgements = 0;  // by the kubelet's own code

 private:
  [[nodiscard]] core::ProviderFlags flags_now() const {
    return flags_of_command_line.config_path.empty() ? flags_of_file() : flags_of_command_line;
  }
  [[nodiscard]] core::ProviderFlags flags_of_file() const {
    const core::Result<std::string> text = node_.root().read("/etc/default/kubelet", 10000);
    const core::Result<core::EnvironmentFile> file = core::EnvironmentFile::parse(text.value_or(""), "x");
    return core::command_line_flags(core::argument_words(file ? file->value("KUBELET_EXTRA_ARGS").value_or("") : ""));
  }

  FakeNode &node_;
  core::KubernetesVersion version_;
  int process_ = 911;
  int last_ = 911;
};

// In memory where programs may run from there: each step is written to the disk, which takes a disk its time.
struct InMemory {
  InMemory() {
    struct statvfs mount {};
    if (::statvfs("/dev/shm", &mount) == 0 && (mount.f_flag & ST_NOEXEC) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  }
};

// A node, its kubelet and a small tree of regcred.
class Site : InMemory, public PlannedNode {
 public:
  void TestBody() override {}
  Site() : root_(node_.root()), kubelet_(node_, version_) {
    for (const char *name : {"bin/regcred", "lib/regcred/backends/static.so", "share/regcred/schema/s.json"}) {
      static_cast<void>(tree_.write(name, name, 0755));
    }
    own_.tree = tree_.path();
    own_.registries = {{"config.d/10-a.yaml", "first: 1\n", 0644}, {"config.d/20-b.yaml", "second: 1\n", 0600}};
  }
  void merge_into(const std::string &text) {
    node_.write("/etc/p.yaml", text, 0640);
    node_.write("/opt/plugins/theirs", "x", 0755);
    start_with("/etc/p.yaml", "/opt/plugins");
    kubelet_.flags_of_command_line = {"/etc/p.yaml", "/opt/plugins", ""};
  }
  void with_flags() {
    add_kubeadm_unit("/etc/default/kubelet");
    node_.write("/etc/default/kubelet", "KUBELET_EXTRA_ARGS=\"--v=2\"\n");
    start("/usr/bin/kubelet", "--v=2");
  }

  // Looks at the node as a new process, and installs within `steps`.
  core::Result<core::InstallResult> install(int steps = never, core::RestartMode mode = core::RestartMode::automatic) {
    StoppedFiles files(root_, steps);
    kubelet_.files = &files;
    core::Installer installer(root_, files, kubelet_);
    const core::Status recovered = installer.recover();
    core::Result<core::InstallResult> result;
    if (!recovered) {
      result = tl::make_unexpected(recovered.error());
    } else {
      const core::Result<core::InstallPlan> planned = look();
      const core::Finding *const error = planned ? core::first_refusal(planned->findings) : nullptr;
      if (error != nullptr) {
        result = core::fail(core::ErrorCode::config, error->where, error->what);
      } else {
        result = installer.install(*planned, outlook(*planned), facts_, own_, mode);
      }
    }
    kubelet_.files = nullptr;
    has_stopped_ = files.has_stopped();
    return result;
  }
  core::Result<core::InstallResult> remove(int steps = never, core::RestartMode mode = core::RestartMode::automatic) {
    StoppedFiles files(root_, steps);
    kubelet_.files = &files;
    core::Installer installer(root_, files, kubelet_);
    const core::Status recovered = installer.recover();
    core::Result<core::InstallResult> result;
    if (!recovered) {
      result = tl::make_unexpected(recovered.error());
    } else {
      static_cast<void>(look());
      const core::Result<core::RemovalPlan> planned = core::plan_removal(facts_, root_);
      if (planned) {
        result = installer.remove(*planned, facts_, mode);
      } else {
        result = tl::make_unexpected(planned.error());
      }
    }
    kubelet_.files = nullptr;
    has_stopped_ = files.has_stopped();
    return result;
  }
  core::Result<core::InstallPlan> look() {
    core::Result<core::InstallPlan> planned = plan();
    EXPECT_TRUE(planned) << (planned ? "" : planned.error().what);
    const std::string running = kubelet_.running();  // of which /proc has the number only
    if (facts_.state.unread_by == running) facts_.state.unread_by = core::process_identity(facts_.kubelet->process);
    return planned;
  }
  bool is_up_to_date() {
    const core::Result<core::InstallPlan> planned = look();
    return planned && outlook(*planned).is_up_to_date();
  }
  std::string read(const std::string &path) const { return root_.read(path, 100000).value_or("(none)"); }
  // Names that only exist while something is written.
  std::vector<std::string> leftovers() const {
    std::vector<std::string> names;
    for (const auto &item : std::filesystem::recursive_directory_iterator(node_.here(""))) {
      const std::string name = item.path().filename();
      if (name.ends_with(".regcred-new") || name.starts_with(".new-") || name == "staged" || name == "journal.json") {
        names.push_back(item.path());
      }
    }
    return names;
  }

  core::HostRoot root_;
  FakeKubelet kubelet_;
  TemporaryDirectory tree_;
  bool has_stopped_ = false;
};

}  // namespace regcred::testing
