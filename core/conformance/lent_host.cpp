// SPDX-License-Identifier: Apache-2.0
#include "conformance/lent_host.hpp"

#include <unistd.h>

#include <regcred/detail/slice.hpp>

#include "common/text.hpp"

namespace regcred::conformance {
namespace {

using detail::to_view;

// A backend that goes on and on is stopped here, before it eats the machine's memory; the time limit then ends it.
constexpr std::size_t network_calls_max = 500;

void script(test::FakeHost &fake, std::string method, std::string url, const Reply &reply) {
  test::ScriptedCall &call = fake.expect(std::move(method), std::move(url));
  if (reply.code == REGCRED_OK) {
    call.reply(reply.status, reply.body, reply.headers);
  } else {
    call.fail(static_cast<Code>(reply.code), reply.error);
  }
  if (reply.retry_after) call.retry_after(*reply.retry_after);
}

// Hands FakeHost's response on in another shape.
struct Reshaper {
  const regcred_http_sink_v1 *sink;
  Shape shape;

  static void response(void *context, const regcred_http_response_v1 *response) noexcept {
    const auto &self = *static_cast<const Reshaper *>(context);
    const Shaped<regcred_http_response_v1> shaped(*response, self.shape);
    self.sink->response(self.sink->context, shaped.get());
  }
};

template <class Table>
Table table_of(LentHost *context) {
  Table table{};
  detail::set_header(table);
  table.context = context;
  return table;
}

std::int32_t fail_with(std::int32_t code, std::string_view text, const regcred_bytes_sink_v1 *error) {
  if (error != nullptr) error->bytes(error->context, detail::to_slice(text));
  return code;
}

LentHost &of(void *context) noexcept { return *static_cast<LentHost *>(context); }

}  // namespace

LentHost::LentHost(const Subject &subject, std::uint32_t uses, const Scene &scene, HostCalls &calls,
                   const Progress &progress)
    : subject_(subject),
      uses_(uses),
      scene_(scene),
      calls_(calls),
      progress_(progress),
      host_(host_table(), scene.shape),
      http_(http_table(), scene.shape),
      log_(log_table(), scene.shape),
      clock_(clock_table(), scene.shape),
      secret_(secret_table(), scene.shape),
      crypto_(crypto_table(), scene.shape),
      process_(process_table(), scene.shape) {
  fake_.set_unix_now(subject.conversation.now + scene.clock_shift);
  for (const auto &[name, content] : subject.conversation.secrets) fake_.add_secret_file(name, content);
}

std::vector<std::string> LentHost::differences() const {
  std::vector<std::string> all = differences_;
  for (std::string &problem : fake_.problems()) all.push_back(std::move(problem));
  if (scene_.network_fault || scene_.program_fault || !all.empty()) return all;
  const std::vector<PlannedProgram> &planned = subject_.conversation.programs;
  for (std::size_t i = fake_.programs().size(); i < planned.size(); ++i) {
    all.push_back("program " + std::to_string(i + 1) + " of the conversation was not run: " + planned[i].path);
  }
  for (std::size_t i = made_; i < subject_.conversation.calls.size(); ++i) {
    const Call &call = subject_.conversation.calls[i];
    all.push_back("call " + std::to_string(i + 1) +
                  " of the conversation never came: " + call_label(call.method, call.url));
  }
  return all;
}

template <class Service>
const Service *LentHost::fake(const char *id) const {
  return static_cast<const Service *>(fake_.table()->get_service(fake_.table()->context, id));
}

bool LentHost::deadline_over() const { return scene_.deadline_after && made_ >= *scene_.deadline_after; }

Reply LentHost::reply_to(std::string_view method, std::string_view url) {
  const std::size_t index = made_++;
  const std::vector<Call> &planned = subject_.conversation.calls;
  if (const auto &fault = scene_.network_fault; fault && index >= fault->call) {
    if (index == fault->call) return fault->at;
    if (fault->after) return *fault->after;
  }
  if (index < planned.size() && (scene_.replies_to_any_url || is_planned(planned[index], method, url))) {
    return planned[index].reply;
  }
  const std::string label = call_label(method, url);
  if (index >= planned.size()) {
    differences_.push_back(label + " is not in the conversation");
  } else {
    differences_.push_back("call " + std::to_string(index + 1) + " is " + label + ", the conversation has " +
                           call_label(planned[index].method, planned[index].url));
  }
  return no_response(REGCRED_UNAVAILABLE, "the conversation has no such call");
}

const void *LentHost::get_service(void *context, const char *id) noexcept {
  LentHost &self = of(context);
  const std::string_view wanted = id == nullptr ? std::string_view("null") : std::string_view(id);
  if (self.calls_.fails("get_service(" + std::string(wanted) + ")")) return nullptr;
  if (wanted == self.scene_.withheld_service) return nullptr;
  if (wanted == REGCRED_SERVICE_HTTP) return self.http_.get();
  if (wanted == REGCRED_SERVICE_LOG) return self.log_.get();
  if (wanted == REGCRED_SERVICE_CLOCK) return self.clock_.get();
  if (wanted == REGCRED_SERVICE_SECRET) return self.secret_.get();
  if (wanted == REGCRED_SERVICE_CRYPTO) return self.crypto_.get();
  if (wanted == REGCRED_SERVICE_PROCESS && (self.uses_ & REGCRED_USES_PROCESS) != 0) return self.process_.get();
  return nullptr;
}

std::int32_t LentHost::send(void *context, const regcred_http_request_v1 *request,
                            const regcred_http_sink_v1 *sink) noexcept {
  LentHost &self = of(context);
  if (self.made_ >= network_calls_max) {
    self.progress_("after " + std::to_string(network_calls_max) + " network calls");
    while (true) ::pause();
  }
  const std::string method(to_view(request->method));
  const std::string url(to_view(request->url));
  const bool fails = self.calls_.fails("http.send");
  const bool late = self.deadline_over();
  Reply reply = self.reply_to(method, url);
  if (fails) reply = no_response(REGCRED_UNAVAILABLE, "the name of the server does not resolve; check DNS");
  if (late) reply = no_response(REGCRED_TIMEOUT, "the deadline of this request is over");
  script(self.fake_, method, url, reply);

  Reshaper reshaper{sink, self.scene_.shape};
  regcred_http_sink_v1 taker{};
  detail::set_header(taker);
  taker.context = &reshaper;
  taker.response = &Reshaper::response;
  const auto *http = self.fake<regcred_http_v1>(REGCRED_SERVICE_HTTP);
  return http->send(http->context, request, &taker);
}

std::int32_t LentHost::log_enabled(void *context, std::int32_t) noexcept {
  return of(context).calls_.fails("log.enabled") ? 0 : 1;
}

void LentHost::log_write(void *context, std::int32_t level, regcred_slice text) noexcept {
  LentHost &self = of(context);
  if (self.calls_.fails("log.write")) return;
  const auto *log = self.fake<regcred_log_v1>(REGCRED_SERVICE_LOG);
  log->write(log->context, level, text);
}

std::int64_t LentHost::ask_clock(const char *call, std::int64_t (*regcred_clock_v1::*function)(void *)) noexcept {
  if (calls_.fails(call)) return 0;
  const auto *clock = fake<regcred_clock_v1>(REGCRED_SERVICE_CLOCK);
  return (clock->*function)(clock->context);
}

std::int64_t LentHost::unix_ms(void *context) noexcept {
  return of(context).ask_clock("clock.unix_ms", &regcred_clock_v1::unix_ms);
}

std::int64_t LentHost::monotonic_ms(void *context) noexcept {
  return of(context).ask_clock("clock.monotonic_ms", &regcred_clock_v1::monotonic_ms);
}

std::int64_t LentHost::remaining_ms(void *context) noexcept {
  const std::int64_t left_ms = of(context).ask_clock("clock.remaining_ms", &regcred_clock_v1::remaining_ms);
  return of(context).deadline_over() ? 0 : left_ms;
}

std::int32_t LentHost::read_secret(void *context, regcred_slice name, const regcred_bytes_sink_v1 *secret,
                                   const regcred_bytes_sink_v1 *error) noexcept {
  LentHost &self = of(context);
  const auto *files = self.fake<regcred_secret_v1>(REGCRED_SERVICE_SECRET);
  if (!self.calls_.fails("secret.read")) return files->read(files->context, name, secret, error);
  return fail_with(REGCRED_BAD_CONFIG, "the file is missing; create it with mode 0600", error);
}

std::int32_t LentHost::sha256(void *context, regcred_slice data, const regcred_bytes_sink_v1 *digest,
                              const regcred_bytes_sink_v1 *error) noexcept {
  LentHost &self = of(context);
  const auto *crypto = self.fake<regcred_crypto_v1>(REGCRED_SERVICE_CRYPTO);
  if (!self.calls_.fails("crypto.sha256")) return crypto->sha256(crypto->context, data, digest, error);
  return fail_with(REGCRED_INTERNAL, "the host is out of memory", error);
}

std::int32_t LentHost::hmac_sha256(void *context, regcred_slice key, regcred_slice data,
                                   const regcred_bytes_sink_v1 *mac, const regcred_bytes_sink_v1 *error) noexcept {
  LentHost &self = of(context);
  const auto *crypto = self.fake<regcred_crypto_v1>(REGCRED_SERVICE_CRYPTO);
  if (!self.calls_.fails("crypto.hmac_sha256")) return crypto->hmac_sha256(crypto->context, key, data, mac, error);
  return fail_with(REGCRED_INTERNAL, "the host is out of memory", error);
}

std::int32_t LentHost::rsa_sha256(void *context, regcred_slice key_name, regcred_slice data,
                                  const regcred_bytes_sink_v1 *signature, const regcred_bytes_sink_v1 *error) noexcept {
  LentHost &self = of(context);
  const auto *crypto = self.fake<regcred_crypto_v1>(REGCRED_SERVICE_CRYPTO);
  if (!self.calls_.fails("crypto.rsa_sha256")) {
    return crypto->rsa_sha256(crypto->context, key_name, data, signature, error);
  }
  return fail_with(REGCRED_BAD_CONFIG, "the key file is missing; create it with mode 0600", error);
}

std::int32_t LentHost::run_program(void *context, const regcred_process_request_v1 *request,
                                   const regcred_process_sink_v1 *sink) noexcept {
  LentHost &self = of(context);
  const std::size_t index = self.fake_.programs().size();
  const std::vector<PlannedProgram> &planned = self.subject_.conversation.programs;
  const std::string path(to_view(request->program));
  test::ScriptedProgram &program = self.fake_.expect_program(path);
  if (self.calls_.fails("process.run")) {
    program.fail(Code::unavailable, "no process can be started; see the limits on processes");
  } else if (self.deadline_over()) {
    program.fail(Code::timeout, "no time is left to run a program");
  } else if (const auto &fault = self.scene_.program_fault; fault && index == 0) {
    program.prints(fault->output, fault->status);
    if (fault->signal != 0) program.dies(fault->signal);
    if (fault->code != REGCRED_OK) program.fail(static_cast<Code>(fault->code), fault->error);
  } else if (index < planned.size() && planned[index].path == path) {
    program.prints(planned[index].output, planned[index].status);
  } else {
    self.differences_.push_back("program " + core::in_quotes(path, 200) + " is not in the conversation");
    program.fail(Code::unavailable, "the conversation has no such program");
  }
  struct Relay {
    const regcred_process_sink_v1 *sink;
    Shape shape;
  } relay{sink, self.scene_.shape};
  regcred_process_sink_v1 taker{};
  detail::set_header(taker);
  taker.context = &relay;
  taker.result = [](void *to, const regcred_process_result_v1 *result) {
    const auto &from = *static_cast<const Relay *>(to);
    const Shaped<regcred_process_result_v1> shaped(*result, from.shape);
    from.sink->result(from.sink->context, shaped.get());
  };
  const auto *process = self.fake<regcred_process_v1>(REGCRED_SERVICE_PROCESS);
  return process->run(process->context, request, &taker);
}

regcred_host_v1 LentHost::host_table() {
  auto table = table_of<regcred_host_v1>(this);
  table.get_service = &LentHost::get_service;
  return table;
}

regcred_http_v1 LentHost::http_table() {
  auto table = table_of<regcred_http_v1>(this);
  table.send = &LentHost::send;
  return table;
}

regcred_log_v1 LentHost::log_table() {
  auto table = table_of<regcred_log_v1>(this);
  table.enabled = &LentHost::log_enabled;
  table.write = &LentHost::log_write;
  return table;
}

regcred_clock_v1 LentHost::clock_table() {
  auto table = table_of<regcred_clock_v1>(this);
  table.unix_ms = &LentHost::unix_ms;
  table.monotonic_ms = &LentHost::monotonic_ms;
  table.remaining_ms = &LentHost::remaining_ms;
  return table;
}

regcred_secret_v1 LentHost::secret_table() {
  auto table = table_of<regcred_secret_v1>(this);
  table.read = &LentHost::read_secret;
  return table;
}

regcred_crypto_v1 LentHost::crypto_table() {
  auto table = table_of<regcred_crypto_v1>(this);
  table.sha256 = &LentHost::sha256;
  table.hmac_sha256 = &LentHost::hmac_sha256;
  table.rsa_sha256 = &LentHost::rsa_sha256;
  return table;
}

regcred_process_v1 LentHost::process_table() {
  auto table = table_of<regcred_process_v1>(this);
  table.run = &LentHost::run_program;
  return table;
}

}  // namespace regcred::conformance
