// SPDX-License-Identifier: Apache-2.0
#include "registry.hpp"

namespace ecr {
namespace {

constexpr Partition partitions[] = {
    {"aws", "amazonaws.com", "on.aws", "api.aws", " us eu ap sa ca me af il mx "},
    {"aws-us-gov", "amazonaws.com", "on.aws", "api.aws", " us-gov "},
    {"aws-cn", "amazonaws.com.cn", "on.amazonwebservices.com.cn", "api.amazonwebservices.com.cn", " cn "},
    {"aws-eusc", "amazonaws.eu", "", "api.amazonwebservices.eu", " eusc-de "},
    {"aws-iso", "c2s.ic.gov", "", "api.aws.ic.gov", " us-iso "},
    {"aws-iso-b", "sc2s.sgov.gov", "", "api.aws.scloud", " us-isob "},
    {"aws-iso-e", "cloud.adc-e.uk", "", "api.cloud-aws.adc-e.uk", " eu-isoe "},
    {"aws-iso-f", "csp.hci.ic.gov", "", "api.aws.hci.ic.gov", " us-isof "},
};

// What stands between account and region.
constexpr struct {
  std::string_view infix;
  bool fips, dual_stack;
} forms[] = {{".dkr.ecr.", false, false},
             {".dkr.ecr-fips.", true, false},
             {".dkr-ecr.", false, true},
             {".dkr-ecr-fips.", true, true}};

bool only(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view digits = "0123456789";

bool has_region(const Partition &partition, std::string_view region) {
  const std::size_t number = region.rfind('-');
  const std::size_t place = number == std::string_view::npos ? number : region.substr(0, number).rfind('-');
  if (place == std::string_view::npos) return false;
  const std::string area = " " + std::string(region.substr(0, place)) + " ";
  return partition.areas.find(area) != std::string_view::npos && only(region.substr(number + 1), digits) &&
         only(region.substr(place + 1, number - place - 1), "abcdefghijklmnopqrstuvwxyz");
}

}  // namespace

std::optional<Registry> registry_of(std::string_view host) {
  if (host == "public.ecr.aws" || host == "ecr-public.aws.com") {
    return Registry{&partitions[0], "us-east-1", false, host == "ecr-public.aws.com", true};
  }
  constexpr std::size_t account_digits = 12;
  if (host.size() < account_digits || !only(host.substr(0, account_digits), digits)) return std::nullopt;
  host.remove_prefix(account_digits);
  for (const auto &form : forms) {
    if (!host.starts_with(form.infix)) continue;
    const std::string_view rest = host.substr(form.infix.size());
    const std::string_view region = rest.substr(0, rest.find('.'));
    const std::string_view domain = rest.substr(std::min(region.size() + 1, rest.size()));
    for (const Partition &partition : partitions) {
      const std::string_view own = form.dual_stack ? partition.dual_stack_registries : partition.domain;
      if (domain.empty() || domain != own || !has_region(partition, region)) continue;  // guard: ecr-partition-of-host
      return Registry{&partition, std::string(region), form.fips, form.dual_stack, false};
    }
  }
  return std::nullopt;
}

std::string sts_host(const Registry &registry) {
  const Partition &partition = *registry.partition;
  // GovCloud's plain endpoint is its FIPS endpoint.
  const bool fips = registry.fips && (registry.dual_stack || partition.name != "aws-us-gov");
  return (fips ? "sts-fips." : "sts.") + registry.region + "." +
         std::string(registry.dual_stack ? partition.dual_stack_services : partition.domain);
}

std::string ecr_host(const Registry &registry) {
  const Partition &partition = *registry.partition;
  return std::string(registry.dual_stack ? "" : "api.") +
         (registry.is_public ? "ecr-public."
          : registry.fips    ? "ecr-fips."
                             : "ecr.") +
         registry.region + "." + std::string(registry.dual_stack ? partition.dual_stack_services : partition.domain);
}

}  // namespace ecr
