// SPDX-License-Identifier: Apache-2.0
// Directories of CA certificates that others may swap, or add to, while regcred connects.
#include <unistd.h>

#include <filesystem>

#include "curl_fixture.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;
using regcred::testing::CertificateAuthority;
using regcred::testing::Connection;
using regcred::testing::http_response;
using regcred::testing::ScriptedServer;
using ::testing::HasSubstr;

class TrustLinks : public CurlTest {
 protected:
  TrustLinks() {
    config_.ca_files.clear();
    directory_.write("trusted/" + ca_.hash_name(), ca_.pem(), 0644);
    directory_.write("evil/" + evil_ca_.hash_name(), evil_ca_.pem(), 0644);
  }

  [[nodiscard]] std::string at(const std::string &name) const { return directory_.path() + "/" + name; }
  void name_directory(const std::string &name) { config_.system_ca_directories = at(name); }
  static void give_away(const std::string &path) { ASSERT_EQ(::lchown(path.c_str(), 65534, 65534), 0) << path; }
  // Of a server whom nobody who names trusted/ trusts.
  static regcred::testing::Identity evil() { return evil_ca_.issue({"localhost"}); }

  static inline const CertificateAuthority evil_ca_{"evil CA"};
};

TEST_F(TrustLinks, F3_the_directory_that_was_judged_is_the_one_that_is_read) {
  fs::create_directory_symlink(at("trusted"), at("link"));
  name_directory("link");
  ScriptedServer server(evil(), regcred::testing::answering(http_response(200, "caught")));
  ScriptedServer before_it([&](Connection &peer) {  // between connect and the server's first byte
    fs::rename(at("trusted"), at("away"));
    fs::rename(at("evil"), at("trusted"));
    fs::remove(at("link"));
    fs::create_directory_symlink(at("trusted"), at("link"));
    peer.tunnel_to(server.port());
  });
  EXPECT_THAT(failure("https://localhost:" + std::to_string(before_it.port()) + "/"), HasSubstr("not signed by a CA"));
  EXPECT_TRUE(fs::exists(at("away"))) << "the server was asked, and swapped it";
  EXPECT_THAT(server.requests(), ::testing::IsEmpty());
}

TEST_F(TrustLinks, F3_a_directory_behind_a_link_of_another_user_is_refused_before_anybody_is_asked) {
  fs::create_directory_symlink(at("evil"), at("link"));
  ASSERT_NO_FATAL_FAILURE(give_away(at("link")));
  name_directory("link");
  ScriptedServer server(evil(), regcred::testing::answering(http_response(200, "caught")));
  EXPECT_THAT(failure(server.url()), HasSubstr("its symlink " + at("link") + " belongs to user 65534"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(TrustLinks, F2_a_sticky_directory_is_not_one_of_certificates) {
  fs::permissions(at("evil"), fs::perms(01777));
  ASSERT_NO_FATAL_FAILURE(give_away(at("evil/" + evil_ca_.hash_name())));
  name_directory("evil");
  ScriptedServer server(evil(), regcred::testing::answering(http_response(200, "caught")));
  EXPECT_THAT(failure(server.url()), HasSubstr("is writable by everyone (mode 1777)"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(TrustLinks, F2_what_stands_under_a_hash_name_is_judged_in_a_directory_that_is_named) {
  const std::string theirs = directory_.write("theirs.pem", evil_ca_.pem(), 0644);
  ASSERT_NO_FATAL_FAILURE(give_away(theirs));
  fs::create_symlink(theirs, at("trusted/" + evil_ca_.hash_name()));
  name_directory("trusted");
  ScriptedServer server(evil(), regcred::testing::answering(http_response(200, "caught")));
  EXPECT_THAT(failure(server.url()), HasSubstr("the real file " + theirs + " belongs to user 65534"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(TrustLinks, links_of_root_go_on_to_work) {
  directory_.write("certificates/ca.pem", ca_.pem(), 0644);
  fs::create_directory(at("hashed"));
  fs::create_symlink("../certificates/ca.pem", at("hashed/" + ca_.hash_name()));
  fs::create_directory_symlink("hashed", at("link"));
  config_.system_ca_directories = at("link") + ":" + at("evil");
  ScriptedServer server(for_localhost(), regcred::testing::answering(http_response(200, "")));
  EXPECT_TRUE(post(server.url()));
  ScriptedServer second(evil(), regcred::testing::answering(http_response(200, "")));
  EXPECT_TRUE(post(second.url())) << "both directories are read";
}

}  // namespace
}  // namespace regcred::core
