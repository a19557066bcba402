// SPDX-License-Identifier: Apache-2.0
#include "loader/loader.hpp"

#include <dlfcn.h>  // guard: backend-trust-include
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

#include "common/advice.hpp"
#include "common/cut_file.hpp"
#include "common/join.hpp"
#include "common/linker_path.hpp"
#include "common/names.hpp"
#include "common/sha256.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"
#include "loader/installation.hpp"
#include "loader/load_failure.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view file_suffix = ".so";

// "a, b, c", cut when it is more than an operator reads.
std::string shown(const std::vector<std::string> &items) {
  constexpr std::size_t bytes_max = 300;
  return items.empty() ? "none" : printable(joined(items), bytes_max);
}

// The dynamic linker's own message within that of Boost.DLL's exception.
std::string linker_text(const std::exception &thrown) {
  std::string text = thrown.what();
  constexpr std::string_view mark = "dlerror system message: ";
  const std::size_t begin = text.find(mark);
  if (begin == std::string::npos) return text;
  const std::size_t end = text.rfind("): ");
  return text.substr(begin + mark.size(), end == std::string::npos ? end : end - begin - mark.size());
}

// The program finds its parts relative to its real place, where a copy has none.
std::optional<Error> copied_program(const std::vector<std::string> &directories) {
  struct stat status {};
  const Result<Installation> installation = locate_installation();
  if (!installation || directories.empty() || directories.front() != installation->backend_directory ||
      ::stat(installation->backend_directory.c_str(), &status) == 0 || errno != ENOENT) {
    return std::nullopt;
  }
  const std::string &copy = installation->executable;
  const std::size_t slash = copy.rfind('/');
  const bool own_name = copy.substr(slash + 1).starts_with("regcred");
  return Error{ErrorCode::backend_load, copy,
               "is a copy outside its installation: there is no " + installation->backend_directory,
               "remove it, and let the installed regcred put a link there: " +
                   (own_name ? advised_command({}, "install-links " + shell_word(copy.substr(0, slash)))
                             : "ln -s \"$(command -v regcred)\" " + copy)};
}

Status check_sha256(const BackendFile &file, std::string_view expected) {
  const std::optional<std::string> found = sha256_of(file.fd.get());
  if (found && *found == expected) return {};  // guard: sha256-compared
  return fail(ErrorCode::backend_load, file.path,
              "its SHA-256 is " + found.value_or("unreadable") + ", the configuration expects " + std::string(expected),
              "install the expected build, or correct `backendSha256`");
}

}  // namespace

Result<BackendFile> BackendLoader::open(std::string_view name) const {
  // guard: backend-is-name
  if (!is_name(name)) {  // F4: the configuration has checked it, too
    return fail(ErrorCode::backend_load, "backend \"" + printable(name, 100) + "\"", "is not a backend name",
                "write the file's name without directory and .so: lower-case letters, digits and '-'");
  }
  for (const std::string &directory : directories_) {
    std::string path = directory + "/" + std::string(name) + std::string(file_suffix);
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
      if (errno == ENOENT) continue;
      return fail(ErrorCode::backend_load, path, "cannot be looked at: " + std::generic_category().message(errno),
                  "see the owner, mode and kind of each directory: namei -l " + shell_word(path));
    }
    // A symlink inside the directory could lead out of the trusted tree (F4).
    if (S_ISLNK(status.st_mode)) {  // guard: no-symlink
      return fail(ErrorCode::backend_load, path, "is a symbolic link", "copy the file itself into the directory");
    }
    // guard: backend-trust
    Result<UniqueFd> fd = open_trusted(path, FileTrust::integrity, ErrorCode::backend_load);
    if (!fd) return tl::make_unexpected(std::move(fd.error()));
    return BackendFile{std::move(path), std::move(*fd)};
  }
  if (const std::optional<Error> copy = copied_program(directories_)) return tl::make_unexpected(*copy);
  return fail(ErrorCode::backend_load, "backend \"" + std::string(name) + "\"",
              "there is no " + std::string(name) + std::string(file_suffix) + " in " + shown(directories_),
              "install it there, or use one of: " + shown(names()));
}

Result<LoadedBackend> BackendLoader::load(std::string_view name, std::string_view sha256_hex) const {
  Result<BackendFile> file = open(name);
  if (!file) return tl::make_unexpected(std::move(file.error()));
  if (!sha256_hex.empty()) {
    if (Status same = check_sha256(*file, sha256_hex); !same) return tl::make_unexpected(std::move(same.error()));
  }

  if (std::string cut = cut_short_words(file->fd.get()); !cut.empty()) {
    return fail(ErrorCode::backend_load, file->path, std::move(cut), "install it again");
  }

  LoadedBackend backend;
  backend.path = file->path;
  const int descriptor = file->fd.get();
  try {
    // F3: the descriptor that was judged is what gets mapped. RTLD_NODELETE: never unloaded, since a backend may leave
    // thread-local destructors or exit handlers behind.
    // guard: symbols-bound
    const auto mode = boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local |
                      static_cast<boost::dll::load_mode::type>(RTLD_NODELETE);
    // guard: mapped-descriptor
    backend.library = std::make_unique<boost::dll::shared_library>(linker_path(std::move(file->fd)), mode);
  } catch (const std::exception &thrown) {
    const Result<Installation> installation = locate_installation();
    return tl::make_unexpected(
        explain_load_failure(descriptor, file->path, linker_text(thrown), installation && installation->is_bundle));
  }
  if (!backend.library->has(REGCRED_BACKEND_ENTRY_V1)) {
    return fail(ErrorCode::backend_load, file->path, "exports no symbol " REGCRED_BACKEND_ENTRY_V1,
                "this is not a regcred backend, or one of another ABI major; install one built for ABI 1.x");
  }
  const auto entry = backend.library->get<decltype(regcred_backend_entry_v1)>(REGCRED_BACKEND_ENTRY_V1);
  backend.table = entry();
  Result<BackendDescription> description = check_table(backend.table, file->path, name);
  if (!description) return tl::make_unexpected(std::move(description.error()));
  backend.description = std::move(*description);
  return backend;
}

std::vector<std::string> BackendLoader::names() const {
  std::set<std::string> found;
  for (const std::string &directory : directories_) {
    std::error_code error;
    for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
      const std::filesystem::path &path = at->path();
      if (path.extension() == file_suffix && is_name(path.stem().string())) found.insert(path.stem().string());
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace regcred::core
