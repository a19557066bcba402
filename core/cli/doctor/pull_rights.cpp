// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/pull_rights.hpp"

#include <string>

#include "services/http/address_kind.hpp"

namespace regcred::core {
namespace {

struct PullRight {
  std::string_view suffix;
  std::string_view words;
};

constexpr std::string_view ecr =
    "allow the role ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on this repository, for another account's by the "
    "repository's policy as well";
constexpr std::string_view google =
    "give the principal or service account roles/artifactregistry.reader on this repository";
constexpr std::string_view acr =
    "give the identity the role AcrPull on this registry, or Container Registry Repository Reader where it grants by "
    "repository (ABAC)";

constexpr PullRight rights[] = {
    {".pkg.dev", google}, {".gcr.io", google}, {".azurecr.io", acr}, {".azurecr.cn", acr}, {".azurecr.us", acr},
};

}  // namespace

std::string_view pull_right(std::string_view host) {
  const std::string name = bare_host(host);
  if (name.find(".dkr.ecr.") != std::string::npos || name.find(".dkr.ecr-fips.") != std::string::npos) return ecr;
  if (name == "gcr.io") return google;
  for (const PullRight &right : rights) {
    if (name.ends_with(right.suffix)) return right.words;
  }
  return {};
}

}  // namespace regcred::core
