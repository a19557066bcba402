// SPDX-License-Identifier: Apache-2.0
#include "config/drop_in_words.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace regcred::core {
namespace {

TEST(DropInWords, what_an_operator_cannot_set_is_not_advised) {
  const std::pair<const char *, const char *> cases[] = {
      {"set settings.orgSlug", "set CLOUDSMITH_ORG_SLUG"},
      {"correct serviceSlug, or settings.serviceSlug", "correct CLOUDSMITH_SERVICE_SLUG, or CLOUDSMITH_SERVICE_SLUG"},
      {"check settings.apiHost and the proxy", "check CLOUDSMITH_API_HOST and the proxy"},
      {"add it to settings.allowedApiHosts", "add it to CLOUDSMITH_ALLOWED_API_HOST_SUFFIXES"},
      {"nor in settings.registryHosts", "nor in CLOUDSMITH_REGISTRY_HOSTS"},
      {"or correct `audience` at environment (drop-in mode)", "or correct CLOUDSMITH_OIDC_AUDIENCE"},
      {"write audience: with the kubelet's", "set CLOUDSMITH_OIDC_AUDIENCE to the kubelet's"},
      {"nothing of it", "nothing of it"},
      {"", ""},
  };
  for (const auto &[text, expected] : cases) EXPECT_EQ(in_drop_in_words(text), expected);
}

}  // namespace
}  // namespace regcred::core
