// SPDX-License-Identifier: Apache-2.0
#include "conformance/process_state.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "common/text.hpp"

namespace regcred::conformance {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> environment_now() {
  std::vector<std::string> variables;
  for (char **at = ::environ; at != nullptr && *at != nullptr; ++at) variables.emplace_back(*at);
  std::sort(variables.begin(), variables.end());
  return variables;
}

std::map<int, std::string> signals_now() {
  std::map<int, std::string> signals;
  sigset_t blocked{};
  ::sigprocmask(SIG_SETMASK, nullptr, &blocked);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) != 0) continue;  // two are glibc's own
    const auto handler = reinterpret_cast<std::uintptr_t>(action.sa_handler);
    signals[number] = std::to_string(handler) + "/" + std::to_string(action.sa_flags) +
                      (::sigismember(&blocked, number) == 1 ? "/blocked" : "");
  }
  return signals;
}

std::map<int, std::string> descriptors_now() {
  std::map<int, std::string> descriptors;
  std::error_code error;
  for (fs::directory_iterator at("/proc/self/fd", error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    const fs::path target = fs::read_symlink(at->path(), gone);
    const int number = std::stoi(at->path().filename().string());
    if (!gone) descriptors[number] = target.string();
  }
  // The iterator's own descriptor is in the list, and closed by now.
  std::erase_if(descriptors, [](const auto &item) { return ::fcntl(item.first, F_GETFD) < 0; });
  return descriptors;
}

std::size_t threads_now() {
  std::error_code error;
  std::size_t count = 0;
  for (fs::directory_iterator at("/proc/self/task", error), end; !error && at != end; at.increment(error)) ++count;
  return count;
}

bool children_now() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) == 0;  // else ECHILD: there is none
}

std::string name_of(const std::string &variable) { return core::printable(variable.substr(0, variable.find('=')), 60); }

}  // namespace

ProcessState ProcessState::now() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  ProcessState state;
  state.environment = environment_now();
  std::error_code error;
  state.directory = fs::current_path(error).string();
  state.mask = ::umask(0);
  ::umask(static_cast<mode_t>(state.mask));
  const char *locale = std::setlocale(LC_ALL, nullptr);
  state.locale = locale != nullptr ? locale : "";
  state.signals = signals_now();
  state.descriptors = descriptors_now();
  state.threads = threads_now();
  state.children = children_now();
  return state;
}

std::string environment_change(const ProcessState &before, const ProcessState &after) {
  std::vector<std::string> changed;
  std::set_symmetric_difference(before.environment.begin(), before.environment.end(), after.environment.begin(),
                                after.environment.end(), std::back_inserter(changed));
  return changed.empty() ? "" : "the environment variable " + name_of(changed.front()) + " was changed";
}

std::string directory_change(const ProcessState &before, const ProcessState &after) {
  if (before.directory == after.directory) return {};
  return "the working directory was changed to " + core::in_quotes(after.directory);
}

std::string mask_change(const ProcessState &before, const ProcessState &after) {
  if (before.mask == after.mask) return {};
  std::array<char, 16> octal{};
  std::snprintf(octal.data(), octal.size(), "%03o", after.mask);
  return std::string("the umask was changed to ") + octal.data();
}

std::string locale_change(const ProcessState &before, const ProcessState &after) {
  return before.locale == after.locale ? "" : "the locale was changed to " + core::in_quotes(after.locale);
}

std::string signal_change(const ProcessState &before, const ProcessState &after) {
  for (const auto &[number, action] : before.signals) {
    const auto found = after.signals.find(number);
    if (found == after.signals.end() || found->second == action) continue;
    return "handling of signal " + std::to_string(number) + " (" + ::strsignal(number) + ") was changed";
  }
  return {};
}

std::string descriptor_change(const ProcessState &before, const ProcessState &after) {
  for (const auto &[number, target] : after.descriptors) {
    const auto found = before.descriptors.find(number);
    const std::string what = "descriptor " + std::to_string(number) + " (" + core::printable(target, 100) + ")";
    if (found == before.descriptors.end()) return what + " was left open";
    if (found->second != target) return what + " was opened in place of another";
  }
  for (const auto &[number, target] : before.descriptors) {
    if (after.descriptors.count(number) == 0) return "descriptor " + std::to_string(number) + " was closed";
  }
  return {};
}

std::string thread_change(const ProcessState &before, const ProcessState &after) {
  if (after.threads <= before.threads) return {};
  return std::to_string(after.threads - before.threads) + " thread(s) were left running";
}

std::string child_change(const ProcessState &before, const ProcessState &after) {
  return after.children && !before.children ? "a child process was left behind" : "";
}

OutputWatch::OutputWatch() {
  std::fflush(nullptr);
  for (int number = 0; number <= 2; ++number) {
    saved_.emplace_back(::fcntl(number, F_DUPFD_CLOEXEC, 10));
    files_.emplace_back(::memfd_create("output", MFD_CLOEXEC));
    ::dup2(files_.back().get(), number);
  }
}

OutputWatch::~OutputWatch() {
  std::fflush(nullptr);
  for (int number = 0; number <= 2; ++number) ::dup2(saved_[static_cast<std::size_t>(number)].get(), number);
}

std::string OutputWatch::change() const {
  std::fflush(nullptr);
  for (std::size_t number = 0; number < files_.size(); ++number) {
    struct stat status {};
    if (::fstat(files_[number].get(), &status) != 0 || status.st_size == 0) continue;
    return "it wrote " + std::to_string(status.st_size) + " bytes to descriptor " + std::to_string(number);
  }
  return {};
}

}  // namespace regcred::conformance
