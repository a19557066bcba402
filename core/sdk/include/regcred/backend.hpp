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
// The process lives for one request. No thread, no child process, no network call of its own (http.hpp), nothing
// written to descriptors 0, 1, 2, no change to environment, working directory, umask, locale or signals.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <regcred/detail/slice.hpp>
#include <regcred/host.hpp>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <regcred/settings.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace regcred {

// Whether the backend wants the pod's token: the default of the entry's `serviceAccountToken`.
enum class TokenNeed : std::int32_t {
  required = REGCRED_TOKEN_REQUIRED,
  optional = REGCRED_TOKEN_OPTIONAL,
  never = REGCRED_TOKEN_NEVER,
};

// What is known about a backend without running it. All text must live as long as the process: string literals.
struct BackendInfo {
  std::string_view name;     // the file name without .so: [a-z][a-z0-9-]{0,62}
  std::string_view version;  // of the backend
  TokenNeed token = TokenNeed::required;
  std::string_view settings_schema;                     // JSON Schema (draft 2020-12) of the settings
  std::span<const std::string_view> annotation_keys{};  // of the service account, that the backend reads
};

// One image to get credentials for. A view: valid during get_credentials.
class Request {
 public:
  explicit Request(const regcred_request_v1 *raw) noexcept : raw_(raw) {}

  // Normalised, without tag and digest: registry.example.com/team/app.
  [[nodiscard]] std::string_view image() const noexcept { return detail::to_view(raw_->image); }
  // host[:port]
  [[nodiscard]] std::string_view registry() const noexcept { return detail::to_view(raw_->registry); }
  // The part of image after the registry and its slash; may be empty.
  [[nodiscard]] std::string_view path() const noexcept {
    const std::string_view whole = image();
    const std::size_t slash = whole.find('/');
    return slash == std::string_view::npos ? std::string_view{} : whole.substr(slash + 1);
  }
  // A compact JWT; empty when there is none. Goes into a request body, never into a text.
  [[nodiscard]] std::string_view service_account_token() const noexcept {
    return detail::to_view(raw_->service_account_token);
  }
  // Set by whoever may edit the service account: let it select among what the operator allows, never introduce a host.
  [[nodiscard]] std::optional<std::string_view> annotation(std::string_view key) const noexcept {
    for (std::uint64_t i = 0; i < raw_->annotations_count; ++i) {
      if (detail::to_view(raw_->annotations[i].name) == key) return detail::to_view(raw_->annotations[i].value);
    }
    return std::nullopt;
  }

 private:
  const regcred_request_v1 *raw_;
};

enum class Scope : std::int32_t {
  image = REGCRED_SCOPE_IMAGE,        // for this image's path only
  registry = REGCRED_SCOPE_REGISTRY,  // for the whole registry host
};

// One credential.
struct Credentials {
  std::string registry = {};  // empty: the request's registry; else that host, or host/path with a path of the image
  std::string username;       // not empty: container runtimes ignore the password otherwise
  Secret password;
  Scope scope = Scope::image;
  // From now. nullopt: unknown, the operator's defaultCacheDuration rules. 0: must not be cached. The host subtracts
  // its own margin, so give the whole remaining life.
  std::optional<std::chrono::seconds> lifetime = std::nullopt;
};

// One instance for one registry entry. Exceptions that escape become REGCRED_INTERNAL.
class Backend {
 public:
  Backend() = default;
  Backend(const Backend &) = delete;
  Backend &operator=(const Backend &) = delete;
  virtual ~Backend() = default;

  // Answers one request within Clock::remaining().
  virtual Result<Credentials> get_credentials(const Request &request) = 0;

  // Fails with BAD_CONFIG when no request for this registry, host[:port], can ever succeed with these settings.
  // `regcred check` asks, without a network: an operator then learns it before a pull does. Calls no service of the
  // host. A backend that compares the registry with its settings calls require_served() (registry.hpp) here, and this
  // function in get_credentials. Unless overridden, every registry is served.
  [[nodiscard]] virtual Result<void> serves_registry(std::string_view /*registry*/) const { return {}; }
};

namespace detail {

inline std::int32_t report(const regcred_sink_v1 *sink, const Failure &failure) noexcept {
  const auto code = static_cast<std::int32_t>(failure.code);
  const std::int64_t retry_after = failure.retry_after ? failure.retry_after->count() : -1;
  sink->fail(sink->context, code, retry_after, to_slice(failure.text));
  return code;
}

// The exception firewall. It stands inside the backend's own shared object, where its C++ runtime can catch.
template <class Call>
std::int32_t guarded(const regcred_sink_v1 *sink, Call &&call) noexcept {
  const auto internal = [sink](std::string_view text) noexcept {
    sink->fail(sink->context, REGCRED_INTERNAL, -1, to_slice(text));
    return REGCRED_INTERNAL;
  };
  try {  // guard: sdk-catches
    return call();
  } catch (const std::bad_alloc &) {
    return internal("the backend ran out of memory; see the memory of this node, or report this to its maintainers");
  } catch (const std::exception &) {
    return internal("the backend threw an exception; report this to its maintainers");  // what() may hold secrets
  } catch (...) {
    return internal("the backend threw something that is not an exception; report this to its maintainers");
  }
}

template <class T>
struct Thunks {
  static std::int32_t create(const regcred_host_v1 *host, regcred_slice settings_json, const regcred_sink_v1 *sink,
                             void **instance) noexcept {
    *instance = nullptr;
    return guarded(sink, [&]() -> std::int32_t {
      Settings settings(to_view(settings_json));
      Result<std::unique_ptr<T>> made = T::create(Host(host), settings);
      // A wrong type explains a failed create() better than what follows from it. Unknown keys are looked for only
      // after success: a create() that ended early has not asked for all it knows.
      if (settings.wrong_type()) return report(sink, *settings.wrong_type());
      if (!made) return report(sink, made.error());
      if (const Result<void> read = settings.finish(); !read) return report(sink, read.error());
      if (*made == nullptr)
        return report(sink, {Code::internal, "create gave no instance; report this to its maintainers"});
      *instance = made->release();
      return REGCRED_OK;
    });
  }

  static std::int32_t get_credentials(void *instance, const regcred_request_v1 *raw,
                                      const regcred_sink_v1 *sink) noexcept {
    return guarded(sink, [&]() -> std::int32_t {
      const Request request(raw);
      Result<Credentials> credentials = static_cast<T *>(instance)->get_credentials(request);
      if (!credentials) return report(sink, credentials.error());
      const std::string_view registry =
          credentials->registry.empty() ? request.registry() : std::string_view(credentials->registry);
      const std::int32_t added = sink->add_auth(sink->context, to_slice(registry), to_slice(credentials->username),
                                                to_slice(credentials->password.reveal()));
      if (added != REGCRED_OK) {  // guard: refused-credential
        return report(sink, {Code::bad_upstream, "the registry's credential is empty, too large or not printable"});
      }
      const std::int32_t cached =
          sink->set_cache(sink->context, static_cast<std::int32_t>(credentials->scope),
                          credentials->lifetime ? credentials->lifetime->count() : REGCRED_LIFETIME_UNKNOWN);
      if (cached != REGCRED_OK) return report(sink, {Code::internal, "the host refused the credential's lifetime"});
      return REGCRED_OK;
    });
  }

  static void destroy(void *instance) noexcept { delete static_cast<T *>(instance); }

  static std::int32_t settings_schema(const regcred_bytes_sink_v1 *sink) noexcept {
    sink->bytes(sink->context, to_slice(T::info.settings_schema));
    return REGCRED_OK;
  }

  static std::int32_t annotation_keys(const regcred_bytes_sink_v1 *sink) noexcept {
    for (const std::string_view key : T::info.annotation_keys) sink->bytes(sink->context, to_slice(key));
    return REGCRED_OK;
  }

  static std::int32_t serves_registry(void *instance, regcred_slice registry, const regcred_sink_v1 *sink) noexcept {
    return guarded(sink, [&]() -> std::int32_t {
      const Result<void> served = static_cast<const T *>(instance)->serves_registry(to_view(registry));
      return served ? REGCRED_OK : report(sink, served.error());
    });
  }
};

}  // namespace detail

// The table to return from regcred_backend_entry_v1. T is a Backend with `info` and `create` as shown at the top:
// create takes the Host and the Settings, reads every setting it knows, makes no network call.
template <class T>
[[nodiscard]] const regcred_backend_v1 *backend_table() noexcept {
  static_assert(std::is_base_of_v<Backend, T>, "a backend derives from regcred::Backend");
  static constexpr regcred_backend_v1 table = {
      .struct_size = sizeof(regcred_backend_v1),
      .abi_major = REGCRED_ABI_MAJOR,
      .abi_minor = REGCRED_ABI_MINOR,
      .name = {T::info.name.data(), T::info.name.size()},
      .version = {T::info.version.data(), T::info.version.size()},
      .token_use = static_cast<std::int32_t>(T::info.token),
      .reserved = 0,
      .create = &detail::Thunks<T>::create,
      .get_credentials = &detail::Thunks<T>::get_credentials,
      .destroy = &detail::Thunks<T>::destroy,
      .settings_schema = &detail::Thunks<T>::settings_schema,
      .annotation_keys = &detail::Thunks<T>::annotation_keys,
      .serves_registry = &detail::Thunks<T>::serves_registry,
  };
  return &table;
}

}  // namespace regcred
