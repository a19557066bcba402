// SPDX-License-Identifier: Apache-2.0
// Commands that write files for others to read: only where nobody else can put something in their place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/generate/oidc_discovery.hpp"
#include "cli/new_backend.hpp"
#include "support/process.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr uid_t nobody = 65534;

class TrustedPlaces : public ::testing::Test {
 protected:
  TrustedPlaces() {
    fs::create_directory(theirs());
    fs::create_directory(ours());
    fs::create_directory_symlink(ours(), theirs() + "/link");
    EXPECT_EQ(::chown(theirs().c_str(), nobody, nobody), 0) << "needs root";
    EXPECT_EQ(::lchown((theirs() + "/link").c_str(), nobody, nobody), 0);
    EXPECT_EQ(::chmod(ours().c_str(), 0755), 0);
  }
  [[nodiscard]] std::string theirs() const { return directory_.path() + "/theirs"; }
  [[nodiscard]] std::string ours() const { return directory_.path() + "/ours"; }
  // A place below a directory of somebody else, by a link of theirs, and what their link is the way to.
  [[nodiscard]] std::vector<std::string> refused() const {
    return {theirs() + "/new", theirs() + "/a/b", theirs() + "/link", theirs() + "/link/new", theirs() + "/link/../x"};
  }
  void expect_untouched() const {
    EXPECT_EQ(std::distance(fs::directory_iterator(theirs()), {}), 1);
    EXPECT_THAT(fs::is_empty(ours()), true);
    EXPECT_FALSE(fs::exists(directory_.path() + "/x"));
  }
  Output publish(const std::string &place) {
    constexpr const char *issuer = "https://oidc.example.com";
    const nlohmann::json document = {{"issuer", issuer},
                                     {"response_types_supported", {"id_token"}},
                                     {"subject_types_supported", {"public"}},
                                     {"id_token_signing_alg_values_supported", {"RS256"}}};
    const nlohmann::json keys = {{"keys", {{{"kty", "RSA"}, {"kid", "k"}, {"n", "AQAB"}, {"e", "AQAB"}}}}};
    DiscoveryOptions options;
    options.issuer = issuer;
    options.discovery_file = directory_.write("document", document.dump());
    options.jwks_file = directory_.write("keys", keys.dump());
    options.out_directory = place;
    return write_discovery(options);
  }

  regcred::testing::TemporaryDirectory directory_;
};

TEST_F(TrustedPlaces, F2_a_project_is_not_written_where_others_may_change_the_names) {
  for (const std::string &place : refused()) {
    const Status written = write_project({{"README.md", "text"}}, place);
    ASSERT_FALSE(written) << place;
    EXPECT_EQ(written.error().code, ErrorCode::usage);
    EXPECT_THAT(written.error().what, HasSubstr("belongs to user 65534")) << place;
    expect_untouched();
  }
  EXPECT_TRUE(write_project({{"a/README.md", "text"}}, ours() + "/deep"));
  EXPECT_TRUE(fs::exists(ours() + "/deep/a/README.md"));
}

TEST_F(TrustedPlaces, F2_nor_are_the_issuers_documents) {
  for (const std::string &place : refused()) {
    const Output output = publish(place);
    ASSERT_TRUE(output.error) << place;
    EXPECT_EQ(output.error->code, ErrorCode::usage);
    EXPECT_THAT(output.error->what, HasSubstr("belongs to user 65534")) << place;
    expect_untouched();
  }
  EXPECT_FALSE(publish(ours() + "/new").error);
  // A directory of theirs where the documents go.
  fs::create_directory(ours() + "/half");
  fs::create_directory(ours() + "/half/.well-known");
  EXPECT_EQ(::chown((ours() + "/half/.well-known").c_str(), nobody, nobody), 0);
  EXPECT_TRUE(publish(ours() + "/half").error);
  EXPECT_THAT(fs::is_empty(ours() + "/half/.well-known"), true);
  EXPECT_FALSE(fs::exists(ours() + "/half/openid"));
}

}  // namespace
}  // namespace regcred::core
