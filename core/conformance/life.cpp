// SPDX-License-Identifier: Apache-2.0
#include "conformance/life.hpp"

#include "common/limits.hpp"
#include "common/text.hpp"

namespace regcred::conformance {
namespace {

using detail::to_view;

Life &life_of(void *context) noexcept { return *static_cast<Life *>(context); }

// The annotations that the host would let through: those that the backend declares.
test::FakeRequest request_for(const regcred_backend_v1 &table, const RequestSpec &spec, const std::string &image) {
  test::FakeRequest request(image);
  if (table.token_use != REGCRED_TOKEN_NEVER) request.token(spec.token);
  for (const std::string &key : test::annotation_keys(table)) {
    if (const auto found = spec.annotations.find(key); found != spec.annotations.end()) {
      request.annotation(key, found->second);
    }
  }
  return request;
}

}  // namespace

std::optional<std::int64_t> Said::lifetime_seconds() const {
  if (cache.empty() || cache.back().lifetime_seconds == REGCRED_LIFETIME_UNKNOWN) return std::nullopt;
  return cache.back().lifetime_seconds;
}

std::string Said::summary(const Subject &subject) const {
  std::string text = code_name(code);
  if (!failures.empty()) {
    const std::string_view token = subject.request.token;
    text += ": " + core::in_quotes(core::redacted(failures.back().text, {&token, 1}), 200);
  }
  if (!differences.empty()) text += " (" + differences.front() + ")";
  return text;
}

Life::Life(const regcred_backend_v1 &table, const Subject &subject, const Scene &scene, const Progress &progress)
    : table_(table),
      subject_(subject),
      scene_(scene),
      calls_(scene.failing_host_call),
      host_(subject, table.uses, scene, calls_, progress),
      sink_(sink_table(), scene.shape),
      instance_(untouched()) {}

void *Life::untouched() {
  static char mark = 0;
  return &mark;
}

std::int32_t Life::create() {
  const std::string &settings = scene_.settings_json ? *scene_.settings_json : subject_.settings_json;
  said_.create_code = table_.create(host_.table(), detail::to_slice(settings), sink_.get(), &instance_);
  said_.code = said_.create_code;
  said_.network_calls_in_create = host_.network_calls().size() + host_.programs().size();
  return said_.code;
}

std::int32_t Life::get_credentials() {
  const test::FakeRequest request =
      request_for(table_, subject_.request, scene_.image.value_or(subject_.request.image));
  std::vector<regcred_pair> annotations;
  const Shaped<regcred_request_v1> raw(request.raw(annotations), scene_.shape);
  said_.code = table_.get_credentials(instance_, raw.get(), sink_.get());
  return said_.code;
}

std::int32_t Life::serves_registry(std::string_view registry) {
  return table_.serves_registry(instance_, detail::to_slice(registry), sink_.get());
}

Life::Audiences Life::expected_audiences(std::string_view registry) {
  const auto sink_of = [](std::vector<std::string> &values) {
    regcred_bytes_sink_v1 sink{};
    detail::set_header(sink);
    sink.context = &values;
    sink.bytes = [](void *context, regcred_slice value) {
      static_cast<std::vector<std::string> *>(context)->emplace_back(to_view(value));
    };
    return sink;
  };
  Audiences said;
  const Shaped<regcred_bytes_sink_v1> values(sink_of(said.values), scene_.shape);
  const Shaped<regcred_bytes_sink_v1> accepted_by(sink_of(said.accepted_by), scene_.shape);
  said.code = table_.expected_audiences(instance_, detail::to_slice(registry), values.get(), accepted_by.get());
  return said;
}

void Life::destroy() { table_.destroy(instance_); }

Said Life::said() const {
  Said said = said_;
  said.network_calls = host_.network_calls();
  said.programs_run = host_.programs().size();
  for (const auto &line : host_.log()) {
    said.log.push_back(line.text);
    said.log_levels.push_back(static_cast<std::int32_t>(line.level));
  }
  said.host_calls = calls_.names();
  said.differences = host_.differences();
  return said;
}

// Keeps to what abi.h says of add_auth.
std::int32_t Life::add_auth(void *context, regcred_slice registry, regcred_slice username,
                            regcred_slice secret) noexcept {
  Life &self = life_of(context);
  const bool too_much =
      self.said_.auth.size() >= core::limits::auth_entries_max || registry.size > core::limits::image_bytes_max ||
      username.size > core::limits::username_bytes_max || secret.size > core::limits::password_bytes_max;
  if (self.calls_.fails("sink.add_auth") || too_much) return REGCRED_BAD_REQUEST;
  self.said_.auth.push_back(
      {std::string(to_view(registry)), std::string(to_view(username)), std::string(to_view(secret))});
  return REGCRED_OK;
}

std::int32_t Life::set_cache(void *context, std::int32_t scope, std::int64_t lifetime_seconds) noexcept {
  Life &self = life_of(context);
  if (self.calls_.fails("sink.set_cache")) return REGCRED_INTERNAL;
  self.said_.cache.push_back({scope, lifetime_seconds});
  return REGCRED_OK;
}

std::int32_t Life::set_cache_duration(void *context, std::int32_t scope, std::int64_t seconds) noexcept {
  Life &self = life_of(context);
  if (self.calls_.fails("sink.set_cache_duration")) return REGCRED_INTERNAL;
  self.said_.cache.push_back({scope, seconds, true});
  return REGCRED_OK;
}

std::int32_t Life::fail(void *context, std::int32_t code, std::int64_t retry_after_seconds,
                        regcred_slice text) noexcept {
  Life &self = life_of(context);
  self.said_.failures.push_back({code, retry_after_seconds, std::string(to_view(text))});
  return self.calls_.fails("sink.fail") ? REGCRED_INTERNAL : REGCRED_OK;
}

regcred_sink_v1 Life::sink_table() {
  regcred_sink_v1 table{};
  detail::set_header(table);
  table.context = this;
  table.add_auth = &Life::add_auth;
  table.set_cache = &Life::set_cache;
  table.fail = &Life::fail;
  table.set_cache_duration = &Life::set_cache_duration;
  return table;
}

Said live(const regcred_backend_v1 &table, const Subject &subject, const Scene &scene, const Progress &progress) {
  Life life(table, subject, scene, progress);
  if (life.create() == REGCRED_OK) {
    life.get_credentials();
    life.destroy();
  }
  return life.said();
}

}  // namespace regcred::conformance
