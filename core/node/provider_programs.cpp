// SPDX-License-Identifier: Apache-2.0
#include "node/provider_programs.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <cstring>
#include <fstream>
#include <optional>

#include "common/program_file.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

constexpr const char *plain_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+";

std::string head_of(const std::string &path) {
  std::array<char, program_head_bytes_max> head{};
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), head.size());
  return {head.data(), static_cast<std::size_t>(file.gcount())};
}

bool same_bytes(const std::string &one, const std::string &other) {
  std::ifstream a(one, std::ios::binary);
  std::ifstream b(other, std::ios::binary);
  std::array<char, 65536> left{};
  std::array<char, 65536> right{};
  do {
    a.read(left.data(), left.size());
    b.read(right.data(), right.size());
    if (a.gcount() != b.gcount() || std::memcmp(left.data(), right.data(), left.size()) != 0) return false;
  } while (a.gcount() > 0);
  return true;
}

class ProgramRules {
 public:
  ProgramRules(const ProgramPlace &place, KubeletProvider &provider, std::vector<Finding> &findings)
      : place_(place),
        provider_(provider),
        findings_(findings),
        path_(place.bin_directory + '/' + provider.name.text),
        real_(place.root.real(path_)) {}

  void judge() {
    if (!is_started() || !has_interpreter()) return;
    identify();
    if (const auto trusted = open_trusted(real_, FileTrust::integrity, ErrorCode::config); !trusted) {
      add(Severity::warning, "program-trust", path_ + ": " + trusted.error().what, trusted.error().cure);
    }
  }

 private:
  void add(Severity severity, const char *rule, std::string what, std::string cure) {
    findings_.push_back({severity, rule, provider_.name.where, std::move(what), std::move(cure)});
  }

  // How our link comes to this path. What a shell would read otherwise is not shown as a command.
  [[nodiscard]] std::string make_link(const char *command) const {
    const bool is_plain = (place_.own_executable + path_).find_first_not_of(plain_characters) == std::string::npos;
    if (!place_.root.is_ours() || !is_plain) return "put a link to regcred there";
    return std::string(command) + ' ' + place_.own_executable + ' ' + path_;
  }

  bool is_started() {
    constexpr const char *stops = ", and the kubelet does not start";
    struct stat status {};
    if (::stat(real_.c_str(), &status) != 0) {
      const bool is_link = place_.root.real_on_node(path_) != path_;
      add(Severity::error, "program-missing",
          is_link ? path_ + " is a link to " + place_.root.real_on_node(path_) + ", which is not there" + stops
                  : "there is no " + path_ + stops,
          runs_regcred(provider_) ? make_link(is_link ? "ln -sfn" : "ln -s")
                                  : "install the program, or remove the provider");
      return false;
    }
    struct statvfs mount {};
    const bool no_execution = ::statvfs(real_.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0;
    const std::optional<Obstacle> obstacle = obstacle_of(status, no_execution, real_);
    if (!obstacle) return true;
    add(Severity::error, "program-mode", path_ + ' ' + obstacle->what + stops, obstacle->cure);
    return false;
  }

  bool has_interpreter() {
    const std::string interpreter = interpreter_of(head_of(real_));
    if (interpreter.empty() || place_.root.is_file(interpreter)) return true;
    const Obstacle obstacle = missing_interpreter(interpreter, real_);
    add(Severity::error, "program-interpreter",
        path_ + ' ' + obstacle.what + ": each call fails with \"no such file or directory\"", obstacle.cure);
    return false;
  }

  // What the file is decides, not its name: a link may have any name, and a foreign program one of ours.
  void identify() {
    const std::string real = place_.root.real_on_node(path_);
    const std::string folder = real.substr(0, real.rfind('/'));
    const bool is_installed =
        real.ends_with("/regcred") && place_.root.is_directory(folder + "/../lib/regcred/backends");
    if (is_installed || real_ == place_.own_executable) {
      provider_.is_regcred = true;
    } else if (is_copy()) {
      provider_.is_regcred = true;
      add(Severity::error, "program-copy",
          path_ + " is a copy of regcred outside its installation: it finds no backend", make_link("ln -sf"));
    } else if (!head_of(real_).starts_with("#!")) {  // a script may start regcred
      const bool is_named_ours = provider_.name.text == "regcred" || provider_.name.text.starts_with("regcred-");
      provider_.is_regcred = false;
      if (!is_named_ours) return;
      add(Severity::error, "program-other", path_ + " is another program than regcred, under its name",
          "move it away, then " + make_link("ln -s"));
    }
  }

  [[nodiscard]] bool is_copy() const {
    struct stat found {};
    struct stat own {};
    return ::stat(real_.c_str(), &found) == 0 && ::stat(place_.own_executable.c_str(), &own) == 0 &&
           found.st_size == own.st_size && same_bytes(real_, place_.own_executable);
  }

  const ProgramPlace &place_;
  KubeletProvider &provider_;
  std::vector<Finding> &findings_;
  std::string path_;  // on the node
  std::string real_;  // here
};

}  // namespace

void judge_programs(ProviderConfig &kubelet, const ProgramPlace &place, std::vector<Finding> &findings) {
  const std::string here = place.root.here(place.bin_directory);
  if (!place.root.is_directory(place.bin_directory)) {
    findings.push_back({Severity::error, "bin-directory", here, "is not a directory, and the kubelet does not start",
                        "make it, and put the providers' programs into it"});
    return;
  }
  if (const auto trusted = open_trusted_directory(place.root.real(place.bin_directory), ErrorCode::config); !trusted) {
    findings.push_back({Severity::warning, "bin-directory", here,
                        trusted.error().what + ": who can write to it has root's rights on this node",
                        trusted.error().cure});
  }
  for (KubeletProvider &provider : kubelet.providers) {
    const std::string &name = provider.name.text;
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) continue;  // has a finding
    ProgramRules(place, provider, findings).judge();
  }
}

}  // namespace regcred::core
