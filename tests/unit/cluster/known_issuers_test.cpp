// SPDX-License-Identifier: Apache-2.0
#include "cluster/known_issuers.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace regcred::core {
namespace {

TEST(KnownIssuers, vendors_by_host_and_path) {
  const std::pair<const char *, const char *> cases[] = {
      {"https://oidc.eks.eu-central-1.amazonaws.com/id/ABC", "Amazon EKS"},
      {"https://OIDC.eks.us-gov-west-1.amazonaws.com/id/ABC", "Amazon EKS"},
      {"https://oidc.eks.cn-north-1.amazonaws.com.cn/id/ABC", "Amazon EKS"},
      {"https://oidc-eks.eu-central-1.api.aws/id/ABC", "Amazon EKS"},
      {"https://container.googleapis.com/v1/projects/p/locations/l/clusters/c", "Google GKE"},
      {"https://westeurope.oic.prod-aks.azure.com/tenant/id/", "Azure AKS"},
      {"https://oidc.eks.eu-central-1.amazonaws.com.evil.net/id/ABC", ""},
      {"https://container.googleapis.com.evil.net/v1/projects/p", ""},
      {"https://bucket.s3.eu-central-1.amazonaws.com/id/x", ""},
      {"http://oidc.eks.eu-central-1.amazonaws.com/id/ABC", ""},
      {"https://oidc.example.com/id/ABC", ""},
      {"https://oidc.eks.eu-central-1.amazonaws.com", ""},
      {"", ""},
  };
  for (const auto &[issuer, vendor] : cases) EXPECT_EQ(issuer_vendor(issuer), vendor) << issuer;
}

TEST(KnownIssuers, audiences_of_API_servers) {
  for (const char *audience :
       {"https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local",
        "https://kubernetes.default.svc.k8s.example.org:443", "kubernetes.default.svc", "kubernetes/serviceaccount",
        "api", "k3s", "rke2", "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC"}) {
    EXPECT_TRUE(is_api_server_audience(audience)) << audience;
  }
  for (const char *audience : {"", "cloudsmith", "https://api.cloudsmith.io", "sts.amazonaws.com", "k3s.example.com",
                               "https://kubernetes.example.com", "my-kubernetes"}) {
    EXPECT_FALSE(is_api_server_audience(audience)) << audience;
  }
}

}  // namespace
}  // namespace regcred::core
