// SPDX-License-Identifier: Apache-2.0
// `regcred install-links DIR`: one link for each provider name, since the kubelet finds programs by name in one
// directory.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/kubelet_plan.hpp"
#include "cli/options.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string directory;
  std::optional<std::string> kubernetes_version;
};

// The directory that was judged. All calls go through its descriptor, whatever becomes of the path that led to it.
class BinDirectory {
 public:
  BinDirectory(UniqueFd directory, fs::path executable)
      : fd_(std::move(directory)), executable_(std::move(executable)), opened_(path_of(fd_.get())) {
    std::error_code ignored;
    real_ = fs::read_symlink(opened_, ignored);
  }

  // As an operator finds it.
  [[nodiscard]] fs::path shown(const std::string &name) const { return real_ / name; }

  // Whether `name` is the program itself: the directory may be its own, under whatever name.
  [[nodiscard]] bool is_program(const std::string &name) const {
    std::error_code error;
    return !fs::is_symlink(opened_ / name, error) && fs::equivalent(opened_ / name, executable_, error);
  }

  [[nodiscard]] bool is_right(const std::string &name) const {
    std::error_code ignored;
    return fs::read_symlink(opened_ / name, ignored) == executable_;
  }

  // Why no link can be made under `name`; empty when nothing is there, or a link to the program. A link to another
  // installation of regcred may be replaced: that is an update.
  [[nodiscard]] std::string obstacle(const std::string &name) const {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(opened_ / name, error);
    if (status.type() == fs::file_type::not_found) return {};
    if (status.type() != fs::file_type::symlink) return "is a file of its own";
    const fs::path target = fs::read_symlink(opened_ / name, error);
    if (!error && target.filename() == executable_.filename()) return {};
    return "is a link to " + target.string();
  }

  // Makes or replaces the link at once: whoever starts the name meanwhile finds the old one or the new one. What is new
  // is made in place, which fails when something has come there in between; only an old link is replaced.
  [[nodiscard]] Status make_link(const std::string &name) const {
    int reason = symlink_at(name);
    if (reason == EEXIST && obstacle(name).empty()) {
      const std::string temporary = ".regcred-link." + std::to_string(::getpid());
      reason = symlink_at(temporary);
      if (reason == 0 && ::renameat(fd_.get(), temporary.c_str(), fd_.get(), name.c_str()) != 0) {
        reason = errno;
        ::unlinkat(fd_.get(), temporary.c_str(), 0);
      }
    }
    if (reason == 0) return {};
    return fail(ErrorCode::usage, shown(name).string(), std::string("cannot be made: ") + std::strerror(reason),
                "see what is there, and whether the directory may be written to");
  }

 private:
  static fs::path path_of(int fd) { return "/proc/self/fd/" + std::to_string(fd); }
  [[nodiscard]] int symlink_at(const std::string &name) const {
    return ::symlinkat(executable_.c_str(), fd_.get(), name.c_str()) == 0 ? 0 : errno;
  }

  UniqueFd fd_;
  fs::path executable_;
  fs::path opened_;
  fs::path real_;
};

Output install_links(const Options &options, const Context &context) {
  const auto planned = load_plan(options.kubernetes_version, context);
  if (!planned) return {"", planned.error()};
  if (planned->plan.providers.empty()) return {"", left_out_error(planned->plan)};
  Result<UniqueFd> opened = open_trusted_directory(options.directory, ErrorCode::usage, DirectoryTrust::all_trusted);
  if (!opened) return {"", opened.error()};  // guard: bin-directory

  const fs::path executable = planned->workshop->installation.executable;
  const BinDirectory directory(std::move(*opened), executable);
  for (const PlannedProvider &provider : planned->plan.providers) {  // all of them before the first is made
    std::string found = directory.obstacle(provider.name);
    if (!directory.is_program(provider.name) && !found.empty()) {
      return {"", Error{ErrorCode::usage, directory.shown(provider.name).string(), std::move(found),
                        "move it away first; it was left alone"}};
    }
  }
  Output output;
  for (const PlannedProvider &provider : planned->plan.providers) {
    const std::string path = directory.shown(provider.name).string();
    if (directory.is_program(provider.name)) {
      output.text += path + " is this program\n";
      continue;
    }
    const bool is_right = directory.is_right(provider.name);
    if (!is_right) {
      if (Status made = directory.make_link(provider.name); !made) return {std::move(output.text), made.error()};
    }
    output.text += path + " -> " + executable.string() + (is_right ? " (as it was)" : "") + "\n";
  }
  output.error = left_out_error(planned->plan);
  return output;
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<Options>();
  parser.add("DIR", options->directory, "What --image-credential-provider-bin-dir names").required();
  add_version_option(parser, options->kubernetes_version);
  return [options](const Context &context) { return install_links(*options, context); };
}

}  // namespace

const Command install_links_command = {
    "install-links", "Make the links to this program that the kubelet's bin directory needs", declare};

}  // namespace regcred::core
