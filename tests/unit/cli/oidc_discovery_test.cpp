// SPDX-License-Identifier: Apache-2.0
// `regcred generate oidc-discovery`: what may be published, and what never.
#include "cli/generate/oidc_discovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/process.hpp"

namespace regcred::core {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char *cluster_issuer = "https://oidc.example.com/cluster-1";

// As kube-apiserver writes it: jwks_uri names an address inside the cluster.
json document() {
  return {{"issuer", cluster_issuer},
          {"jwks_uri", "https://10.0.0.1:6443/openid/v1/jwks"},
          {"response_types_supported", {"id_token"}},
          {"subject_types_supported", {"public"}},
          {"id_token_signing_alg_values_supported", {"RS256"}}};
}
json keys() {
  return {{"keys",
           {{{"use", "sig"}, {"kty", "RSA"}, {"kid", "k1"}, {"alg", "RS256"}, {"n", "AQAB"}, {"e", "AQAB"}},
            {{"use", "sig"}, {"kty", "EC"}, {"kid", "k2"}, {"crv", "P-256"}, {"x", "AA"}, {"y", "AA"}}}}};
}
json without(json value, const char *member) {
  value.erase(member);
  return value;
}
json with_key_member(const char *member) {
  json value = keys();
  value["keys"][0][member] = "AQAB";
  return value;
}

TEST(OidcDiscovery, jwks_uri_moves_to_the_issuer) {
  const auto files = discovery_files(cluster_issuer, document().dump(), keys().dump());
  ASSERT_TRUE(files) << files.error().what;
  json expected = document();
  expected["jwks_uri"] = "https://oidc.example.com/cluster-1/openid/v1/jwks";
  EXPECT_EQ(json::parse(files->document), expected);
  EXPECT_EQ(json::parse(files->keys), keys());

  json with_slash = document();
  with_slash["issuer"] = "https://oidc.example.com/";
  const auto slash = discovery_files("https://oidc.example.com/", with_slash.dump(), keys().dump());
  ASSERT_TRUE(slash);
  EXPECT_EQ(json::parse(slash->document)["jwks_uri"], "https://oidc.example.com/openid/v1/jwks");
}

TEST(OidcDiscovery, refuses_what_no_registry_could_use) {
  struct Row {
    std::string issuer;
    std::string discovery;
    std::string jwks;
    const char *where;
    const char *what;
  };
  const std::string good = document().dump();
  const std::string good_keys = keys().dump();
  const Row table[] = {
      {"http://oidc.example.com", good, good_keys, "--issuer", "https URL"},
      {"https://", good, good_keys, "--issuer", "https URL"},
      {"https://a b", good, good_keys, "--issuer", "https URL"},
      {"https://a?x", good, good_keys, "--issuer", "https URL"},
      {"https://user@a", good, good_keys, "--issuer", "https URL"},
      {"https://kubernetes.default.svc.cluster.local", good, good_keys, "--issuer", "outside the cluster"},
      {"https://oidc.eks.eu-central-1.amazonaws.com/id/ABC", good, good_keys, "--issuer", "Amazon EKS publishes both"},
      {"https://container.googleapis.com/v1/projects/p/locations/l/clusters/c", good, good_keys, "--issuer",
       "Google GKE"},
      {"https://westeurope.oic.prod-aks.azure.com/t/u/", good, good_keys, "--issuer", "Azure AKS"},
      {"https://other.example.com", good, good_keys, "--discovery", "cluster-1"},
      {cluster_issuer, "", good_keys, "--discovery", "not a JSON object"},
      {cluster_issuer, "[]", good_keys, "--discovery", "not a JSON object"},
      {cluster_issuer, without(document(), "issuer").dump(), good_keys, "--discovery", "(none)"},
      {cluster_issuer, without(document(), "response_types_supported").dump(), good_keys, "--discovery",
       "response_types"},
      {cluster_issuer, without(document(), "subject_types_supported").dump(), good_keys, "--discovery",
       "subject_types"},
      {cluster_issuer, good, "{}", "--jwks", "no key"},
      {cluster_issuer, good, R"({"keys":[]})", "--jwks", "no key"},
      {cluster_issuer, good, R"({"keys":[1]})", "--jwks", "not a key"},
      {cluster_issuer, good, R"({"keys":[{"kty":"RSA","kid":"a"}]})", "--jwks", "verification"},
      {cluster_issuer, good, R"({"keys":[{"kty":"RSA","n":"A","e":"A"}]})", "--jwks", "verification"},
      {cluster_issuer, good, with_key_member("d").dump(), "--jwks", "private key (member d)"},
      {cluster_issuer, good, with_key_member("qi").dump(), "--jwks", "private key"},
      {cluster_issuer, good, R"({"keys":[{"kty":"oct","kid":"a","k":"AA"}]})", "--jwks", "private key (member k)"},
  };
  for (const Row &row : table) {
    const auto files = discovery_files(row.issuer, row.discovery, row.jwks);
    ASSERT_FALSE(files) << row.what;
    EXPECT_EQ(files.error().where, row.where) << row.what;
    EXPECT_THAT(files.error().what, HasSubstr(row.what));
    EXPECT_FALSE(files.error().cure.empty()) << row.what;
  }
}

DiscoveryOptions options_in(const regcred::testing::TemporaryDirectory &place) {
  DiscoveryOptions options;
  options.issuer = cluster_issuer;
  options.discovery_file = place.write("discovery.json", document().dump());
  options.jwks_file = place.write("jwks.json", keys().dump());
  options.out_directory = place.path() + "/site/cluster-1";
  return options;
}

TEST(OidcDiscovery, writes_a_tree_that_everybody_may_read_and_replaces_it) {
  const regcred::testing::TemporaryDirectory place;
  const DiscoveryOptions options = options_in(place);
  const mode_t before = ::umask(077);
  const Output first = write_discovery(options);
  const Output second = write_discovery(options);
  ::umask(before);
  ASSERT_FALSE(first.error) << first.error->what;
  ASSERT_FALSE(second.error) << second.error->what;
  EXPECT_THAT(first.text, HasSubstr("https://oidc.example.com/cluster-1/.well-known/openid-configuration"));
  for (const char *file : {"/.well-known/openid-configuration", "/openid/v1/jwks"}) {
    struct stat status {};
    ASSERT_EQ(::stat((options.out_directory + file).c_str(), &status), 0) << file;
    EXPECT_EQ(status.st_mode & 0777U, 0644U);
  }
  const auto entries = std::filesystem::recursive_directory_iterator(options.out_directory);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 5);  // two files, three directories: no temporary is left
}

TEST(OidcDiscovery, names_a_file_that_is_missing_and_a_place_that_cannot_be_written) {
  const regcred::testing::TemporaryDirectory place;
  DiscoveryOptions options;
  options.issuer = cluster_issuer;
  options.discovery_file = place.path() + "/nowhere";
  const Output missing = write_discovery(options);
  ASSERT_TRUE(missing.error);
  EXPECT_EQ(missing.error->where, options.discovery_file);

  options.discovery_file = place.write("discovery.json", document().dump());
  options.jwks_file = place.write("jwks.json", keys().dump());
  options.out_directory = place.write("file", "");
  const Output blocked = write_discovery(options);
  ASSERT_TRUE(blocked.error);
  EXPECT_THAT(blocked.error->what, HasSubstr("is a regular file, not a directory"));
}

std::vector<std::string> files_below(const std::string &directory) {
  std::vector<std::string> files;
  for (const auto &entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_directory()) files.push_back(entry.path().lexically_relative(directory).string());
  }
  return files;
}

TEST(OidcDiscovery, H4_a_fifo_without_a_writer_is_not_waited_for) {
  const regcred::testing::TemporaryDirectory place;
  DiscoveryOptions options = options_in(place);
  options.jwks_file = place.path() + "/fifo";
  ASSERT_EQ(::mkfifo(options.jwks_file.c_str(), 0600), 0);
  ::alarm(5);  // kills a test that waits
  EXPECT_TRUE(write_discovery(options).error);
  std::swap(options.jwks_file, options.discovery_file);
  EXPECT_TRUE(write_discovery(options).error);
  ::alarm(0);
}

TEST(OidcDiscovery, a_failure_leaves_no_temporary_file) {
  const regcred::testing::TemporaryDirectory place;
  const DiscoveryOptions options = options_in(place);
  std::filesystem::create_directories(options.out_directory + "/openid/v1/jwks/is-a-directory");
  const Output output = write_discovery(options);
  ASSERT_TRUE(output.error);
  EXPECT_EQ(output.error->code, ErrorCode::usage);
  EXPECT_THAT(files_below(options.out_directory), ::testing::IsEmpty());
}

// Another run has its temporary file open: what this run writes is not in it.
TEST(OidcDiscovery, does_not_write_into_the_file_of_another_run) {
  const regcred::testing::TemporaryDirectory place;
  const DiscoveryOptions options = options_in(place);
  std::filesystem::create_directories(options.out_directory + "/openid/v1");
  const std::string other = place.write("site/cluster-1/openid/v1/jwks.new", "of another run");
  std::ifstream reader(other);
  const Output output = write_discovery(options);
  ASSERT_FALSE(output.error) << output.error->what;
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "of another run");
}

}  // namespace
}  // namespace regcred::core
