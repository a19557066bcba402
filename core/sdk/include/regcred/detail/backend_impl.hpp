// SPDX-License-Identifier: Apache-2.0
// The bodies of backend.hpp, whose comments say what they do, and the C functions that the table points to. Included by
// it alone.
#pragma once

#include <cstddef>
#include <exception>
#include <new>
#include <regcred/backend.hpp>
#include <regcred/detail/slice.hpp>
#include <type_traits>

namespace regcred {

// ---- Request ----

inline std::string_view Request::image() const noexcept { return detail::to_view(raw_->image); }

inline std::string_view Request::registry() const noexcept { return detail::to_view(raw_->registry); }

inline std::string_view Request::path() const noexcept {
  const std::string_view whole = image();
  const std::size_t slash = whole.find('/');
  return slash == std::string_view::npos ? std::string_view{} : whole.substr(slash + 1);
}

inline std::string_view Request::service_account_token() const noexcept {
  return detail::to_view(raw_->service_account_token);
}

inline std::optional<std::string_view> Request::annotation(std::string_view key) const noexcept {
  for (std::uint64_t i = 0; i < raw_->annotations_count; ++i) {
    if (detail::to_view(raw_->annotations[i].name) == key) return detail::to_view(raw_->annotations[i].value);
  }
  return std::nullopt;
}

inline std::vector<std::pair<std::string_view, std::string_view>> Request::annotations() const {
  std::vector<std::pair<std::string_view, std::string_view>> all;
  for (std::uint64_t i = 0; i < raw_->annotations_count; ++i) {
    all.emplace_back(detail::to_view(raw_->annotations[i].name), detail::to_view(raw_->annotations[i].value));
  }
  return all;
}

// ---- The table ----

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
      const auto add = [sink](std::string_view where, std::string_view username, const Secret &password) {
        return sink->add_auth(sink->context, to_slice(where), to_slice(username), to_slice(password.reveal()));
      };
      std::int32_t added = add(registry, credentials->username, credentials->password);
      for (const OtherCredential &other : credentials->others) {
        if (added == REGCRED_OK) added = add(other.registry, other.username, other.password);
      }
      if (added != REGCRED_OK) {  // guard: refused-credential
        return report(sink, {Code::bad_upstream, "the registry's credential is empty, too large or not printable"});
      }
      const auto set_cache = credentials->lifetime_has_margin ? sink->set_cache_duration : sink->set_cache;
      const std::int32_t cached =
          set_cache(sink->context, static_cast<std::int32_t>(credentials->scope),
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

  static std::int32_t expected_audiences(void *instance, regcred_slice registry, const regcred_bytes_sink_v1 *audiences,
                                         const regcred_bytes_sink_v1 *accepted_by) noexcept {
    try {
      const ExpectedAudiences expected = static_cast<const T *>(instance)->expected_audiences(to_view(registry));
      for (const std::string &value : expected.values) audiences->bytes(audiences->context, to_slice(value));
      if (accepted_by != nullptr && !expected.accepted_by.empty()) {
        accepted_by->bytes(accepted_by->context, to_slice(expected.accepted_by));
      }
      return REGCRED_OK;
    } catch (...) {
      return REGCRED_INTERNAL;
    }
  }
};

}  // namespace detail

template <class T>
const regcred_backend_v1 *backend_table() noexcept {
  static_assert(std::is_base_of_v<Backend, T>, "a backend derives from regcred::Backend");
  static constexpr regcred_backend_v1 table = {
      .struct_size = sizeof(regcred_backend_v1),
      .abi_major = REGCRED_ABI_MAJOR,
      .abi_minor = REGCRED_ABI_MINOR,
      .name = {T::info.name.data(), T::info.name.size()},
      .version = {T::info.version.data(), T::info.version.size()},
      .token_use = static_cast<std::int32_t>(T::info.token),
      .uses = T::info.runs_programs ? REGCRED_USES_PROCESS : 0U,
      .create = &detail::Thunks<T>::create,
      .get_credentials = &detail::Thunks<T>::get_credentials,
      .destroy = &detail::Thunks<T>::destroy,
      .settings_schema = &detail::Thunks<T>::settings_schema,
      .annotation_keys = &detail::Thunks<T>::annotation_keys,
      .serves_registry = &detail::Thunks<T>::serves_registry,
      .expected_audiences = &detail::Thunks<T>::expected_audiences,
  };
  return &table;
}

}  // namespace regcred
