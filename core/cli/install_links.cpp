// SPDX-License-Identifier: Apache-2.0
// `regcred install-links DIR`: one link for each provider name, since the kubelet finds programs by name in one
// directory.
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/kubelet_plan.hpp"
#include "cli/options.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string directory;
  std::optional<std::string> kubernetes_version;
};

// Why no link to `executable` can be made at `path`; empty when nothing is there, or that very link. A link to
// another installation of regcred may be replaced: that is an update.
std::string obstacle(const fs::path &path, const fs::path &executable) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (status.type() != fs::file_type::symlink) return "is a file of its own";
  const fs::path target = fs::read_symlink(path, error);
  if (!error && target.filename() == executable.filename()) return {};
  return "is a link to " + target.string();
}

// Whether `path` is the program itself: the directory may be its own, under whatever name.
bool is_program(const fs::path &path, const fs::path &executable) {
  std::error_code error;
  return !fs::is_symlink(path, error) && fs::equivalent(path, executable, error);
}

// Makes or replaces the link at once: whoever starts the name meanwhile finds the old one or the new one. What is new
// is made in place, which fails when something has come there in between; only an old link is replaced.
Status make_link(const fs::path &path, const fs::path &executable) {
  int reason = ::symlink(executable.c_str(), path.c_str()) == 0 ? 0 : errno;
  if (reason == EEXIST && obstacle(path, executable).empty()) {
    const fs::path temporary = path.parent_path() / (".regcred-link." + std::to_string(::getpid()));
    reason = ::symlink(executable.c_str(), temporary.c_str()) == 0 ? 0 : errno;
    if (reason == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) {
      reason = errno;
      ::unlink(temporary.c_str());
    }
  }
  if (reason == 0) return {};
  return fail(ErrorCode::usage, path.string(), std::string("cannot be made: ") + std::strerror(reason),
              "see what stands there, and that the directory may be written to");
}

Output install_links(const Options &options, const Context &context) {
  const auto planned = load_plan(options.kubernetes_version, context);
  if (!planned) return {"", planned.error()};
  if (planned->plan.providers.empty()) return {"", left_out_error(planned->plan)};
  const auto directory = open_trusted_directory(options.directory, ErrorCode::usage);
  if (!directory) return {"", directory.error()};

  const fs::path executable = planned->workshop->installation.executable;
  const fs::path root = fs::absolute(options.directory).lexically_normal();
  for (const PlannedProvider &provider : planned->plan.providers) {  // all of them before the first is made
    const fs::path path = root / provider.name;
    if (std::string found = obstacle(path, executable); !is_program(path, executable) && !found.empty()) {
      return {"", Error{ErrorCode::usage, path.string(), std::move(found), "move it away first; it was left alone"}};
    }
  }
  Output output;
  for (const PlannedProvider &provider : planned->plan.providers) {
    const fs::path path = root / provider.name;
    if (is_program(path, executable)) {
      output.text += path.string() + " is this program\n";
      continue;
    }
    std::error_code ignored;
    const bool is_right = fs::read_symlink(path, ignored) == executable;
    if (!is_right) {
      if (Status made = make_link(path, executable); !made) return {std::move(output.text), made.error()};
    }
    output.text += path.string() + " -> " + executable.string() + (is_right ? " (as it was)" : "") + "\n";
  }
  output.error = left_out_error(planned->plan);
  return output;
}

Run declare(CLI::App &app) {
  const auto options = std::make_shared<Options>();
  app.add_option("DIR", options->directory, "What --image-credential-provider-bin-dir names")->required();
  add_version_option(app, options->kubernetes_version);
  return [options](const Context &context) { return install_links(*options, context); };
}

}  // namespace

const Command install_links_command = {
    "install-links", "Make the links to this program that the kubelet's bin directory needs", declare};

}  // namespace regcred::core
