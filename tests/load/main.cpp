// SPDX-License-Identifier: Apache-2.0
// What many requests at once cost, next to a bare libcurl program under the same load; whether each got what is its
// own. Prints tables; fails when an answer was wrong, a process was left, or a deadline was missed.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "load/crowd.hpp"
#include "load/registries.hpp"
#include "load/verdict.hpp"
#include "support/process.hpp"

namespace {

using namespace regcred::testing;
using Clock = std::chrono::steady_clock;

constexpr double deadline_ms = 45'000;  // the default; the kubelet kills after 60 s
constexpr int shown_max = 5;            // of what is wrong

struct Figures {
  std::vector<double> wall_ms;
  double all_ms = 0;  // from the first start to the last end
  long peak_kib = 0;
  int wrong = 0;
  int late = 0;

  void add(const Finished &finished, const std::string &wrong_with) {
    wall_ms.push_back(finished.wall_ms);
    peak_kib = std::max(peak_kib, finished.peak_kib);
    late += finished.wall_ms > deadline_ms ? 1 : 0;
    if (wrong_with.empty()) return;
    if (++wrong <= shown_max) std::cout << "WRONG: " << wrong_with << '\n';
  }
  [[nodiscard]] double percentile(double part) const {
    std::vector<double> sorted = wall_ms;
    std::sort(sorted.begin(), sorted.end());
    return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
  }
};

class Load {
 public:
  Load(std::string regcred, std::string bare_curl, const std::string &folder)
      : regcred_(std::move(regcred)), bare_curl_(std::move(bare_curl)), registries_(folder) {}

  // All kinds of requests; then one exchange each, and the same by the bare program, in turn.
  void at_once(int count, int rounds) {
    Figures mixed;
    Figures ours;
    Figures bare;
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round) {
      run(count, mixed, &Registries::mixed, &Load::start_regcred, what_is_wrong);
      const double ours_before = ours.all_ms;
      const double bare_before = bare.all_ms;
      run(count, ours, &Registries::plain, &Load::start_regcred, what_is_wrong);
      run(count, bare, &Registries::plain, &Load::start_bare, wrong_with_bare);
      ratios.push_back((ours.all_ms - ours_before) / (bare.all_ms - bare_before));
    }
    std::sort(ratios.begin(), ratios.end());
    std::printf("\n%d at once, %d rounds\n", count, rounds);
    print_head();
    print("regcred, all kinds of outcomes", mixed, rounds);
    print("regcred, one exchange each", ours, rounds);
    print("bare libcurl, one exchange each", bare, rounds);
    std::printf("  ratio of regcred to libcurl: median %.2f, 95 %% %.2f, 99 %% %.2f, all %.2f, peak %.2f\n",
                ours.percentile(0.5) / bare.percentile(0.5), ours.percentile(0.95) / bare.percentile(0.95),
                ours.percentile(0.99) / bare.percentile(0.99), ratios[ratios.size() / 2],
                static_cast<double>(ours.peak_kib) / static_cast<double>(bare.peak_kib));
    note(mixed);
    note(ours);
    // Of the bare program an error is no fault of ours: it does not ask again.
  }

  // `width` at any time, of all kinds, one after the other, for `seconds`.
  void soak(int seconds, int width) {
    Figures figures;
    Crowd crowd({registries_.server()});
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::seconds(seconds);
    auto next_word = begin + std::chrono::seconds(30);
    while (Clock::now() < end || crowd.running() > 0) {
      while (Clock::now() < end && crowd.running() < static_cast<std::size_t>(width))
        start_regcred(crowd, next_++, true);
      const Finished finished = crowd.wait_for_one();
      figures.add(finished, what_is_wrong(Registries::mixed(finished.number), finished));
      if (Clock::now() < next_word) continue;
      next_word += std::chrono::seconds(30);
      std::printf("  %zu answered, %d wrong, peak %.1f MiB\n", figures.wall_ms.size(), figures.wrong,
                  static_cast<double>(figures.peak_kib) / 1024);
      std::fflush(stdout);
    }
    figures.all_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    left_ += crowd.left_behind();
    ended_late_ += crowd.ended_late();
    std::printf("\n%d at any time for %d s: %zu requests\n", width, seconds, figures.wall_ms.size());
    print_head();
    print("regcred, all kinds of outcomes", figures, 1);
    note(figures);
  }

  [[nodiscard]] int exit_status() const {
    std::printf("\n%d wrong, %d later than the deadline of 45 s, %d processes left (%d ended after their parent)\n",
                wrong_, late_, left_, ended_late_);
    return wrong_ + late_ + left_ == 0 ? 0 : 1;
  }

 private:
  void start_regcred(Crowd &crowd, int number, bool mixed) {
    const LoadRequest request = mixed ? Registries::mixed(number) : Registries::plain(number);
    crowd.start(number, {regcred_, "--config", registries_.config_file()}, request.input);
  }
  void start_bare(Crowd &crowd, int number, bool) {
    const std::string body = nlohmann::json{{"subject_token", Registries::plain(number).token}}.dump();
    crowd.start(number, {bare_curl_, registries_.exchange_url(), registries_.ca_file(), "/etc/ssl/certs", body}, "");
  }
  static std::string wrong_with_bare(const LoadRequest &request, const Finished &finished) {
    if (finished.status == 0 && finished.out.find(request.password) != std::string::npos) return "";
    return "bare libcurl: status " + std::to_string(finished.status) + ", " + finished.err;
  }

  void run(int count, Figures &figures, LoadRequest (*request)(int), void (Load::*start)(Crowd &, int, bool),
           const std::function<std::string(const LoadRequest &, const Finished &)> &judge) {
    Crowd crowd({registries_.server()});
    const auto begin = Clock::now();
    for (int i = 0; i < count; ++i) (this->*start)(crowd, next_++, request == &Registries::mixed);
    while (crowd.running() > 0) {
      const Finished finished = crowd.wait_for_one();
      figures.add(finished, judge(request(finished.number), finished));
    }
    figures.all_ms += std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    left_ += crowd.left_behind();
    ended_late_ += crowd.ended_late();
  }

  static void print_head() {
    std::printf("  %-34s %10s %10s %10s %10s %10s %9s %6s %6s\n", "wall ms", "median", "95 %", "99 %", "longest", "all",
                "peak MiB", "wrong", "late");
  }
  static void print(const char *name, const Figures &figures, int rounds) {
    std::printf("  %-34s %10.0f %10.0f %10.0f %10.0f %10.0f %9.1f %6d %6d\n", name, figures.percentile(0.5),
                figures.percentile(0.95), figures.percentile(0.99), figures.percentile(1), figures.all_ms / rounds,
                static_cast<double>(figures.peak_kib) / 1024, figures.wrong, figures.late);
    std::fflush(stdout);
  }
  void note(const Figures &figures) {
    wrong_ += figures.wrong;
    late_ += figures.late;
  }

  std::string regcred_;
  std::string bare_curl_;
  Registries registries_;
  int next_ = 0;
  int wrong_ = 0;
  int late_ = 0;
  int left_ = 0;
  int ended_late_ = 0;
};

}  // namespace

int main(int argc, char **argv) {
  CLI::App app("Many requests at once: every answer right, and what it costs", "regcred-load");
  std::string regcred;
  std::string bare_curl;
  std::vector<int> counts = {200, 1000};
  int rounds = 3;
  int soak_seconds = 0;
  int width = 50;
  app.add_option("REGCRED", regcred)->required()->check(CLI::ExistingFile);
  app.add_option("BARE_CURL", bare_curl)->required()->check(CLI::ExistingFile);
  app.add_option("--at-once", counts, "How many together; for each of them a table");
  app.add_option("--rounds", rounds)->check(CLI::PositiveNumber);
  app.add_option("--soak", soak_seconds, "Instead: a steady crowd for so many seconds");
  app.add_option("--width", width, "of that crowd")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    const TemporaryDirectory directory;
    Load load(std::filesystem::absolute(regcred), std::filesystem::absolute(bare_curl), directory.path());
    if (soak_seconds > 0) {
      load.soak(soak_seconds, width);
    } else {
      for (const int count : counts) load.at_once(count, rounds);
    }
    return load.exit_status();
  } catch (const std::exception &error) {
    std::cerr << "regcred-load: " << error.what() << '\n';
    return 1;
  }
}
