// SPDX-License-Identifier: Apache-2.0
// The host of a backend in a check: the SDK's FakeHost, with faults that the tool can add.
//
// FakeHost provides the services. Every call of them passes through here first: it is counted, made to fail, answered
// from the conversation, or passed on in the struct sizes of another release.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <regcred/testing/fake_host.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/check.hpp"
#include "conformance/conversation.hpp"
#include "conformance/shaped.hpp"
#include "conformance/subject.hpp"

namespace regcred::conformance {

// One fault on the network: from the call at `call` (0-based) on, the replies differ from the conversation.
struct NetworkFault {
  std::string check;                         // the check that this belongs to: network.http-401
  std::string what;                          // for messages: "HTTP 401"
  std::size_t call = 0;                      // of the conversation
  Reply at;                                  // the answer to that call
  std::optional<Reply> after;                // to all that follow; nullopt: the conversation goes on as planned
  std::vector<std::int32_t> expected_codes;  // what a backend may return
  bool changes_credential = false;           // ok may come with another credential than in the success case
};

// One fault of a program: what it does in place of what the conversation has. It is the last that is run.
struct ProgramFault {
  std::string what;
  int status = 0;  // exit status
  int signal = 0;  // not 0: this ends it
  std::string output = {};
  std::int32_t code = REGCRED_OK;  // not OK: the host's own failure
  std::string error = {};
  std::vector<std::int32_t> expected_codes;
};

// How one run differs from the success case.
struct Scene {
  std::optional<std::string> settings_json;  // instead of the subject's
  std::optional<NetworkFault> network_fault;
  std::optional<ProgramFault> program_fault;     // of the conversation's first program
  std::optional<std::string> image;              // asked for instead of the subject's
  bool replies_to_any_url = false;               // the conversation's replies in their order, whatever was sent
  std::optional<std::size_t> failing_host_call;  // 0-based, over all functions of host and sink
  std::string withheld_service;                  // REGCRED_SERVICE_*
  std::chrono::seconds clock_shift{0};
  std::optional<std::size_t> deadline_after;  // the deadline is over after this many network calls
  Shape shape = Shape::current;
};

// Every call that a backend made of a function of the host, by name and in order; decides which one fails.
class HostCalls {
 public:
  explicit HostCalls(std::optional<std::size_t> failing) : failing_(failing) {}

  // Notes the call; true when it is the one that must fail.
  bool fails(std::string_view function) {
    names_.emplace_back(function);
    return failing_ && *failing_ == names_.size() - 1;
  }
  [[nodiscard]] const std::vector<std::string> &names() const { return names_; }

 private:
  std::optional<std::size_t> failing_;
  std::vector<std::string> names_;
};

// One host for one instance of a backend. Refers to its parts; not movable, since the tables point into it.
class LentHost {
 public:
  // `uses` of the backend's table decides which services it gets.
  LentHost(const Subject &subject, std::uint32_t uses, const Scene &scene, HostCalls &calls, const Progress &progress);
  LentHost(const LentHost &) = delete;
  LentHost &operator=(const LentHost &) = delete;

  [[nodiscard]] const regcred_host_v1 *table() const { return host_.get(); }

  // -- what the backend did with it --
  [[nodiscard]] const std::vector<test::RecordedCall> &network_calls() const { return fake_.calls(); }
  [[nodiscard]] const std::vector<test::RecordedProgram> &programs() const { return fake_.programs(); }
  [[nodiscard]] const std::vector<test::FakeHost::LogLine> &log() const { return fake_.log(); }
  // Differences from the conversation, and broken rules of the HTTP service; empty when there are none.
  [[nodiscard]] std::vector<std::string> differences() const;

 private:
  static const void *get_service(void *context, const char *id) noexcept;
  static std::int32_t send(void *context, const regcred_http_request_v1 *request,
                           const regcred_http_sink_v1 *sink) noexcept;
  static std::int32_t log_enabled(void *context, std::int32_t level) noexcept;
  static void log_write(void *context, std::int32_t level, regcred_slice text) noexcept;
  static std::int64_t unix_ms(void *context) noexcept;
  static std::int64_t monotonic_ms(void *context) noexcept;
  static std::int64_t remaining_ms(void *context) noexcept;
  static std::int32_t read_secret(void *context, regcred_slice name, const regcred_bytes_sink_v1 *secret,
                                  const regcred_bytes_sink_v1 *error) noexcept;
  static std::int32_t sha256(void *context, regcred_slice data, const regcred_bytes_sink_v1 *digest,
                             const regcred_bytes_sink_v1 *error) noexcept;
  static std::int32_t hmac_sha256(void *context, regcred_slice key, regcred_slice data,
                                  const regcred_bytes_sink_v1 *mac, const regcred_bytes_sink_v1 *error) noexcept;
  static std::int32_t rsa_sha256(void *context, regcred_slice key_name, regcred_slice data,
                                 const regcred_bytes_sink_v1 *signature, const regcred_bytes_sink_v1 *error) noexcept;

  static std::int32_t run_program(void *context, const regcred_process_request_v1 *request,
                                  const regcred_process_sink_v1 *sink) noexcept;

  [[nodiscard]] regcred_host_v1 host_table();
  [[nodiscard]] regcred_http_v1 http_table();
  [[nodiscard]] regcred_log_v1 log_table();
  [[nodiscard]] regcred_clock_v1 clock_table();
  [[nodiscard]] regcred_secret_v1 secret_table();
  [[nodiscard]] regcred_crypto_v1 crypto_table();
  [[nodiscard]] regcred_process_v1 process_table();
  [[nodiscard]] std::int64_t ask_clock(const char *call, std::int64_t (*regcred_clock_v1::*function)(void *)) noexcept;

  template <class Service>
  [[nodiscard]] const Service *fake(const char *id) const;
  [[nodiscard]] bool deadline_over() const;
  [[nodiscard]] Reply reply_to(std::string_view method, std::string_view url);

  const Subject &subject_;
  std::uint32_t uses_;
  const Scene &scene_;
  HostCalls &calls_;
  const Progress &progress_;
  test::FakeHost fake_;
  std::size_t made_ = 0;  // network calls
  std::vector<std::string> differences_;
  Shaped<regcred_host_v1> host_;
  Shaped<regcred_http_v1> http_;
  Shaped<regcred_log_v1> log_;
  Shaped<regcred_clock_v1> clock_;
  Shaped<regcred_secret_v1> secret_;
  Shaped<regcred_crypto_v1> crypto_;
  Shaped<regcred_process_v1> process_;
};

}  // namespace regcred::conformance
