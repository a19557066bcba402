// SPDX-License-Identifier: Apache-2.0
#include "cluster/known_issuers.hpp"

#include <algorithm>
#include <iterator>
#include <regcred/jwt.hpp>
#include <string>

#include "common/ascii.hpp"

namespace regcred::core {

std::string_view issuer_vendor(std::string_view issuer) {
  struct Vendor {
    std::string_view starts;
    std::string_view ends;  // of the host
    std::string_view path;
    std::string_view name;
  };
  constexpr Vendor vendors[] = {
      {"oidc.eks.", ".amazonaws.com", "/id/", "Amazon EKS"},
      {"oidc.eks.", ".amazonaws.com.cn", "/id/", "Amazon EKS"},
      {"oidc-eks.", ".api.aws", "/id/", "Amazon EKS"},
      {"container.googleapis.com", "", "/v1/projects/", "Google GKE"},
      {"", ".oic.prod-aks.azure.com", "/", "Azure AKS"},
      {"", ".oic.prod-aks.azure.us", "/", "Azure AKS"},
      {"", ".oic.prod-aks.azure.cn", "/", "Azure AKS"},
  };
  constexpr std::string_view scheme = "https://";
  if (!issuer.starts_with(scheme)) return {};
  const std::string_view rest = issuer.substr(scheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string host = to_lower(rest.substr(0, slash));
  const auto *const found = std::find_if(std::begin(vendors), std::end(vendors), [&](const Vendor &vendor) {
    return host.starts_with(vendor.starts) && host.ends_with(vendor.ends) &&
           (!vendor.ends.empty() || host.size() == vendor.starts.size()) && rest.substr(slash).starts_with(vendor.path);
  });
  return found == std::end(vendors) ? std::string_view{} : found->name;
}

bool is_api_server_audience(std::string_view audience) {
  constexpr std::string_view short_names[] = {"api", "k3s", "rke2"};  // the last two are their distributions' own
  return is_cluster_issuer(audience) || !issuer_vendor(audience).empty() ||
         std::find(std::begin(short_names), std::end(short_names), audience) != std::end(short_names);
}

}  // namespace regcred::core
