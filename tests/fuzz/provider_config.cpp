// SPDX-License-Identifier: Apache-2.0
// A CredentialProviderConfig: every finding has a place, a rule and a cure.
#include "cluster/provider_config.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "common/unique_fd.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"

using namespace regcred::core;
using regcred::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size == 0) return 0;
  const UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  require(::write(file.get(), data + 1, size - 1) == static_cast<ssize_t>(size - 1), "the input is written");
  std::vector<Finding> findings;
  const KubernetesVersion version{26 + data[0] % 14};
  const ProviderConfig config = read_provider_config("/proc/self/fd/" + std::to_string(file.get()), version, findings);
  for (const Finding &finding : findings) {
    require(!finding.rule.empty() && !finding.what.empty() && !finding.cure.empty(), "a finding says all of it");
    require(finding.where.starts_with("/proc/self/fd/"), "a finding has its place");
  }
  require(config.files.size() == 1, "one file was read");
  return 0;
}
