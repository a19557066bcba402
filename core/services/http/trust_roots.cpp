// SPDX-License-Identifier: Apache-2.0
#include "services/http/trust_roots.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t roots_bytes_max = 8U << 20U;  // of all files together

// "5ed36f99.0": eight hex digits of the subject's hash, and a number (openssl-rehash(1)).
bool is_hash_name(std::string_view name) {
  return name.size() >= 10 && name.substr(0, 8).find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         name[8] == '.' && name.substr(9).find_first_not_of("0123456789") == std::string_view::npos;
}

// A path to the open directory itself, whatever becomes of its name (promise F3).
std::string path_of(const UniqueFd &directory) { return "/proc/self/fd/" + std::to_string(directory.get()); }

std::vector<std::string> file_names(const UniqueFd &directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path_of(directory), error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Stops at the first name that is one. By getdents64(2): readdir(3) has the kernel list some 300 names for it, which
// takes ten times as long.
bool is_hashed(const std::string &directory) {
  const UniqueFd opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  alignas(dirent64) std::array<char, 2048> entries;
  while (true) {
    const ssize_t bytes = ::getdents64(opened.get(), entries.data(), entries.size());
    if (bytes <= 0) return false;  // the end, or not to be read: there is no such directory, for instance
    for (ssize_t at = 0; at < bytes;) {
      const auto *const entry = reinterpret_cast<const dirent64 *>(entries.data() + at);
      if (is_hash_name(entry->d_name)) return true;
      at += entry->d_reclen;
    }
  }
}

void add_directory(TrustRoots &roots, UniqueFd directory) {
  if (!roots.hashed_directories.empty()) roots.hashed_directories += ':';
  roots.hashed_directories += path_of(directory);  // guard: judged-directory
  roots.directories.push_back(std::move(directory));
}

// Adds the certificates in `path`.
Status add_file(TrustRoots &roots, const std::string &path) {
  const std::size_t room = roots_bytes_max - std::min(roots_bytes_max, roots.pem.size());
  const Result<std::string> pem = read_trusted(path, FileTrust::integrity, room, ErrorCode::config);
  if (!pem) return tl::make_unexpected(pem.error());
  if (pem->find("-----BEGIN ") == std::string::npos) {
    return fail(ErrorCode::config, path, "holds no certificate in PEM form", "convert it with openssl x509");
  }
  roots.pem += *pem;
  roots.pem += '\n';
  return {};
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t size = std::min(list.find(':'), list.size());
    if (size > 0) parts.emplace_back(list.substr(0, size));
    list.remove_prefix(std::min(list.size(), size + 1));
  }
  return parts;
}

// OpenSSL opens the file under a hash name by itself.
Status judge_hashed(const std::string &directory, const std::vector<std::string> &names) {
  for (const std::string &name : names) {
    if (!is_hash_name(name)) continue;
    const auto trusted = open_trusted(directory + '/' + name, FileTrust::integrity, ErrorCode::config);
    if (!trusted) return tl::make_unexpected(trusted.error());
  }
  return {};
}

// A directory that an operator named: used as it is when hashed, read file by file when not.
Status add_named_directory(TrustRoots &roots, const std::string &directory) {
  Result<UniqueFd> trusted = open_trusted_directory(directory, ErrorCode::config, DirectoryTrust::all_trusted);
  if (!trusted) return tl::make_unexpected(trusted.error());
  const std::vector<std::string> names = file_names(*trusted);
  if (std::any_of(names.begin(), names.end(), is_hash_name)) {
    if (Status judged = judge_hashed(directory, names); !judged) return judged;  // guard: hashed-judged
    add_directory(roots, std::move(*trusted));
    return {};
  }
  for (const std::string &name : names) {
    if (!name.ends_with(".pem") && !name.ends_with(".crt") && !name.ends_with(".cer")) continue;
    if (Status added = add_file(roots, directory + '/' + name); !added) return added;
  }
  return {};
}

// The system's hashed directory, if it has one that can be trusted.
bool add_system_directory(TrustRoots &roots, const SystemRootPlaces &places) {
  for (const std::string &directory : places.directories) {
    if (!is_hashed(directory)) continue;
    Result<UniqueFd> trusted = open_trusted_directory(directory, ErrorCode::config, DirectoryTrust::all_trusted);
    if (!trusted) continue;
    add_directory(roots, std::move(*trusted));
    return true;
  }
  return false;
}

void add_system_bundle(TrustRoots &roots, const SystemRootPlaces &places) {
  for (const std::string &bundle : places.bundles) {
    if (add_file(roots, bundle)) return;
  }
}

}  // namespace

Result<TrustRoots> find_trust_roots(const HttpConfig &config, const SystemRootPlaces &places) {
  TrustRoots roots;
  const bool own_file = !config.system_ca_file.empty();
  const bool own_directories = !config.system_ca_directories.empty();
  if (own_file) {
    if (Status added = add_file(roots, config.system_ca_file); !added) return tl::make_unexpected(added.error());
  }
  for (const std::string &directory : split(config.system_ca_directories)) {
    if (Status added = add_named_directory(roots, directory); !added) return tl::make_unexpected(added.error());
  }
  const bool has_directory = !own_directories && add_system_directory(roots, places);
  if (!has_directory && !own_file) add_system_bundle(roots, places);
  for (const std::string &file : config.ca_files) {
    if (Status added = add_file(roots, file); !added) return tl::make_unexpected(added.error());
  }
  if (roots.hashed_directories.empty() && roots.pem.empty()) {
    return fail(ErrorCode::config, "CA certificates", "this machine has none",
                "install ca-certificates, or name a file under defaults.caFile");
  }
  return roots;
}

}  // namespace regcred::core
