// SPDX-License-Identifier: Apache-2.0
// ECR's image hosts, and ECR's own service that answers for them.
#pragma once

#include <optional>
#include <regcred/aws.hpp>
#include <string>
#include <string_view>

namespace ecr {

struct Registry {
  regcred::aws::Region region;  // FIPS or dual-stack as the image's host is
  bool is_public = false;       // public.ecr.aws
};

// nullopt: not one of ECR's, or a domain and a region of two partitions. `host` in lower case, without port.
[[nodiscard]] std::optional<Registry> registry_of(std::string_view host);

[[nodiscard]] std::string ecr_host(const Registry &registry);

}  // namespace ecr
