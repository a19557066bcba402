// SPDX-License-Identifier: Apache-2.0
#include "cli/generate/oidc_discovery.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <regcred/jwt.hpp>
#include <regcred/text.hpp>

#include "cluster/known_issuers.hpp"
#include "common/advice.hpp"
#include "common/limits.hpp"
#include "common/replace_file.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char *discovery_source = "--discovery";
constexpr const char *jwks_source = "--jwks";

tl::unexpected<Error> refuse(const char *where, std::string what, std::string cure) {
  return fail(ErrorCode::usage, where, std::move(what), std::move(cure));
}

// An https URL without query and fragment, whose text can be an `iss` claim (OpenID Connect Discovery 1.0, section 3).
Status check_issuer(const std::string &issuer) {
  const std::string_view host = std::string_view(issuer).substr(std::min<std::size_t>(issuer.size(), 8));
  const bool plain = !has_control_character(issuer) && issuer.find_first_of(" ?#@\\") == std::string::npos;
  if (!issuer.starts_with("https://") || host.empty() || host.front() == '/' || !plain) {
    return refuse("--issuer", "is " + in_quotes(issuer, 200) + ", expected an https URL without query and fragment",
                  "give the text of kube-apiserver's --service-account-issuer");
  }
  if (const std::string_view vendor = issuer_vendor(issuer); !vendor.empty()) {
    return refuse(
        "--issuer",
        "is " + in_quotes(issuer, 200) + ", where " + std::string(vendor) + " publishes both documents itself",
        "nothing to do; look at them with: curl " +
            shell_word(issuer + (issuer.ends_with('/') ? "" : "/") + DiscoveryFiles::document_path));
  }
  if (is_cluster_issuer(issuer)) {
    return refuse("--issuer", "is " + in_quotes(issuer, 200) + ", which no registry outside the cluster can reach",
                  "start kube-apiserver with a --service-account-issuer that is public");
  }
  return {};
}

Result<Json> parse_object(const char *where, const std::string &text) {
  Json document = Json::parse(text, nullptr, false);
  if (document.is_object()) return document;
  return refuse(where, "is not a JSON object", "save the output of kubectl get --raw in it");
}

Status check_document(const Json &document, const std::string &issuer) {
  const Json own = document.value("issuer", Json());
  if (own != issuer) {
    return refuse(discovery_source,
                  "is the document of the issuer " +
                      (own.is_string() ? in_quotes(own.get<std::string>(), 200) : "(none)") +
                      ", and tokens name that one",
                  "use that as --issuer, or change kube-apiserver's --service-account-issuer to " + issuer);
  }
  for (const char *member :
       {"response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported"}) {
    if (!document.contains(member) || !document[member].is_array() || document[member].empty()) {
      return refuse(discovery_source, "lacks " + std::string(member), "save the API server's own document");
    }
  }
  return {};
}

Status check_keys(const Json &document) {
  const Json keys = document.value("keys", Json());
  if (!keys.is_array() || keys.empty()) {
    return refuse(jwks_source, "contains no key", "save the output of: kubectl get --raw /openid/v1/jwks");
  }
  for (const Json &key : keys) {
    if (!key.is_object() || !key.contains("kty") || !key["kty"].is_string()) {
      return refuse(jwks_source, "contains something that is not a key", "save the API server's own document");
    }
    // RFC 7518, 6.2.2, 6.3.2 and 6.4.1: what only the owner of a key may know.
    for (const char *secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
      if (key.contains(secret)) {
        return refuse(jwks_source, "holds a private key (member " + std::string(secret) + ")",
                      "do not publish it: whoever has it can make tokens of this cluster");
      }
    }
    const std::string type = key["kty"];
    const bool usable = (type == "RSA" && key.contains("n") && key.contains("e")) ||
                        (type == "EC" && key.contains("crv") && key.contains("x") && key.contains("y"));
    if (!usable || !key.contains("kid")) {
      return refuse(jwks_source, "holds a key without what verification needs (kty " + printable(type, 20) + ")",
                    "save the API server's own document");
    }
  }
  return {};
}

Status cannot_write(const fs::path &path, int error) {
  return fail(ErrorCode::usage, path.string(), std::string("cannot be written: ") + std::strerror(error),
              "see that its directory may be written to and has free space");
}

// umask 077 is for files with secrets; these are there to be read, so their modes are set.
Status write_public(const fs::path &path, const std::string &text) {
  std::error_code error;
  fs::path made;
  for (const fs::path &part : path.parent_path()) {
    made /= part;
    if (const int reason = create_public_directory(made.string()); reason != 0 && reason != EEXIST) {
      return cannot_write(made, reason);
    }
  }
  const std::string temporary = path.string() + "." + std::to_string(::getpid()) + ".new";
  if (const int reason = replace_file(AT_FDCWD, path.string(), temporary, text, 0644); reason != 0) {
    return cannot_write(path, reason);
  }
  return {};
}

Result<std::string> read_input(const std::string &path) {
  return read_named(path, limits::config_file_bytes_max, ErrorCode::usage,
                    "save the output of kubectl get --raw there");
}

std::string report_of(const DiscoveryOptions &options) {
  const std::string base = options.issuer + (options.issuer.ends_with('/') ? "" : "/");
  std::string text = "Written below " + printable(options.out_directory, 400) + ":\n";
  for (const char *path : {DiscoveryFiles::document_path, DiscoveryFiles::keys_path}) {
    text += "  " + std::string(path) + "   to be published as " + base + path + "\n";
  }
  return text +
         "\nServe both without login, as Content-Type: application/json, and look at them from outside:\n  curl " +
         base + DiscoveryFiles::document_path + "\nPublish again whenever the cluster's signing keys change.\n";
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<DiscoveryOptions>();
  parser.add("--issuer", options->issuer, "The cluster's --service-account-issuer").required().value_name("URL");
  parser.add("--jwks", options->jwks_file, "Output of: kubectl get --raw /openid/v1/jwks")
      .required()
      .value_name("FILE");
  parser.add("--discovery", options->discovery_file, "Output of: kubectl get --raw /.well-known/openid-configuration")
      .required()
      .value_name("FILE");
  parser.add("--out", options->out_directory, "Where to write the tree of files").required().value_name("DIR");
  return [options](const Context &) { return write_discovery(*options); };
}

}  // namespace

const Command generate_oidc_discovery = {
    "oidc-discovery", "The cluster's OIDC discovery document and keys, as files to publish", declare};

Result<DiscoveryFiles> discovery_files(const std::string &issuer, const std::string &discovery,
                                       const std::string &jwks) {
  if (const Status valid = check_issuer(issuer); !valid) return tl::make_unexpected(valid.error());
  Result<Json> document = parse_object(discovery_source, discovery);
  if (!document) return tl::make_unexpected(document.error());
  const Result<Json> keys = parse_object(jwks_source, jwks);
  if (!keys) return tl::make_unexpected(keys.error());
  if (const Status valid = check_document(*document, issuer); !valid) return tl::make_unexpected(valid.error());
  if (const Status valid = check_keys(*keys); !valid) return tl::make_unexpected(valid.error());

  (*document)["jwks_uri"] = issuer + (issuer.ends_with('/') ? "" : "/") + DiscoveryFiles::keys_path;
  const auto text_of = [](const Json &json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n'; };
  return DiscoveryFiles{text_of(*document), text_of(*keys)};
}

Output write_discovery(const DiscoveryOptions &options) {
  if (const Status valid = check_issuer(options.issuer); !valid) return {"", valid.error()};
  const Result<std::string> discovery = read_input(options.discovery_file);
  if (!discovery) return {"", discovery.error()};
  const Result<std::string> jwks = read_input(options.jwks_file);
  if (!jwks) return {"", jwks.error()};
  const Result<DiscoveryFiles> files = discovery_files(options.issuer, *discovery, *jwks);
  if (!files) return {"", files.error()};

  const fs::path root = options.out_directory;
  for (const char *path : {DiscoveryFiles::keys_path, DiscoveryFiles::document_path}) {
    const Status judged = judge_place((root / path).parent_path(), ErrorCode::usage);
    if (!judged) return {"", judged.error()};  // guard: discovery-place
  }
  for (const auto &[path, text] : {std::pair(DiscoveryFiles::keys_path, &files->keys),
                                   std::pair(DiscoveryFiles::document_path, &files->document)}) {
    if (const Status written = write_public(root / path, *text); !written) return {"", written.error()};
  }
  return {report_of(options), std::nullopt};
}

}  // namespace regcred::core
