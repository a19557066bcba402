// SPDX-License-Identifier: Apache-2.0
// ECR's image hosts, and the hosts of AWS that answer for them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ecr {

// A separate AWS, with domains, regions and accounts of its own.
struct Partition {
  std::string_view name;                   // as in an ARN
  std::string_view domain;                 // of registries and services
  std::string_view dual_stack_registries;  // empty: none are known
  std::string_view dual_stack_services;
  std::string_view areas;  // of its regions, AREA-PLACE-NUMBER
};

struct Registry {
  const Partition *partition;  // not null
  std::string region;
  bool fips = false;
  bool dual_stack = false;
  bool is_public = false;  // public.ecr.aws
};

// nullopt: not one of ECR's, or a domain and a region of two partitions. `host` in lower case, without port.
[[nodiscard]] std::optional<Registry> registry_of(std::string_view host);

// The regional STS, and ECR's own service. Both of the kind (FIPS, dual-stack) that the image's host is.
[[nodiscard]] std::string sts_host(const Registry &registry);
[[nodiscard]] std::string ecr_host(const Registry &registry);

}  // namespace ecr
