// SPDX-License-Identifier: Apache-2.0
// Which CA certificates a server's certificate is verified against.
//
// Parsing the system's bundle costs more than the rest of an exchange together, so a directory with OpenSSL's hash
// names (Debian, Ubuntu, SUSE, Alpine) comes first: OpenSSL then opens only the file it needs.
#pragma once

#include <string>
#include <vector>

#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "common/unique_fd.hpp"

namespace regcred::core {

struct TrustRoots {
  std::string hashed_directories;     // for CURLOPT_CAPATH, ':' between; may be empty
  std::string pem;                    // for CURLOPT_CAINFO_BLOB; may be empty
  std::vector<UniqueFd> directories;  // those of hashed_directories, whose paths lead through these descriptors
};

// Where systems keep their roots; others in tests.
struct SystemRootPlaces {
  std::vector<std::string> directories = {"/etc/ssl/certs", "/etc/pki/tls/certs"};
  std::vector<std::string> bundles = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                      "/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                      "/etc/ssl/cert.pem"};
};

// The system's roots (its hashed directory, else its bundle), or what config.system_ca_* put in their place with the
// meaning of SSL_CERT_FILE and SSL_CERT_DIR, and config.ca_files besides. Files and directories must pass the trust
// rules (common/trusted_file.hpp), and so must the file under a hash name in a directory of config.system_ca_*;
// OpenSSL reads exactly the files that passed, as long as the result lives. Fails with ErrorCode::config: a named file
// is missing, not trusted, or holds no certificate; or there are no roots at all.
[[nodiscard]] Result<TrustRoots> find_trust_roots(const HttpConfig &config, const SystemRootPlaces &places = {});

}  // namespace regcred::core
