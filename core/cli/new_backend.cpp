// SPDX-License-Identifier: Apache-2.0
#include "cli/new_backend.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "cli/workshop.hpp"
#include "common/ascii.hpp"
#include "common/replace_file.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t name_bytes_max = 63;

void replace_all(std::string &text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Remembers what was made, and removes it unless it is to stay: first what was made last.
class Undo {
 public:
  Undo() = default;
  Undo(const Undo &) = delete;
  Undo &operator=(const Undo &) = delete;
  ~Undo() {
    std::error_code ignored;
    for (auto path = made_.rbegin(); path != made_.rend(); ++path) fs::remove(*path, ignored);
  }

  void made(fs::path path) { made_.push_back(std::move(path)); }
  void keep_all() { made_.clear(); }

 private:
  std::vector<fs::path> made_;
};

Status cannot_write(const fs::path &path, int error) {
  return fail(ErrorCode::internal, path.string(), std::string("cannot be written: ") + std::strerror(error),
              "see that its directory exists, may be written to and has free space");
}

// The process's umask is for files with secrets; a project is there to be read, so its modes are set afterwards.
Status make_directory(const fs::path &path, Undo &undo) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return {};
  if (const int reason = create_public_directory(path.string()); reason != 0) return cannot_write(path, reason);
  undo.made(path);
  return {};
}

Status write_file(const fs::path &path, std::string_view text, Undo &undo) {
  if (const int reason = create_file(AT_FDCWD, path.string(), text, 0644); reason != 0) {
    return cannot_write(path, reason);
  }
  undo.made(path);
  return {};
}

// The directories of `relative` below `root`, from the top.
Status make_parents(const fs::path &root, const fs::path &relative, Undo &undo) {
  fs::path path = root;
  for (const fs::path &part : relative.parent_path()) {
    path /= part;
    if (Status made = make_directory(path, undo); !made) return made;
  }
  return {};
}

// Nothing, or an empty directory: all else may be somebody's work.
Status check_free(const std::string &directory) {
  std::error_code error;
  const fs::file_status status = fs::status(directory, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (fs::is_directory(status) && fs::is_empty(directory, error) && !error) return {};
  return fail(ErrorCode::usage, directory,
              error                      ? "cannot be read: " + error.message()
              : fs::is_directory(status) ? "is not empty"
                                         : "is not a directory",
              "name a directory that does not exist yet, or an empty one");
}

std::string report_of(const std::string &name, const std::string &directory, const std::string &prefix,
                      const std::vector<ProjectFile> &files) {
  std::string text = "The backend " + name + " is in " + directory + ":\n";
  for (const ProjectFile &file : files) text += "  " + file.path + "\n";
  return text + "\nBuild and test it, then read on in its README.md:\n  cd " + directory +
         "\n  cmake -B build -G Ninja -DCMAKE_PREFIX_PATH=" + prefix +
         "\n  cmake --build build\n  ctest --test-dir build --output-on-failure\n";
}

}  // namespace

Result<BackendNames> backend_names(std::string_view name) {
  const auto allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
  if (name.empty() || name.size() > name_bytes_max || !is_lower(name.front()) ||
      !std::all_of(name.begin(), name.end(), allowed)) {
    return fail(ErrorCode::usage, "backend name \"" + printable(name, 100) + "\"", "is not a name of a backend",
                "at most 63 lower-case letters, digits and '-', a letter first");
  }
  BackendNames names{std::string(name), {}, {}};
  bool starts_word = true;
  for (const char c : name) {
    if (c == '-') {
      starts_word = true;
      continue;
    }
    // Words are joined by one '_', also after "--": two in a row are reserved in C++.
    if (starts_word && !names.identifier.empty()) names.identifier += '_';
    names.identifier += c;
    names.type += starts_word ? to_upper(c) : c;
    starts_word = false;
  }
  return names;
}

std::string renamed(std::string text, const BackendNames &names) {
  replace_all(text, "acme-registry", names.name);
  replace_all(text, "acme_registry", names.identifier);
  replace_all(text, "AcmeRegistry", names.type);
  return text;
}

Result<std::vector<ProjectFile>> read_template(const std::string &directory) {
  const auto broken = [](const std::string &path, const std::string &what) {
    return fail(ErrorCode::internal, path, what,
                "install the SDK: the package regcred-dev, or regcred again with its share directory");
  };
  std::vector<ProjectFile> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::error_code reason;
    const bool is_file = at->is_regular_file(reason);
    if (reason) return broken(at->path().string(), "cannot be read: " + reason.message());
    if (!is_file) continue;
    std::ifstream stream(at->path(), std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (!stream) return broken(at->path().string(), "cannot be read");
    files.push_back({at->path().lexically_relative(directory).string(), std::move(text)});
  }
  if (error) return broken(directory, "cannot be read: " + error.message());
  if (files.empty()) return broken(directory, "holds no template");
  std::sort(files.begin(), files.end(), [](const auto &a, const auto &b) { return a.path < b.path; });
  return files;
}

Status write_project(const std::vector<ProjectFile> &files, const std::string &directory) {
  if (Status free = check_free(directory); !free) return free;
  if (Status judged = judge_place(directory, ErrorCode::usage); !judged) return judged;  // guard: project-place
  Undo undo;
  if (Status made = make_directory(directory, undo); !made) return made;
  for (const ProjectFile &file : files) {
    if (Status made = make_parents(directory, file.path, undo); !made) return made;
    if (Status written = write_file(fs::path(directory) / file.path, file.text, undo); !written) return written;
  }
  undo.keep_all();
  return {};
}

namespace {

struct Options {
  std::string name;
  std::optional<std::string> directory;  // default: the name
};

Output new_backend(const Options &options, const Context &context) {
  const Result<BackendNames> names = backend_names(options.name);
  if (!names) return {"", names.error()};
  const Result<Workshop> workshop = open_workshop(context, Config{});
  if (!workshop) return {"", workshop.error()};
  Result<std::vector<ProjectFile>> files = read_template(workshop->installation.template_directory);
  if (!files) return {"", files.error()};
  for (ProjectFile &file : *files) file = {renamed(file.path, *names), renamed(file.text, *names)};

  const std::string directory = options.directory.value_or(names->name);
  if (const Status written = write_project(*files, directory); !written) return {"", written.error()};
  const fs::path prefix = fs::path(workshop->installation.executable).parent_path().parent_path();
  return {report_of(names->name, directory, prefix.string(), *files), std::nullopt};
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<Options>();
  parser.add("NAME", options->name, "What operators will write under `backend:`, like acme-registry").required();
  parser.add("DIR", options->directory, "A new or empty directory (default: NAME)");
  return [options](const Context &context) { return new_backend(*options, context); };
}

}  // namespace

const Command new_backend_command = {"new-backend", "Write a project for a backend of your own", declare};

}  // namespace regcred::core
