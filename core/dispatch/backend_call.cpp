// SPDX-License-Identifier: Apache-2.0
#include "dispatch/backend_call.hpp"

#include <new>
#include <regcred/detail/slice.hpp>

#include "common/contains.hpp"
#include "common/image_reference.hpp"
#include "common/limits.hpp"
#include "dispatch/token_policy.hpp"

namespace regcred::core {
namespace {

using detail::to_slice;
using detail::to_view;

// The sink that a backend writes to. Copies at once, keeps to the limits, remembers a broken limit as a refusal.
class RecordingSink {
 public:
  RecordingSink(WorkerResult &result, KnownSecrets &secrets) : result_(result), secrets_(secrets) {
    detail::set_header(table_);
    table_.context = this;
    table_.add_auth = &RecordingSink::add_auth;
    table_.set_cache = &RecordingSink::set_cache;
    table_.fail = &RecordingSink::fail_text;
    table_.set_cache_duration = &RecordingSink::set_cache_duration;
  }

  [[nodiscard]] const regcred_sink_v1 *table() const { return &table_; }
  // Throws std::bad_alloc when a call of the backend could not be kept for want of memory.
  void throw_if_out_of_memory() const {
    if (out_of_memory_) throw std::bad_alloc();
  }
  // What people may read of the result is then without the secrets that are known by now.
  void hide_secrets() {
    result_.text = secrets_.hidden_in(result_.text);
    for (AuthEntry &auth : result_.auth) auth.username_is_secret = secrets_.hidden_in(auth.username) != auth.username;
  }

 private:
  static std::int32_t add_auth(void *context, regcred_slice registry, regcred_slice username,
                               regcred_slice secret) noexcept {
    WorkerResult &result = static_cast<RecordingSink *>(context)->result_;
    if (result.auth.size() >= limits::auth_entries_max || registry.size > limits::image_bytes_max ||
        username.size > limits::username_bytes_max || secret.size > limits::password_bytes_max) {
      return REGCRED_BAD_REQUEST;
    }
    return keep(context, [&] {
      static_cast<RecordingSink *>(context)->secrets_.add(to_view(secret));
      result.auth.push_back({std::string(to_view(registry)), std::string(to_view(username)), Secret(to_view(secret))});
    });
  }

  static std::int32_t set_cache(void *context, std::int32_t scope, std::int64_t lifetime_seconds) noexcept {
    WorkerResult &result = static_cast<RecordingSink *>(context)->result_;
    result.scope = scope;
    result.lifetime_seconds = lifetime_seconds;
    result.lifetime_has_margin = false;
    return REGCRED_OK;
  }

  static std::int32_t set_cache_duration(void *context, std::int32_t scope, std::int64_t seconds) noexcept {
    set_cache(context, scope, seconds);
    static_cast<RecordingSink *>(context)->result_.lifetime_has_margin = true;
    return REGCRED_OK;
  }

  static std::int32_t fail_text(void *context, std::int32_t, std::int64_t retry_after_seconds,
                                regcred_slice text) noexcept {
    WorkerResult &result = static_cast<RecordingSink *>(context)->result_;
    result.retry_after_seconds = retry_after_seconds;
    return keep(context, [&] { result.text = std::string(to_view(text).substr(0, limits::backend_text_bytes_max)); });
  }

  // The backend calls these, so no exception may leave them.
  template <class Store>
  static std::int32_t keep(void *context, Store store) noexcept {
    try {
      store();
      return REGCRED_OK;
    } catch (const std::bad_alloc &) {
      static_cast<RecordingSink *>(context)->out_of_memory_ = true;
      return REGCRED_INTERNAL;
    }
  }

  WorkerResult &result_;
  KnownSecrets &secrets_;
  bool out_of_memory_ = false;
  regcred_sink_v1 table_{};
};

// The annotations that the entry, or else the backend, lets through. The views live in the request.
std::vector<regcred_pair> allowed_annotations(const BackendJob &job, const BackendDescription &backend) {
  const std::vector<std::string> &keys = annotation_keys_of(job.entry, backend.annotation_keys);
  std::vector<regcred_pair> pairs;
  for (const auto &[key, value] : job.request.annotations) {
    if (contains(keys, key)) pairs.push_back({to_slice(key), to_slice(value)});
  }
  return pairs;
}

// Lets the backend read its settings. The code goes into `result`; the instance counts only when that is OK.
void *create_instance(const regcred_backend_v1 &table, const RegistryEntry &entry, HostServices &host,
                      const RecordingSink &sink, WorkerResult &result) {
  void *instance = nullptr;
  host.allow(table.uses);
  result.code = table.create(host.table(), to_slice(entry.settings_json), sink.table(), &instance);
  if (result.code != REGCRED_OK) sink.throw_if_out_of_memory();
  if (result.code == REGCRED_NO_CREDENTIALS) {  // guard: create-hands-nobody-on
    // Only get_credentials may say so: a backend that cannot start must not hand the pod on to another identity.
    result.code = REGCRED_INTERNAL;
    result.text = "create returned no_credentials, which only get_credentials may";
  }
  return instance;
}

// Empty when `instance` may serve `registry`.
std::string why_unserved(const regcred_backend_v1 &table, void *instance, const std::string &registry,
                         HostServices &host) {
  if (registry.find_first_of("*?[\\") != std::string::npos || table.serves_registry == nullptr) return {};
  WorkerResult result;
  RecordingSink sink(result, host.secrets());
  const std::int32_t code = table.serves_registry(instance, to_slice(registry), sink.table());
  if (code == REGCRED_OK) return {};
  sink.throw_if_out_of_memory();
  sink.hide_secrets();
  return result.text.empty() ? "the backend refuses this registry without a reason" : result.text;
}

// Called by the backend, so no exception may leave: what is too much, or finds no memory, is left out.
void keep_text(void *context, regcred_slice value) noexcept {
  auto &values = *static_cast<std::vector<std::string> *>(context);
  if (value.size > limits::expected_audience_bytes_max || values.size() >= limits::expected_audiences_max) return;
  try {
    values.emplace_back(detail::to_view(value));
  } catch (const std::bad_alloc &) {
    values.clear();
  }
}

void ask_audiences(const regcred_backend_v1 &table, void *instance, const std::string &registry,
                   RegistryOpinion &opinion) {
  if (table.expected_audiences == nullptr) return;
  std::vector<std::string> changes;
  regcred_bytes_sink_v1 audiences{};
  detail::set_header(audiences);
  audiences.context = &opinion.audiences;
  audiences.bytes = &keep_text;
  regcred_bytes_sink_v1 accepted_by = audiences;
  accepted_by.context = &changes;
  const std::int32_t code = table.expected_audiences(instance, to_slice(registry), &audiences, &accepted_by);
  if (code != REGCRED_OK) opinion.audiences.clear();
  if (!changes.empty()) opinion.accepted_by = std::move(changes.front());
}

}  // namespace

WorkerResult call_create(const LoadedBackend &backend, const RegistryEntry &entry, HostServices &host,
                         const std::vector<std::string> &registries, std::vector<RegistryOpinion> &opinions) {
  WorkerResult result;
  RecordingSink sink(result, host.secrets());
  void *const instance = create_instance(*backend.table, entry, host, sink, result);
  if (result.code == REGCRED_OK) {
    for (const std::string &registry : registries) {
      opinions.push_back({why_unserved(*backend.table, instance, registry, host), {}, {}});
      ask_audiences(*backend.table, instance, registry, opinions.back());
    }
    backend.table->destroy(instance);
  }
  sink.hide_secrets();
  return result;
}

Result<WorkerResult> call_backend(const BackendJob &job, const BackendLoader &loader, HostServices &host) {
  const Result<LoadedBackend> backend = loader.load(job.entry.backend, job.entry.backend_sha256);
  if (!backend) return tl::make_unexpected(backend.error());
  return call_loaded(job, *backend, host);
}

Result<WorkerResult> call_loaded(const BackendJob &job, const LoadedBackend &backend, HostServices &host) {
  const Result<std::string_view> token = token_for_backend(job.entry, backend.description.token_use, job.request);
  if (!token) return tl::make_unexpected(token.error());

  const ImageReference image(asked_prefix(job.entry, job.request.image) + std::string(job.request.image.path()));
  const std::vector<regcred_pair> annotations = allowed_annotations(job, backend.description);
  regcred_request_v1 request{};
  detail::set_header(request);
  request.image = to_slice(image.name());
  request.registry = to_slice(image.registry());
  request.service_account_token = to_slice(*token);
  request.annotations = annotations.data();
  request.annotations_count = annotations.size();

  WorkerResult result;
  RecordingSink sink(result, host.secrets());
  const regcred_backend_v1 &table = *backend.table;
  void *instance = create_instance(table, job.entry, host, sink, result);
  if (result.code == REGCRED_OK) {
    result.code = table.get_credentials(instance, &request, sink.table());
    table.destroy(instance);
    sink.throw_if_out_of_memory();
  }
  sink.hide_secrets();
  return result;
}

}  // namespace regcred::core
