// SPDX-License-Identifier: Apache-2.0
// What choosing among many registry entries costs, apart from parsing them.
// usage: choose CONFIG_FILE; prints one JSON object with medians in milliseconds.
#include <chrono>
#include <iostream>
#include <vector>

#include "config/config.hpp"
#include "config/environment.hpp"
#include "match/route.hpp"

namespace {

using namespace regcred::core;

template <class Work>
double median_ms(int rounds, Work &&work) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(times.begin(), times.begin() + rounds / 2, times.end());
  return times[static_cast<std::size_t>(rounds / 2)];
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const Environment environment = process_environment();
  const ConfigSource source{argv[1], "regcred", environment};
  const Result<Config> config = load_config(source);
  if (!config) {
    std::cerr << config.error().where << ": " << config.error().what << '\n';
    return 3;
  }
  const ImageReference image(config->registries.back().match_images.back() + "/team/app");
  const double choose_ms = median_ms(51, [&] {
    if (!choose_route(*config, image)) std::abort();
  });
  const double parse_ms = median_ms(5, [&] {
    if (!load_config(source)) std::abort();
  });
  std::cout << "{\"entries\": " << config->registries.size() << ", \"parse_ms\": " << parse_ms
            << ", \"choose_ms\": " << choose_ms << "}\n";
  return 0;
}
