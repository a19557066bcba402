// SPDX-License-Identifier: Apache-2.0
#include "conformance/runner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <optional>

#include "common/pipe.hpp"
#include "common/text.hpp"
#include "common/write_all.hpp"
#include "services/process/child.hpp"

namespace regcred::conformance {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t report_bytes_max = 1U << 20U;
constexpr std::size_t errors_bytes_max = 4096;

// The child's words are lines: 'S' and a step, or 'V', two digits (status, cannot_load) and the verdict's text.
constexpr char step_mark = 'S';
constexpr char verdict_mark = 'V';

void write_line(int fd, std::string line) {
  std::replace(line.begin(), line.end(), '\n', ' ');
  line.push_back('\n');
  (void)core::write_all(fd, line);  // fails when the tool has gone: nobody reads this
}

Verdict judge(const Check &check, const Subject &subject, const Progress &progress) {
  try {
    return check.run(subject, progress);
  } catch (const std::exception &error) {
    return failed(std::string("the check ended with an exception: ") + core::printable(error.what(), 200));
  }
}

[[noreturn]] void be_child(const Check &check, const Subject &subject, pid_t parent, int report, int errors) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) ::_exit(1);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  const Verdict verdict =
      judge(check, subject, [report](std::string_view step) { write_line(report, step_mark + std::string(step)); });
  std::string line(1, verdict_mark);
  line.push_back(static_cast<char>('0' + static_cast<int>(verdict.status)));
  line.push_back(verdict.cannot_load ? '1' : '0');
  write_line(report, line + verdict.text);
  ::_exit(0);
}

// What came out of a child until it closed its pipes or its time was over.
struct Heard {
  std::string report;
  std::string errors;
  bool in_time = true;
};

bool take(pollfd &entry, std::string &text, std::size_t bytes_max) {
  if (entry.fd < 0 || entry.revents == 0) return true;
  std::array<char, 16384> chunk{};
  const ssize_t size = ::read(entry.fd, chunk.data(), chunk.size());
  if (size < 0) return errno == EINTR || errno == EAGAIN;
  if (size == 0) return false;
  if (text.size() < bytes_max) text.append(chunk.data(), static_cast<std::size_t>(size));
  return true;
}

bool has_verdict(const std::string &report) {
  const std::size_t mark = report.starts_with(verdict_mark) ? 0 : report.rfind(std::string("\n") + verdict_mark);
  return mark != std::string::npos && report.ends_with('\n');
}

Heard listen(int report, int errors, pid_t child, Clock::time_point until) {
  Heard heard;
  std::array<pollfd, 2> fds = {pollfd{report, POLLIN, 0}, pollfd{errors, POLLIN, 0}};
  while (!has_verdict(heard.report)) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    heard.in_time = left.count() > 0;
    if (!heard.in_time) return heard;
    const bool ended = core::has_ended(child);  // before the poll: what it wrote is in the pipe then
    ::poll(fds.data(), fds.size(), ended ? 0 : static_cast<int>(std::min<std::int64_t>(left.count(), 50)));
    if (!take(fds[1], heard.errors, errors_bytes_max)) fds[1].fd = -1;
    if (!take(fds[0], heard.report, report_bytes_max)) return heard;
    if (ended && fds[0].revents == 0) return heard;  // a grandchild may hold the pipe open for ever
  }
  return heard;
}

std::string last_step(const std::string &report) {
  std::string step;
  for (std::size_t at = 0; at < report.size();) {
    const std::size_t end = std::min(report.find('\n', at), report.size());
    if (report[at] == step_mark) step = report.substr(at + 1, end - at - 1);
    at = end + 1;
  }
  return step;
}

Verdict verdict_of(const Heard &heard, int status, milliseconds timeout) {
  const std::string step = last_step(heard.report);
  const std::string where = step.empty() ? "" : " " + core::printable(step, 300);
  const std::string words = heard.errors.empty() ? "" : "; it wrote: " + core::printable(heard.errors, 300);
  if (has_verdict(heard.report)) {
    const std::size_t mark = heard.report.starts_with(verdict_mark) ? 0 : heard.report.rfind("\nV") + 1;
    const std::string line = heard.report.substr(mark, heard.report.size() - mark - 1);
    if (line.size() >= 3 && line[1] >= '0' && line[1] <= '3') {
      return {static_cast<Status>(line[1] - '0'), line.substr(3), line[2] == '1'};
    }
  }
  if (!heard.in_time) return failed("no end after " + std::to_string(timeout.count()) + " ms" + where + words);
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return failed("crashed (signal " + std::to_string(number) + ", " + ::strsignal(number) + ")" + where + words);
  }
  return failed("ended the process with status " + std::to_string(WEXITSTATUS(status)) + where + words);
}

Verdict run_in_child(const Check &check, const Subject &subject, milliseconds timeout) {
  std::optional<core::Pipe> report = core::make_pipe();
  std::optional<core::Pipe> errors = core::make_pipe();
  if (!report || !errors) return failed(std::string("pipe failed: ") + std::strerror(errno));
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return failed(std::string("fork failed: ") + std::strerror(errno));
  if (child == 0) be_child(check, subject, parent, report->write.get(), errors->write.get());
  ::setpgid(child, child);
  report->write.reset();
  errors->write.reset();

  const Heard heard = listen(report->read.get(), errors->read.get(), child, Clock::now() + timeout);
  // The child's own end tells more than a kill; a moment is enough, since it closed its pipe.
  int status = 0;
  pid_t reaped = 0;
  for (int i = 0; i < 100 && reaped == 0 && heard.in_time; ++i) {
    reaped = ::waitpid(child, &status, WNOHANG);
    if (reaped == 0) ::usleep(i < 20 ? 100 : 2000);
  }
  ::kill(-child, SIGKILL);
  ::kill(child, SIGKILL);
  if (reaped == 0) ::waitpid(child, &status, 0);
  return verdict_of(heard, status, timeout);
}

Verdict run_here(const Check &check, const Subject &subject) {
  return judge(check, subject, [](std::string_view) {});
}

}  // namespace

std::vector<CheckOutcome> run_checks(const std::vector<Check> &checks, const Subject &subject,
                                     const RunOptions &options) {
  std::vector<CheckOutcome> outcomes;
  for (const Check &check : checks) {
    const auto start = Clock::now();
    Verdict verdict;
    if (const auto skip = options.skips.find(check.name); skip != options.skips.end()) {
      verdict = {Status::skipped, skip->second};
    } else {
      verdict = options.in_process ? run_here(check, subject) : run_in_child(check, subject, options.timeout);
    }
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - start);
    outcomes.push_back({&check, std::move(verdict), took});
  }
  return outcomes;
}

}  // namespace regcred::conformance
