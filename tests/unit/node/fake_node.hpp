// SPDX-License-Identifier: Apache-2.0
// A node's file system with a /proc, built from a few lines for each process.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "common/host_root.hpp"
#include "support/process.hpp"

namespace regcred::testing {

struct FakeProcess {
  int id = 0;
  int parent = 1;
  std::string executable;                   // where /proc/PID/exe leads
  std::string command_line;                 // words with blanks between
  std::vector<std::string> variables = {};  // NAME=VALUE
  std::string name = "x";                   // what the process calls itself
  unsigned owner = 0;
  bool has_one_text = false;  // the command line is one text, as k3s sets it
};

class FakeNode {
 public:
  FakeNode() {
    write("/proc/stat", "cpu 1 2 3\nbtime 1000000000\nprocesses 7\n");
    add({1, 0, "/usr/lib/systemd/systemd", "/sbin/init"});
  }

  void add(const FakeProcess &process) {
    const std::string folder = "/proc/" + std::to_string(process.id);
    std::string fields = "S " + std::to_string(process.parent);
    for (int field = 5; field < 22; ++field) fields += " 0";
    write(folder + "/stat", std::to_string(process.id) + " (" + process.name + ") " + fields + " 500 0 0\n");
    std::string words = process.command_line + ' ';
    if (!process.has_one_text) std::replace(words.begin(), words.end(), ' ', '\0');
    write(folder + "/cmdline", words);
    std::string environment;
    for (const std::string &variable : process.variables) environment += variable + '\0';
    write(folder + "/environ", environment);
    if (!process.executable.empty()) link(folder + "/exe", process.executable);
    if (::chown(here(folder).c_str(), process.owner, process.owner) != 0) throw std::runtime_error("chown");
  }

  void write(const std::string &path, const std::string &content, unsigned mode = 0644) const {
    directory_.write(path.substr(1), content, mode);
  }
  void link(const std::string &path, const std::string &target) const {
    std::filesystem::create_directories(std::filesystem::path(here(path)).parent_path());
    std::filesystem::remove(here(path));
    std::filesystem::create_symlink(target, here(path));
  }
  void make_directory(const std::string &path) const { std::filesystem::create_directories(here(path)); }

  [[nodiscard]] std::string here(const std::string &path) const { return directory_.path() + path; }
  [[nodiscard]] core::HostRoot root() const { return core::HostRoot(directory_.path()); }

 private:
  TemporaryDirectory directory_;
};

}  // namespace regcred::testing
