// SPDX-License-Identifier: Apache-2.0
// regcred's matcher as a program, to be compared with the kubelet's own:
//
//   kubelet_matcher table       prints the table of the unit tests: PATTERN <tab> IMAGE <tab> match|no|unusable
//   kubelet_matcher normalise   reads one image a line, prints what we take the kubelet to ask for, or "unusable"
//   kubelet_matcher matrix      reads patterns, an empty line, images; prints a line for each pattern: "unusable", or a
//                               character for each image, 1 or 0
#include <iostream>
#include <string>
#include <vector>

#include "match/pattern.hpp"
#include "unit/match/pattern_cases.hpp"

namespace {

using namespace regcred::core;

const char *verdict(std::string_view pattern, std::string_view image) {
  if (!validate_pattern(pattern)) return "unusable";
  return match_pattern(pattern, ImageReference(std::string(image))).matches() ? "match" : "no";
}

template <std::size_t size>
void print_table(const pattern_cases::Case (&cases)[size]) {
  for (const pattern_cases::Case &row : cases) {
    std::cout << row.pattern << '\t' << row.image << '\t' << verdict(row.pattern, row.image) << '\n';
  }
}

void normalise() {
  for (std::string line; std::getline(std::cin, line);) {
    const Result<std::string> image = normalise_image(line);
    std::cout << (image ? *image : "unusable") << '\n';
  }
}

void print_matrix() {
  std::vector<std::string> patterns;
  std::vector<ImageReference> images;
  std::string line;
  // The patterns begin with a mark, since one of them is empty.
  while (std::getline(std::cin, line) && !line.empty()) patterns.push_back(line.substr(1));
  while (std::getline(std::cin, line)) images.emplace_back(line);
  std::string verdicts;
  for (const std::string &pattern : patterns) {
    verdicts.clear();
    if (!validate_pattern(pattern)) {
      verdicts = "unusable";
    } else {
      for (const ImageReference &image : images) verdicts += match_pattern(pattern, image).matches() ? '1' : '0';
    }
    std::cout << verdicts << '\n';
  }
}

}  // namespace

int main(int argc, char **argv) {
  std::ios::sync_with_stdio(false);
  const std::string mode = argc == 2 ? argv[1] : "";
  if (mode == "table") {
    print_table(pattern_cases::upstream);
    print_table(pattern_cases::derived);
  } else if (mode == "normalise") {
    normalise();
  } else if (mode == "matrix") {
    print_matrix();
  } else {
    std::cerr << "usage: kubelet_matcher table | normalise | matrix\n";
    return 2;
  }
  return 0;
}
