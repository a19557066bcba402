// SPDX-License-Identifier: Apache-2.0
#include "services/secret/secret_files.hpp"

#include <string>

#include "common/limits.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

bool is_bare_name(std::string_view name) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name != "." && name != ".." && name.size() <= 255 &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

// A name is not shown: it may be the secret itself, written in the wrong place.
constexpr const char *a_secret = "a secret's file";

Result<std::string> path_of(std::string_view name, const std::string &credentials_directory) {
  if (!name.empty() && name.front() == '/' && name.find('\0') == std::string_view::npos) return std::string(name);
  if (!is_bare_name(name)) {  // guard: bare-credential-name
    return fail(ErrorCode::config, a_secret, "what is written there is neither an absolute path nor a name",
                "write /path/to/file, or the name of a LoadCredential= of the kubelet's unit, never the secret itself");
  }
  if (credentials_directory.empty()) {
    return fail(
        ErrorCode::config, a_secret, "is a bare name, and CREDENTIALS_DIRECTORY is not set",
        "add LoadCredential=NAME:/path/to/file to the kubelet's unit, or write an absolute path; if this is the "
        "secret itself, put it into a file");
  }
  return credentials_directory + "/" + std::string(name);
}

}  // namespace

Result<Secret> read_secret_file(std::string_view name, const std::string &credentials_directory) {
  const Result<std::string> path = path_of(name, credentials_directory);
  if (!path) return tl::make_unexpected(path.error());
  // guard: secret-file-trust
  Result<std::string> bytes = read_trusted(*path, FileTrust::secret, limits::secret_file_bytes_max, ErrorCode::config);
  if (!bytes) return tl::make_unexpected(std::move(bytes.error()));

  while (bytes->ends_with('\n') || bytes->ends_with('\r')) bytes->pop_back();
  Secret secret(*bytes);
  wipe(*bytes);
  if (secret.empty()) return fail(ErrorCode::config, *path, "the file is empty", "write the secret into it");
  return secret;
}

}  // namespace regcred::core
