// SPDX-License-Identifier: Apache-2.0
// Runs a target over files, in a build without a fuzzer: the corpus and what was found before, in every run of the
// tests.
//
// usage: fuzz_TARGET DIRECTORY...
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/require.hpp"

namespace fs = std::filesystem;

int main(int argc, char **argv) {
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto &entry : fs::directory_iterator(argv[i])) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path &file : files) {
    std::cout << file.filename().string() << std::endl;  // flushed: the last one is the one that failed
    std::ifstream in(file, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size());
  }
  if (files.empty()) std::cout << "no files" << std::endl;
  return files.empty() ? 1 : 0;
}
