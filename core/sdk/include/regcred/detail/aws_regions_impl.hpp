// SPDX-License-Identifier: Apache-2.0
// The bodies of aws.hpp for regions and roles, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <regcred/aws.hpp>
#include <regcred/placeholders.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/text.hpp>

namespace regcred::aws {

// ---- Regions ----

namespace detail {

struct Partition {
  std::string_view name;
  std::string_view domain;               // of services and of customers' hosts
  std::string_view dual_stack_hosts;     // customers'; empty: none are known
  std::string_view dual_stack_services;  // services'
  std::string_view areas;                // of its regions, AREA-PLACE-NUMBER; each area is in one partition
};

inline constexpr Partition partitions[] = {
    {"aws", "amazonaws.com", "on.aws", "api.aws", " us eu ap sa ca me af il mx "},
    {"aws-us-gov", "amazonaws.com", "on.aws", "api.aws", " us-gov "},
    {"aws-cn", "amazonaws.com.cn", "on.amazonwebservices.com.cn", "api.amazonwebservices.com.cn", " cn "},
    {"aws-eusc", "amazonaws.eu", "", "api.amazonwebservices.eu", " eusc-de "},
    {"aws-iso", "c2s.ic.gov", "", "api.aws.ic.gov", " us-iso "},
    {"aws-iso-b", "sc2s.sgov.gov", "", "api.aws.scloud", " us-isob "},
    {"aws-iso-e", "cloud.adc-e.uk", "", "api.cloud-aws.adc-e.uk", " eu-isoe "},
    {"aws-iso-f", "csp.hci.ic.gov", "", "api.aws.hci.ic.gov", " us-isof "},
};

[[nodiscard]] inline bool only(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

[[nodiscard]] inline bool has_region(const Partition &partition, std::string_view name) {
  const std::size_t number = name.rfind('-');
  const std::size_t place = number == std::string_view::npos ? number : name.substr(0, number).rfind('-');
  if (place == std::string_view::npos) return false;
  const std::string area = " " + std::string(name.substr(0, place)) + " ";
  return partition.areas.find(area) != std::string_view::npos && only(name.substr(number + 1), "0123456789") &&
         only(name.substr(place + 1, number - place - 1), "abcdefghijklmnopqrstuvwxyz");
}

}  // namespace detail

inline std::optional<Region> region_named(std::string_view name) {
  for (const detail::Partition &partition : detail::partitions) {
    if (detail::has_region(partition, name)) return Region{.partition = partition.name, .name = std::string(name)};
  }
  return std::nullopt;
}

inline std::optional<Region> region_of_host(std::string_view end) {
  const std::string_view name = end.substr(0, end.find('.'));
  const std::string_view domain = end.substr(std::min(name.size() + 1, end.size()));
  for (const detail::Partition &partition : detail::partitions) {
    const bool dual_stack = domain == partition.dual_stack_hosts;
    if (domain.empty() || (!dual_stack && domain != partition.domain)) continue;
    if (!detail::has_region(partition, name)) continue;  // guard: aws-partition-of-host
    return Region{.partition = partition.name, .name = std::string(name), .dual_stack = dual_stack};
  }
  return std::nullopt;
}

inline std::string service_host(const Region &region, std::string_view service) {
  const auto *partition = std::find_if(std::begin(detail::partitions), std::end(detail::partitions),
                                       [&](const auto &known) { return known.name == region.partition; });
  if (partition == std::end(detail::partitions)) return {};
  const bool is_fips_already = service == "sts" && partition->name == "aws-us-gov" && !region.dual_stack;
  return std::string(service) + (region.fips && !is_fips_already ? "-fips." : ".") + region.name + "." +
         std::string(region.dual_stack ? partition->dual_stack_services : partition->domain);
}

// ---- Roles ----

namespace detail {

// The partition in the ARN of a role whose parts have these characters beside their own; nullopt when it is not one.
[[nodiscard]] inline std::optional<std::string_view> partition_in(std::string_view arn, bool is_pattern) {
  constexpr std::size_t account_digits = 12, name_bytes_max = 512;
  const auto holds_only = [is_pattern](std::string_view text, std::string_view allowed) {
    if (!is_pattern) allowed.remove_suffix(1);
    return only(text, allowed);
  };
  if (!matches_parts("arn:*:iam::*:role/*", arn, ':')) return std::nullopt;
  const std::size_t service = arn.find(":iam::"), kind = arn.find(":role/");
  const std::string_view partition = arn.substr(4, service - 4);
  const std::string_view account = arn.substr(service + 6, kind - service - 6);
  const std::string_view name = arn.substr(kind + 6);
  const bool is_whole = is_pattern ? account.size() <= account_digits : account.size() == account_digits;
  if (!is_whole || name.size() > name_bytes_max || !holds_only(partition, "-abcdefghijklmnopqrstuvwxyz*") ||
      !holds_only(account, "0123456789*") ||
      !holds_only(name, "+=,.@/-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*")) {
    return std::nullopt;
  }
  return partition;
}

}  // namespace detail

inline std::optional<std::string_view> partition_of_role(std::string_view arn) {
  return detail::partition_in(arn, false);
}

inline Result<std::optional<std::string>> read_role(Settings &settings, std::string_view key) {
  std::optional<std::string> arn = settings.text(key);
  if (!arn) return arn;
  if (!partition_of_role(with_placeholders(*arn, ServiceAccountName{"x", "x"}))) {
    return regcred::detail::wrong_setting(
        settings, key, *arn,
        "is not the ARN of a role; write arn:aws:iam::ACCOUNT:role/NAME, with {namespace} and {serviceAccount} in the "
        "name where roles follow the pods");
  }
  if (placeholders_may_mix(*arn)) {
    return regcred::detail::wrong_setting(settings, key, *arn,
                                          "could be the same for two pods; put / or _ between the placeholders");
  }
  return arn;
}

inline Result<std::vector<std::string>> read_role_patterns(Settings &settings, std::string_view key) {
  constexpr std::size_t roles_max = 1024;
  std::vector<std::string> patterns = settings.texts(key);
  for (const std::string &pattern : patterns) {
    if (detail::partition_in(pattern, true)) continue;
    return regcred::detail::wrong_setting(settings, key, pattern,
                                          "is not the ARN of a role; write arn:aws:iam::ACCOUNT:role/NAME, with * for "
                                          "any text within a part");
  }
  if (patterns.size() > roles_max) {
    return failure(Code::bad_config, settings.where() + "." + std::string(key) + ": more than 1024 roles");
  }
  return patterns;
}

inline bool role_fits(const std::vector<std::string> &patterns, std::string_view arn) {
  return std::any_of(patterns.begin(), patterns.end(), [arn](const std::string &pattern) {
    return matches_parts(pattern, arn, ':');  // guard: aws-star-within-part
  });
}

}  // namespace regcred::aws
