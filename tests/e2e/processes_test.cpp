// SPDX-License-Identifier: Apache-2.0
// What the processes of one request look like from outside while the server lets them wait.
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "e2e/fixture.hpp"

namespace regcred::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string read_file(const std::string &path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Pids of all processes whose parent is `parent`.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> pids;
  const std::string own = std::to_string(parent);
  for (const auto &entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string status = read_file(entry.path() / "stat");
    const std::size_t after_name = status.rfind(") ");
    if (after_name == std::string::npos) continue;
    if (status.substr(after_name + 4).starts_with(own + " ")) pids.push_back(std::stoi(name));
  }
  return pids;
}

class Processes : public EndToEnd {
 protected:
  // Runs a request that the server lets wait, and calls `look` with the pids of parent and worker meanwhile.
  ProcessOutput look_at(const std::function<void(pid_t parent, pid_t worker)> &look) {
    cloudsmith_.set_fault({.times = 1, .delay_ms = 1500});
    ProcessOutput output;
    std::thread asking([&] {
      output = program_.empty() ? ask(usual_config(), request()) : run_process({program_, request(), {}});
    });
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    pid_t parent = 0;
    pid_t worker = 0;
    while (worker == 0 && std::chrono::steady_clock::now() < give_up) {
      for (const pid_t child : children_of(::getpid())) {
        const std::vector<pid_t> grandchildren = children_of(child);
        // Wait until the worker has the module with the network's libraries: then it is asking.
        if (grandchildren.size() != 1 || maps(grandchildren[0]).find("regcred-http") == std::string::npos) continue;
        parent = child;
        worker = grandchildren[0];
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (worker != 0) look(parent, worker);
    asking.join();
    EXPECT_NE(worker, 0) << "no worker was seen";
    return output;
  }
  std::vector<std::string> program_;  // with its arguments; empty: regcred with the usual configuration
  static std::string maps(pid_t pid) { return read_file("/proc/" + std::to_string(pid) + "/maps"); }
  static std::string environment(pid_t pid) { return read_file("/proc/" + std::to_string(pid) + "/environ"); }
  static std::string arguments(pid_t pid) { return read_file("/proc/" + std::to_string(pid) + "/cmdline"); }
};

TEST_F(Processes, only_the_worker_maps_libcurl_and_openssl) {
  const ProcessOutput output = look_at([](pid_t parent, pid_t worker) {
    EXPECT_THAT(maps(worker), HasSubstr("cloudsmith.so"));
    for (const char *library : {"libcurl", "libssl", "libcrypto", "regcred-http", "cloudsmith.so"}) {
      EXPECT_THAT(maps(parent), Not(HasSubstr(library)));
    }
  });
  credential(output);
}

TEST_F(Processes, S3_no_secret_in_arguments_or_environment) {
  look_at([this](pid_t parent, pid_t worker) {
    for (const pid_t pid : {parent, worker}) {
      EXPECT_EQ(regcred::test::find_leak(token_, arguments(pid) + environment(pid)), std::nullopt);
    }
  });
}

TEST_F(Processes, I2_the_worker_holds_none_of_the_kubelets_pipes) {
  look_at([](pid_t parent, pid_t worker) {
    const auto target = [](pid_t pid, int fd) {
      return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd)).string();
    };
    std::vector<std::string> kubelets;
    for (const int fd : {0, 1, 2}) kubelets.push_back(target(parent, fd));
    for (const auto &entry : std::filesystem::directory_iterator("/proc/" + std::to_string(worker) + "/fd")) {
      std::error_code gone;
      const std::string open = std::filesystem::read_symlink(entry.path(), gone);
      EXPECT_EQ(std::find(kubelets.begin(), kubelets.end(), open), kubelets.end()) << entry.path() << " is " << open;
    }
    EXPECT_EQ(target(worker, 0), "/dev/null");
    EXPECT_EQ(target(worker, 1), "/dev/null");
  });
}

// The files in /proc of a process that is not dumpable belong to root, whoever runs it (proc(5)).
TEST_F(Processes, S2_neither_parent_nor_worker_can_be_traced_by_peers) {
  constexpr uid_t nobody = 65534;
  const std::string config = directory_.write("config.yaml", usual_config(), 0644);
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(ca_file_, std::filesystem::perms(0644));
  program_ = {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
              REGCRED_PROGRAM,    "--config",      config};
  const ProcessOutput output = look_at([](pid_t parent, pid_t worker) {
    for (const pid_t pid : {parent, worker}) {
      const std::string process = "/proc/" + std::to_string(pid);
      EXPECT_THAT(read_file(process + "/status"), HasSubstr("\nUid:\t" + std::to_string(nobody)));
      struct stat memory {};
      ASSERT_EQ(::stat((process + "/mem").c_str(), &memory), 0);
      EXPECT_EQ(memory.st_uid, 0U);
    }
  });
  credential(output);
}

TEST_F(Processes, nothing_is_left_after_an_answer) {
  credential(ask(usual_config(), request()));
  EXPECT_TRUE(children_of(::getpid()).empty());
}

}  // namespace
}  // namespace regcred::testing
