// SPDX-License-Identifier: Apache-2.0
#include "registry.hpp"

namespace ecr {

namespace aws = regcred::aws;

// The text between account and region.
constexpr struct {
  std::string_view infix;
  bool fips, dual_stack;
} forms[] = {{".dkr.ecr.", false, false},
             {".dkr.ecr-fips.", true, false},
             {".dkr-ecr.", false, true},
             {".dkr-ecr-fips.", true, true}};

std::optional<Registry> registry_of(std::string_view host) {
  constexpr std::size_t account_digits = 12;
  if (host == "public.ecr.aws") return Registry{*aws::region_of_host("us-east-1.amazonaws.com"), true};
  if (host == "ecr-public.aws.com") return Registry{*aws::region_of_host("us-east-1.on.aws"), true};
  if (host.find_first_not_of("0123456789") != account_digits) return std::nullopt;
  host.remove_prefix(account_digits);
  for (const auto &form : forms) {
    if (!host.starts_with(form.infix)) continue;
    std::optional<aws::Region> region = aws::region_of_host(host.substr(form.infix.size()));
    if (!region || region->dual_stack != form.dual_stack) return std::nullopt;
    region->fips = form.fips;
    return Registry{std::move(*region)};
  }
  return std::nullopt;
}

std::string ecr_host(const Registry &registry) {
  return (registry.region.dual_stack ? "" : "api.") +
         regcred::aws::service_host(registry.region, registry.is_public ? "ecr-public" : "ecr");
}

}  // namespace ecr
