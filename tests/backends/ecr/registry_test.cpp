// SPDX-License-Identifier: Apache-2.0
// Image hosts of every partition, and the services that answer for them.
#include "registry.hpp"

#include <gtest/gtest.h>

#include <regcred/aws.hpp>

namespace ecr {
namespace {

struct Place {
  const char *host;
  const char *partition;
  const char *region;
  const char *sts;
  const char *ecr;
};

TEST(Registries, each_partition_and_form_has_its_services) {
  const Place places[] = {
      {"123456789012.dkr.ecr.eu-central-1.amazonaws.com", "aws", "eu-central-1", "sts.eu-central-1.amazonaws.com",
       "api.ecr.eu-central-1.amazonaws.com"},
      {"123456789012.dkr.ecr-fips.us-east-2.amazonaws.com", "aws", "us-east-2", "sts-fips.us-east-2.amazonaws.com",
       "api.ecr-fips.us-east-2.amazonaws.com"},
      {"123456789012.dkr-ecr.ap-southeast-1.on.aws", "aws", "ap-southeast-1", "sts.ap-southeast-1.api.aws",
       "ecr.ap-southeast-1.api.aws"},
      {"123456789012.dkr-ecr-fips.us-west-2.on.aws", "aws", "us-west-2", "sts-fips.us-west-2.api.aws",
       "ecr-fips.us-west-2.api.aws"},
      {"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "aws-us-gov", "us-gov-west-1",
       "sts.us-gov-west-1.amazonaws.com", "api.ecr-fips.us-gov-west-1.amazonaws.com"},
      {"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "aws-cn", "cn-north-1", "sts.cn-north-1.amazonaws.com.cn",
       "api.ecr.cn-north-1.amazonaws.com.cn"},
      {"123456789012.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn", "aws-cn", "cn-northwest-1",
       "sts.cn-northwest-1.api.amazonwebservices.com.cn", "ecr.cn-northwest-1.api.amazonwebservices.com.cn"},
      {"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "aws-eusc", "eusc-de-east-1",
       "sts.eusc-de-east-1.amazonaws.eu", "api.ecr.eusc-de-east-1.amazonaws.eu"},
      {"123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "aws-iso", "us-iso-east-1", "sts.us-iso-east-1.c2s.ic.gov",
       "api.ecr.us-iso-east-1.c2s.ic.gov"},
      {"123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "aws-iso-b", "us-isob-east-1",
       "sts.us-isob-east-1.sc2s.sgov.gov", "api.ecr.us-isob-east-1.sc2s.sgov.gov"},
      {"123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "aws-iso-e", "eu-isoe-west-1",
       "sts.eu-isoe-west-1.cloud.adc-e.uk", "api.ecr.eu-isoe-west-1.cloud.adc-e.uk"},
      {"123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "aws-iso-f", "us-isof-south-1",
       "sts.us-isof-south-1.csp.hci.ic.gov", "api.ecr.us-isof-south-1.csp.hci.ic.gov"},
      {"public.ecr.aws", "aws", "us-east-1", "sts.us-east-1.amazonaws.com", "api.ecr-public.us-east-1.amazonaws.com"},
      {"ecr-public.aws.com", "aws", "us-east-1", "sts.us-east-1.api.aws", "ecr-public.us-east-1.api.aws"},
  };
  for (const Place &place : places) {
    const std::optional<Registry> registry = registry_of(place.host);
    ASSERT_TRUE(registry) << place.host;
    EXPECT_EQ(registry->region.partition, place.partition) << place.host;
    EXPECT_EQ(registry->region.name, place.region);
    EXPECT_EQ(regcred::aws::service_host(registry->region, "sts"), place.sts);
    EXPECT_EQ(ecr_host(*registry), place.ecr);
  }
}

TEST(Registries, H7_a_domain_and_a_region_of_two_partitions_are_no_registry) {
  for (const char *host : {"123456789012.dkr.ecr.cn-north-1.amazonaws.com",
                           "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn",
                           "123456789012.dkr.ecr.us-east-1.amazonaws.eu",
                           "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com.cn",
                           "123456789012.dkr.ecr.us-iso-east-1.amazonaws.com",
                           "123456789012.dkr.ecr.us-isob-east-1.c2s.ic.gov",
                           "123456789012.dkr.ecr.us-east-1.on.aws",
                           "123456789012.dkr-ecr.us-east-1.amazonaws.com",
                           "123456789012.dkr-ecr.eusc-de-east-1.",
                           "123456789012.dkr-ecr.eusc-de-east-1",
                           "12345678901.dkr.ecr.us-east-1.amazonaws.com",
                           "1234567890123.dkr.ecr.us-east-1.amazonaws.com",
                           "a23456789012.dkr.ecr.us-east-1.amazonaws.com",
                           "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example",
                           "123456789012.dkr.ecr.us-east-1.evil.example",
                           "123456789012.dkr.ecr.evil.amazonaws.com",
                           "123456789012.dkr.ecr.us-east.amazonaws.com",
                           "123456789012.dkr.ecr.us--1.amazonaws.com",
                           "123456789012.dkr.ecr.us-east-1a.amazonaws.com",
                           "123456789012.dkr.ecr..amazonaws.com",
                           "123456789012.dkr.ecr.x.us-east-1.amazonaws.com",
                           "123456789012.dkr.ecr",
                           "public.ecr.aws.evil.example",
                           "x.public.ecr.aws",
                           "docker.io",
                           ""}) {
    EXPECT_FALSE(registry_of(host)) << host;
  }
}

}  // namespace
}  // namespace ecr
