// SPDX-License-Identifier: Apache-2.0
// Programs of a FakeHost: what a backend is expected to run, and what comes of it. Nothing is started.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/result.hpp>
#include <string>
#include <vector>

namespace regcred::test {

namespace detail {
struct FakeServices;
}  // namespace detail

// One program that the backend ran, as it asked for it.
struct RecordedProgram {
  std::string path;
  std::string sha256;                              // empty: not compared
  std::vector<std::string> arguments;              // behind argv[0]
  std::map<std::string, std::string> environment;  // without what the host adds
  std::string input;                               // in plain text
  std::chrono::milliseconds timeout{0};            // 0: the host's
};

// One run that the test expects, and what comes of it. Made by FakeHost::expect_program(). What is not named here is
// not compared.
class ScriptedProgram {
 public:
  // The absolute path must be this one.
  explicit ScriptedProgram(std::string path);

  // The arguments behind argv[0] must be these, no more or less.
  ScriptedProgram &with_arguments(std::vector<std::string> arguments);

  // The variables that the backend sets must be these, no more or less.
  ScriptedProgram &with_environment(std::map<std::string, std::string> environment);

  // Standard input must be these bytes.
  ScriptedProgram &with_input(std::string input);

  // Standard input must be one line with this JSON value, in any order of members, and a newline.
  ScriptedProgram &with_json_input(nlohmann::json input);

  // It writes `output` and exits with `status`, 0 to 255. Without prints, dies and fail: nothing, and 0.
  ScriptedProgram &prints(std::string output, int status = 0);

  // A signal ends it, as SIGSEGV (11) does.
  ScriptedProgram &dies(int signal);

  // No run, or none that ended: the code and the host's sentence, as for a file that is not there.
  ScriptedProgram &fail(Code code, std::string text);

 private:
  friend class FakeHost;
  friend struct detail::FakeServices;

  std::string path_;
  std::optional<std::vector<std::string>> arguments_;  // nullopt, here and below: not compared
  std::optional<std::map<std::string, std::string>> environment_;
  std::optional<std::string> input_;
  std::optional<nlohmann::json> json_input_;  // one line, as with_json_input() says
  std::string output_;
  int status_ = 0;
  int signal_ = 0;         // 0: it exits with status_
  std::int32_t code_ = 0;  // of `run`, REGCRED_*
  std::string error_;      // the host's sentence
};

}  // namespace regcred::test
