// SPDX-License-Identifier: Apache-2.0
// FakeHost: gives a backend a scripted network, scripted programs, a fixed clock, files from a map and a log that can
// be read.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/host.hpp>
#include <regcred/http.hpp>
#include <regcred/result.hpp>
#include <regcred/testing/scripted_program.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred::test {

namespace detail {
struct FakeServices;
}  // namespace detail

// One call that the backend made, as it came: names of headers in its case, the body in plain text.
struct RecordedCall {
  std::string method;
  std::string url;
  HttpHeaders headers;
  std::string body;
  std::uint32_t flags = 0;               // REGCRED_HTTP_*
  std::chrono::milliseconds timeout{0};  // of one try; 0: the host's
};

// Names and values of a form, decoded; a name may occur again.
using FormFields = std::vector<std::pair<std::string, std::string>>;

// One call that the test expects, and what it is answered with. Made by FakeHost::expect(). What is not named here is
// not compared: other headers, and a body without with_json() and with_form().
class ScriptedCall {
 public:
  // What the request must be, byte for byte.
  ScriptedCall(std::string method, std::string url);

  // The request must carry this header, with exactly this name and value. May be called for several.
  ScriptedCall &with_header(std::string name, std::string value);

  // The request's body must be this JSON value, no member more or less, in any order and spacing.
  ScriptedCall &with_json(nlohmann::json body);

  // The request's body must be a form (application/x-www-form-urlencoded) of these fields: in any order, each as often
  // as it is named here, no field more or less. Characters other than letters, digits and -._~*+ must come as %XX.
  ScriptedCall &with_form(FormFields fields);

  // Answers with a complete response. Header names may be in any case. Without reply and fail: 200 and an empty body.
  ScriptedCall &reply(int status, std::string body = {}, HttpHeaders headers = {});

  // What the host read from Retry-After, which it does itself: a header of that name in reply() is not looked at.
  ScriptedCall &retry_after(std::chrono::seconds wait);

  // The time that passes until the answer is there, off the deadline and on the clock. When it does not fit into what
  // is left of the deadline, the answer is the host's timeout instead; when it is longer than the request's own
  // timeout, the host's "unavailable" at that time. 0 unless set.
  ScriptedCall &takes(std::chrono::milliseconds duration);

  // No response: the code and the host's sentence, as for a name that does not resolve. Takes the place of reply().
  ScriptedCall &fail(Code code, std::string text);

 private:
  friend class FakeHost;
  friend struct detail::FakeServices;

  std::string method_;
  std::string url_;
  HttpHeaders headers_;
  std::optional<nlohmann::json> json_;
  std::optional<FormFields> form_;  // sorted
  int status_ = 200;                // 0 after fail()
  std::string reply_body_;
  HttpHeaders reply_headers_;
  std::optional<std::chrono::seconds> retry_after_;  // nullopt: no Retry-After
  std::chrono::milliseconds duration_{0};
  std::int32_t code_ = REGCRED_OK;  // of `send`
  std::string error_;               // the host's sentence
};

// What FakeHost answers for Crypto::rsa_sha256() with a key file of this content: 256 bytes that depend on both, and
// not a signature, since the SDK has no RSA. Its SHA-256 and HMAC are real.
[[nodiscard]] inline std::string fake_rsa_signature(std::string_view key, std::string_view data);

// A host for tests. Calls are answered in the order of the script; problems() names what differs from it, comes on top
// of it or never comes. Also holds a backend to the real host's rules for URLs, methods and headers, and for a
// program's path, SHA-256, arguments, variables and input: a call or a run that breaks one is refused as there
// (BAD_REQUEST), is a problem, and uses up nothing of the script. It opens no file, so it does not know who may write
// to a program. Does not connect, resolve, sleep or open a file. Not movable: the tables point into it. One thread.
class FakeHost {
 public:
  // One line of regcred.log/1, of whatever level: a FakeHost drops none.
  struct LogLine {
    LogLevel level;
    std::string text;  // as the backend wrote it, neither cut nor escaped
  };

  // Has every service of abi.h, no script and no secret file.
  FakeHost();
  FakeHost(const FakeHost &) = delete;
  FakeHost &operator=(const FakeHost &) = delete;
  ~FakeHost() = default;

  // ---- Before the run ----

  // One more call at the end of the script. The reference stays valid as long as this object.
  ScriptedCall &expect(std::string method, std::string url);

  // One more run at the end of the script of programs, which is apart from that of calls: see scripted_program.hpp. The
  // reference stays valid as long as this object.
  ScriptedProgram &expect_program(std::string path);

  // The wall clock, seconds since 1970-01-01T00:00:00Z; stands still but for ScriptedCall::takes(). 2025-06-15
  // 15:06:40 UTC unless set.
  void set_unix_now(std::chrono::seconds now) { unix_now_ = now; }
  [[nodiscard]] std::chrono::seconds unix_now() const { return unix_now_; }

  // What is left of the request's deadline; 30 s unless set. With nothing left, every call is the host's timeout.
  void set_remaining(std::chrono::milliseconds remaining) { remaining_ = remaining; }

  // A static secret under the name that the backend asks for (an absolute path or a bare name). Every other name is
  // BAD_CONFIG, as for a file that is not there.
  void add_secret_file(std::string name, std::string content) { secrets_[std::move(name)] = std::move(content); }

  // Makes this host one that lacks a service (REGCRED_SERVICE_*); the last call counts.
  void withhold(std::string service_id) { withheld_ = std::move(service_id); }

  // ---- After the run ----

  // In the order in which they happened, over all runs with this host.
  [[nodiscard]] const std::vector<RecordedCall> &calls() const { return calls_; }
  [[nodiscard]] const std::vector<RecordedProgram> &programs() const { return programs_; }
  [[nodiscard]] const std::vector<LogLine> &log() const { return log_lines_; }
  [[nodiscard]] const std::vector<std::string> &secret_files_read() const { return secrets_read_; }  // their names

  // Every difference between what happened and the script, one sentence each; empty when all went as written.
  [[nodiscard]] std::vector<std::string> problems() const;

  // ---- For the backend ----

  // As create() of the C table takes it; valid as long as this object.
  [[nodiscard]] const regcred_host_v1 *table() const { return &host_; }
  // The same for tests of classes that take a Host, without a backend around them.
  [[nodiscard]] Host host() const { return Host(&host_); }

 private:
  friend struct detail::FakeServices;

  [[nodiscard]] std::chrono::milliseconds remaining() const { return remaining_ - passed_; }

  std::deque<ScriptedCall> script_;  // a deque, since expect() hands out references
  std::size_t next_ = 0;             // in script_
  std::vector<RecordedCall> calls_;
  std::deque<ScriptedProgram> program_script_;
  std::size_t next_program_ = 0;  // in program_script_
  std::vector<RecordedProgram> programs_;
  std::vector<std::string> problems_;  // but for the calls that never came
  std::vector<LogLine> log_lines_;
  std::map<std::string, std::string> secrets_;  // name -> content
  std::vector<std::string> secrets_read_;       // names, also of those that are not there
  std::string withheld_ = "none";               // a service's id
  std::chrono::seconds unix_now_{1'750'000'000};
  std::chrono::milliseconds remaining_{30'000};  // at the beginning
  std::chrono::milliseconds passed_{0};          // since then, by ScriptedCall::takes()
  regcred_host_v1 host_{};
  regcred_http_v1 http_{};
  regcred_log_v1 log_{};
  regcred_clock_v1 clock_{};
  regcred_secret_v1 secret_{};
  regcred_crypto_v1 crypto_{};
  regcred_process_v1 process_{};
};

}  // namespace regcred::test

#include <regcred/detail/fake_host_impl.hpp>
#include <regcred/detail/scripted_program_impl.hpp>
