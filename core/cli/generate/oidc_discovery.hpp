// SPDX-License-Identifier: Apache-2.0
// `regcred generate oidc-discovery`: the documents that a registry must be able to fetch to verify a cluster's tokens.
#pragma once

#include <string>

#include "cli/generate/generate.hpp"
#include "common/result.hpp"

namespace regcred::core {

// The two documents to publish, at these paths below the issuer's URL (OpenID Connect Discovery 1.0, section 4).
struct DiscoveryFiles {
  static constexpr const char *document_path = ".well-known/openid-configuration";
  static constexpr const char *keys_path = "openid/v1/jwks";
  std::string document;  // with jwks_uri = ISSUER/openid/v1/jwks
  std::string keys;
};

// Makes them from what the cluster gives: `discovery` (kubectl get --raw /.well-known/openid-configuration) and `jwks`
// (kubectl get --raw /openid/v1/jwks), both JSON text. `issuer` is the cluster's --service-account-issuer. Fails with
// ErrorCode::usage: `issuer` is not an https URL at which documents can be published; the document is another issuer's;
// a member that the standard requires is missing; no key can verify; or a key is a private one, which must never be
// published.
[[nodiscard]] Result<DiscoveryFiles> discovery_files(const std::string &issuer, const std::string &discovery,
                                                     const std::string &jwks);

struct DiscoveryOptions {
  std::string issuer;          // --issuer URL
  std::string jwks_file;       // --jwks FILE
  std::string discovery_file;  // --discovery FILE
  std::string out_directory;   // --out DIR
};

// Reads the files that `options` names, and writes the tree below options.out_directory, readable by all. Existing
// files are replaced, each at once.
[[nodiscard]] Output write_discovery(const DiscoveryOptions &options);

}  // namespace regcred::core
