// SPDX-License-Identifier: Apache-2.0
// The Nth call of each kind fails, for every N over a whole request: the right answer, or one clean line. Never a
// crash, a hang, half a document, a secret in an error, or a process that stays.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "e2e/fixture.hpp"
#include "support/orphans.hpp"

namespace regcred::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::StartsWith;

struct Kind {
  const char *name;
  int error_number;
  bool is_short = false;  // moves one byte instead of failing
};

void PrintTo(const Kind &kind, std::ostream *out) {
  *out << kind.name << '_' << (kind.is_short ? "short" : std::to_string(kind.error_number));
}

class Faults : public EndToEnd, public ::testing::WithParamInterface<Kind> {
 protected:
  // One request whose call number `at` fails. False when there was no such call.
  bool fault_at(long at) {
    fs::remove(mark_);
    Variables environment = {{"LD_PRELOAD", FAULT_LIBRARY},
                             {"FAULT_KIND", GetParam().name},
                             {"FAULT_AT", std::to_string(at)},
                             {"FAULT_ERRNO", std::to_string(GetParam().error_number)},
                             {"FAULT_MARK", mark_}};
    if (GetParam().is_short) environment.emplace_back("FAULT_SHORT", "1");
    judge(run_process({{REGCRED_PROGRAM, "--config", config_}, request_, environment}), at);
    EXPECT_TRUE(orphans_.none_is_left()) << at << ": a process is left";
    return fs::exists(mark_);
  }

  void judge(const ProcessOutput &output, long at) const {
    EXPECT_LT(output.until_eof, std::chrono::seconds(6)) << at;
    EXPECT_EQ(regcred::test::find_leak(token_, output.err), std::nullopt) << at << ": " << output.err;
    if (output.status == 0) {
      const nlohmann::json answer = nlohmann::json::parse(output.out, nullptr, false);
      EXPECT_TRUE(answer.is_object() && answer["auth"].size() == 1) << at << ": " << output.out;
      return;
    }
    EXPECT_TRUE(output.status >= 2 && output.status <= 8) << at << ": status " << output.status << ' ' << output.err;
    EXPECT_EQ(output.out, "") << at;
    if (std::string_view(GetParam().name) == "malloc") {  // where the pipe between them fails, the parent cannot know
      EXPECT_EQ(output.err.find("without an answer"), std::string::npos)
          << at << ": blames the backend: " << output.err;
      // It may say Aborted: the destructor of nlohmann/json needs memory, and is noexcept.
      EXPECT_EQ(output.err.find("Segmentation fault"), std::string::npos) << at << ": " << output.err;
    }
    if (std::string_view(GetParam().name) == "curl_perform") {
      EXPECT_THAT(output.err, ::testing::HasSubstr("not enough memory to ask ")) << at;
    }
    if (std::string_view(GetParam().name) == "write" && output.err.empty()) return;  // the line could not be written
    EXPECT_THAT(output.err, StartsWith("regcred: ")) << at;
    EXPECT_EQ(output.err.find('\n'), output.err.size() - 1) << at << ": " << output.err;
  }

  // Every N when REGCRED_FAULTS=all; else some four hundred, spread evenly.
  static long stride(long calls) {
    const char *const wanted = std::getenv("REGCRED_FAULTS");
    return wanted != nullptr && std::string_view(wanted) == "all" ? 1 : std::max(1L, calls / 400);
  }
  // How many calls there are: the first N for which none fails.
  long count_calls() {
    long few = 1;
    long many = 2;
    while (fault_at(many)) {
      few = many;
      many *= 2;
    }
    while (many - few > std::max(1L, few / 64)) {
      const long middle = few + (many - few) / 2;
      (fault_at(middle) ? few : many) = middle;
    }
    return many;
  }

  Orphans orphans_;
  std::string mark_ = directory_.path() + "/mark";
  std::string config_ =
      directory_.write("config.yaml", config("orgSlug: iduffy-demo, serviceSlug: default-v9ty", "deadline: 3s"));
  std::string request_ = request();
};

TEST_P(Faults, L5_L6_end_in_a_right_answer_or_a_clean_line) {
  ASSERT_TRUE(fault_at(1)) << "no such call: the library is not loaded";
  const long calls = count_calls();
  const long step = stride(calls);
  for (long at = 1; at <= calls; at += step) fault_at(at);
  RecordProperty("calls", static_cast<int>(calls));
  std::cout << calls << " calls, every " << step << ". of them failed\n";
}

INSTANTIATE_TEST_SUITE_P(table, Faults,
                         ::testing::Values(Kind{"malloc", ENOMEM}, Kind{"read", EIO}, Kind{"read", EINTR},
                                           Kind{"read", EAGAIN}, Kind{"read", 0, true}, Kind{"write", EIO},
                                           Kind{"write", EINTR}, Kind{"write", EAGAIN}, Kind{"write", ENOSPC},
                                           Kind{"write", 0, true}, Kind{"open", EMFILE}, Kind{"open", EACCES},
                                           Kind{"open", ENOMEM}, Kind{"fork", EAGAIN}, Kind{"pipe", EMFILE},
                                           Kind{"poll", EINTR}, Kind{"poll", ENOMEM}, Kind{"socket", EMFILE},
                                           Kind{"socket", ENOMEM}, Kind{"connect", ENETUNREACH}, Kind{"connect", EINTR},
                                           Kind{"recv", EINTR}, Kind{"recv", EAGAIN}, Kind{"recv", ECONNRESET},
                                           Kind{"recv", 0, true}, Kind{"send", EINTR}, Kind{"send", EAGAIN},
                                           Kind{"send", EPIPE}, Kind{"send", 0, true}, Kind{"curl_init", ENOMEM},
                                           Kind{"curl_setopt", ENOMEM}, Kind{"curl_perform", ENOMEM}),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace regcred::testing
