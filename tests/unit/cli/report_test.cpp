// SPDX-License-Identifier: Apache-2.0
#include "cli/check/report.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "cli/table.hpp"
#include "common/unique_fd.hpp"
#include "unit/config/fixture.hpp"

namespace regcred::core {
namespace {

const std::vector<Finding> two = {{Severity::error, "some-rule", "/etc/x.yaml:3:5", "is wrong", "correct it"},
                                  {Severity::note, "other-rule", "/etc/x.yaml", "is big", ""}};

TEST(Report, lines_like_a_compiler) {
  CheckedParts parts;
  parts.files = {"/etc/x.yaml"};
  parts.entries = 2;
  parts.kubelet_config = "/etc/k.yaml";
  parts.kubernetes_version = "1.34";
  EXPECT_EQ(findings_as_text(two, parts, {}),
            "/etc/x.yaml:3:5: error: is wrong; correct it [some-rule]\n"
            "/etc/x.yaml: note: is big [other-rule]\n"
            "\n"
            "configuration   2 entries in /etc/x.yaml\n"
            "kubelet         /etc/k.yaml for Kubernetes 1.34\n"
            "found           1 error, 1 note\n");
}

TEST(Report, colour_on_a_terminal_only) {
  Terminal terminal;
  terminal.colour = true;
  const std::string text = findings_as_text(two, {}, terminal);
  EXPECT_NE(text.find("\x1b[31merror\x1b[0m"), std::string::npos) << text;
  EXPECT_EQ(findings_as_text(two, {}, {}).find('\x1b'), std::string::npos);
}

TEST(Report, from_top_to_bottom_of_each_file) {
  std::vector<Finding> findings;
  for (const char *where : {"b:2:1", "a:10:1", "b:1:9", "a:9:1", "b", "b:1:10"}) {
    findings.push_back({Severity::error, "r", where, "", ""});
  }
  sort_by_place(findings);
  std::string order;
  for (const Finding &finding : findings) order += finding.where + ' ';
  EXPECT_EQ(order, "b b:1:9 b:1:10 b:2:1 a:9:1 a:10:1 ");
}

TEST(Report, counts_in_words) {
  EXPECT_EQ(in_words({}), "nothing");
  EXPECT_EQ(in_words({1, 0, 0}), "1 error");
  EXPECT_EQ(in_words({2, 1, 3}), "2 errors, 1 warning, 3 notes");
}

// The terminal's side of a new pseudo terminal.
class PseudoTerminal {
 public:
  PseudoTerminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    EXPECT_EQ(::grantpt(master_.get()), 0);
    EXPECT_EQ(::unlockpt(master_.get()), 0);
    slave_ = UniqueFd(::open(::ptsname(master_.get()), O_RDWR | O_NOCTTY));
    EXPECT_GE(slave_.get(), 0);
  }
  [[nodiscard]] int fd() const { return slave_.get(); }

 private:
  UniqueFd master_;
  UniqueFd slave_;
};

TEST(Terminal, colour_is_for_terminals_that_want_it) {
  const PseudoTerminal terminal;
  const UniqueFd pipe(::open("/dev/null", O_RDWR));
  struct Row {
    Variables environment;
    int output;
    bool colour;
  };
  const Row table[] = {
      {{{"TERM", "xterm"}}, terminal.fd(), true},
      {{{"TERM", "xterm"}, {"NO_COLOR", ""}}, terminal.fd(), true},  // no-color.org: set and not empty
      {{{"TERM", "xterm"}, {"NO_COLOR", "1"}}, terminal.fd(), false},
      {{{"TERM", "dumb"}}, terminal.fd(), false},
      {{}, terminal.fd(), false},
      {{{"TERM", "xterm"}}, pipe.get(), false},
  };
  for (const Row &row : table) {
    EXPECT_EQ(detect_terminal(Environment(row.environment), row.output, pipe.get()).colour, row.colour);
  }
  EXPECT_TRUE(detect_terminal(Environment(Variables{{"TERM", "xterm"}}), pipe.get(), terminal.fd()).progress);
  EXPECT_FALSE(detect_terminal(Environment(Variables{{"TERM", "xterm"}}), terminal.fd(), pipe.get()).progress);
}

TEST(Terminal, columns_are_what_is_seen) {
  const Terminal colour{true, false};
  EXPECT_EQ(paint({}, Tone::bad, "x"), "x");
  EXPECT_EQ(shown_width("\x1b[31m\u00e4b\x1b[0m"), 2U);
  EXPECT_EQ(format_table({{paint(colour, Tone::bad, "a"), "b"}, {"ccc", "d"}}), "\x1b[31ma\x1b[0m    b\nccc  d\n");
}

}  // namespace
}  // namespace regcred::core
