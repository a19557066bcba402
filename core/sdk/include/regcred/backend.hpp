// SPDX-License-Identifier: Apache-2.0
// Backend: what a team writes to serve one kind of registry. START HERE; abi.h is what it becomes.
//
//   class Acme final : public regcred::Backend {
//    public:
//     static constexpr regcred::BackendInfo info{.name = "acme", .version = "1.0.0", .settings_schema = schema};
//     static regcred::Result<std::unique_ptr<Acme>> create(regcred::Host host, regcred::Settings &settings);
//     regcred::Result<regcred::Credentials> get_credentials(const regcred::Request &request) override;
//   };
//
//   const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<Acme>(); }
//
// The process lives for one request. No thread, no child process of its own (process.hpp), no network call of its own
// (http.hpp), nothing written to descriptors 0, 1, 2, no change to environment, working directory, umask, locale or
// signals.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <regcred/host.hpp>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <regcred/settings.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred {

// Whether the backend wants the pod's token: the default of the entry's `serviceAccountToken`.
enum class TokenNeed : std::int32_t {
  required = REGCRED_TOKEN_REQUIRED,  // the host refuses a request without one
  optional = REGCRED_TOKEN_OPTIONAL,  // the backend uses one when there is one
  never = REGCRED_TOKEN_NEVER,        // the backend must not see it
};

// What is known about a backend without running it. All text must live as long as the process: string literals.
struct BackendInfo {
  std::string_view name;     // the file name without .so: [a-z][a-z0-9-]{0,62}
  std::string_view version;  // of the backend: printable, at most 64 bytes
  TokenNeed token = TokenNeed::required;
  std::string_view settings_schema;                     // JSON Schema (draft 2020-12) of the settings
  std::span<const std::string_view> annotation_keys{};  // of the service account, that the backend reads
  bool runs_programs = false;                           // by process.hpp, which is of no use otherwise
};

// One image to get credentials for. A view: valid during get_credentials, and so is all that it gives.
class Request {
 public:
  // `raw` is what get_credentials() of the C table got; not null.
  explicit Request(const regcred_request_v1 *raw) noexcept : raw_(raw) {}

  // As the container runtime resolves it, without tag and digest: docker.io/library/nginx.
  [[nodiscard]] std::string_view image() const noexcept;

  // The part of image() before the first slash, host[:port] or [IPv6][:port]. Compare it by registry_host() of
  // text.hpp.
  [[nodiscard]] std::string_view registry() const noexcept;

  // The part of image() after the registry and its slash; may be empty. Credentials that depend on it have
  // Scope::image.
  [[nodiscard]] std::string_view path() const noexcept;

  // The pod's token of KEP-4412, a compact JWT for the audience of the kubelet's CredentialProviderConfig; empty when
  // the kubelet sent none, or the entry withholds it. Goes into a request body or header, never into a text. Use
  // pod_token() of exchange.hpp, which checks its form.
  [[nodiscard]] std::string_view service_account_token() const noexcept;

  // The service account's annotation `key`, when it has one and the entry lets it through; by default the keys of
  // BackendInfo are. Set by whoever may edit the service account: let it select among what the operator allows
  // (choose() of registry.hpp), never introduce a host.
  [[nodiscard]] std::optional<std::string_view> annotation(std::string_view key) const noexcept;

  // All that the entry lets through, key and value, for a backend that hands them on.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> annotations() const;

 private:
  const regcred_request_v1 *raw_;
};

// For which images the kubelet may use a credential again. The host may narrow it.
enum class Scope : std::int32_t {
  image = REGCRED_SCOPE_IMAGE,        // for this image's path only
  registry = REGCRED_SCOPE_REGISTRY,  // for the whole registry host: nothing of the path has decided anything
};

// A further credential for the same image, when a registry has several.
struct OtherCredential {
  std::string registry;  // the request's, or host/path with a path of the image; another than all before it
  std::string username;
  Secret password;
};

// One credential, or several.
struct Credentials {
  std::string registry = {};  // empty: the request's registry; else that host, or host/path with a path of the image
  std::string username;       // 1 byte to 4 KiB: container runtimes ignore the password of an empty one
  Secret password;            // at most 64 KiB. Neither has control characters, the username no ':'
  Scope scope = Scope::image;
  // From now. nullopt: unknown, the operator's defaultCacheDuration decides. 0: must not be cached. Give the whole
  // remaining life: the host subtracts a margin of its own.
  std::optional<std::chrono::seconds> lifetime = std::nullopt;
  // `lifetime` is what its source allows for reuse, which has subtracted a margin already: the host subtracts none.
  bool lifetime_has_margin = false;
  std::vector<OtherCredential> others = {};  // at most 15, with the scope and lifetime of the first
};

// The audiences of the pod's token that the party which verifies it accepts unless somebody configured it otherwise.
struct ExpectedAudiences {
  std::vector<std::string> values = {};  // first the one to use; empty: the operator's choice, or no token is used
  // What an operator changes so that another audience is accepted, as in "write that audience, or change WHAT":
  // "the client IDs of the IAM identity provider". Empty: nothing is known to change.
  std::string accepted_by = {};
};

// One instance for one registry entry; all calls come from one thread. A failure is a Result; an exception that escapes
// becomes REGCRED_INTERNAL without its text, which could hold a secret.
class Backend {
 public:
  Backend() = default;
  Backend(const Backend &) = delete;
  Backend &operator=(const Backend &) = delete;
  virtual ~Backend() = default;

  // Answers one request within Clock::remaining(). Code::no_credentials lets the host ask the next entry that matches;
  // every other failure ends the request, so that no pod gets another identity by accident.
  virtual Result<Credentials> get_credentials(const Request &request) = 0;

  // Fails with BAD_CONFIG when no request for this registry, host[:port], can ever succeed with these settings.
  // `regcred check` asks, without a network: an operator then learns it before a pull does. Calls no service of the
  // host. A backend that compares the registry with its settings calls require_served() (registry.hpp) here, and this
  // function in get_credentials. Unless overridden, every registry is served.
  [[nodiscard]] virtual Result<void> serves_registry(std::string_view /*registry*/) const { return {}; }

  // For which audience the pod's token must be, with these settings, at `registry`, host[:port], which may hold the
  // wildcards of matchImages. `regcred generate` uses it for an entry without one, `check` and `doctor` compare. Calls
  // no service of the host. At most 16 values of 1 to 256 printable bytes.
  [[nodiscard]] virtual ExpectedAudiences expected_audiences(std::string_view /*registry*/) const { return {}; }
};

// The table to return from regcred_backend_entry_v1. T is a Backend with `info` and `create` as shown at the top:
// create takes the Host and the Settings and reads every setting it knows. It makes no network call and opens no secret
// file, because `regcred check` calls it, too. Not null when it succeeds. Its Settings report wrong types and unknown
// keys by themselves.
template <class T>
[[nodiscard]] const regcred_backend_v1 *backend_table() noexcept;

}  // namespace regcred

#include <regcred/detail/backend_impl.hpp>
