// SPDX-License-Identifier: Apache-2.0
// A process that looks like a kubelet: says its version, or runs for a while.
#include <unistd.h>

#include <cstdio>
#include <string_view>

int main(int argc, char **argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--version") return std::puts("Kubernetes v1.34.4") < 0 ? 1 : 0;
  ::sleep(300);
  return 0;
}
