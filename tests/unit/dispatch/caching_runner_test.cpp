// SPDX-License-Identifier: Apache-2.0
// Stored answers: who gets them, and for how long.
#include "dispatch/caching_runner.hpp"

#include <filesystem>

#include "unit/dispatch/memory_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Caching, is_off_by_default) {
  entry_.cache_node = RegistryEntry{}.cache_node;
  EXPECT_EQ(use(), "");
  EXPECT_EQ(use(), "");
  EXPECT_EQ(worker_.calls, 2);
  EXPECT_FALSE(std::filesystem::exists(cache_directory()));
}

TEST_F(Caching, the_second_request_asks_nobody) {
  EXPECT_EQ(ask(), "password 1");
  EXPECT_EQ(use_, "miss");
  EXPECT_EQ(cache_duration(), 3240);
  clock_.node.pass_ms(100'000);
  EXPECT_EQ(ask(), "password 1");
  EXPECT_EQ(use_, "hit");
  EXPECT_EQ(note_.age_seconds, 100);
  EXPECT_EQ(worker_.calls, 1);
  EXPECT_THAT(log_.lines, IsEmpty());
}

TEST_F(Caching, M3_C2_no_answer_is_given_for_longer_than_the_credential_lives_less_its_margin) {
  request_.token_claims->expires_at = now_s() + 100'000;
  const std::int64_t born = now_s();
  for (int i = 0; i < 100; ++i) {
    const int calls = worker_.calls;
    ASSERT_THAT(ask(), HasSubstr("password"));
    if (worker_.calls > calls && i > 0) break;
    ASSERT_LE(cache_duration(), 3600 - (now_s() - born) - 360) << i;
    ASSERT_GE(cache_duration(), 30) << i;
    clock_.node.pass_ms(61'500);
  }
  EXPECT_EQ(worker_.calls, 2) << "it was renewed before its end";
}

TEST_F(Caching, C2_maxDuration_counts_from_the_first_answer) {
  entry_.cache_max = std::chrono::seconds(600);
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(cache_duration(), 600);
  clock_.node.pass_ms(400'000);
  EXPECT_EQ(use(), "hit");
  EXPECT_EQ(cache_duration(), 199) << "a started second counts";
  clock_.node.pass_ms(180'000);
  EXPECT_EQ(use(), "miss");
}

TEST_F(Caching, C2_what_has_no_end_of_its_own_ends_with_maxDuration) {
  request_.token_claims->expires_at = now_s() + 100'000;
  worker_.answer = [this](const BackendJob &job) {
    WorkerResult result = password(job);
    result.lifetime_seconds = REGCRED_LIFETIME_UNKNOWN;
    return result;
  };
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(use(), "miss");
  entry_.cache_max = std::chrono::seconds(600);
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(use(), "hit");
  clock_.node.pass_ms(600'000);
  EXPECT_EQ(use(), "miss");
}

TEST_F(Caching, a_credential_that_lives_short_is_kept_for_half_of_its_time) {
  worker_.answer = [this](const BackendJob &job) {
    WorkerResult result = password(job);
    result.lifetime_seconds = 100;
    return result;
  };
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(cache_duration(), 40);
  clock_.node.pass_ms(18'000);
  EXPECT_EQ(use(), "hit");
  clock_.node.pass_ms(2'000);
  EXPECT_EQ(use(), "miss");
}

// ---- C1: whose answer ----

struct Change {
  const char *what;
  std::function<void()> make;
};

TEST_F(Caching, C1_another_identity_entry_or_registry_never_gets_it) {
  directory_.write("ca.pem", "one");
  directory_.write("client.secret", "one");
  const std::string secret = directory_.path() + "/client.secret";
  config_.http.ca_files = {directory_.path() + "/ca.pem"};
  entry_.settings_json = R"({"host":"api.example.com","secretFile":")" + secret + "\"}";
  const auto write_new = [&](const char *name) {
    directory_.write(std::string(name) + ".new", "other");
    std::filesystem::rename(directory_.path() + '/' + name + ".new", directory_.path() + '/' + name);
  };
  TokenClaims &claims = *request_.token_claims;
  const Change table[] = {
      {"issuer", [&] { claims.issuer = "https://other"; }},
      {"namespace", [&] { claims.service_account = "team-b/default"; }},
      {"name", [&] { claims.service_account = "team-a/other"; }},
      {"recreated account", [&] { claims.service_account_uid = "uid-2"; }},
      {"audiences",
       [&] {
         claims.audiences = {"registry", "other"};
       }},
      {"annotation added", [&] { request_.annotations["example.com/role"] = "reader"; }},
      {"annotation changed", [&] { request_.annotations["example.com/role"] = "writer"; }},
      {"settings", [&] { entry_.settings_json = R"({"host":"other.example.com"})"; }},
      {"settings that name no file", [&] { entry_.settings_json = R"({"host":"third.example.com"})"; }},
      {"audience", [&] { entry_.audience = "registry"; }},
      {"name of the entry", [&] { entry_.name = "two"; }},
      {"pinned file", [&] { entry_.backend_sha256 = std::string(64, 'a'); }},
      {"credentialHost",
       [&] {
         entry_.credential_host = "mirror.io";
         worker_.answer = [](const BackendJob &) {
           WorkerResult result = says(REGCRED_OK);
           result.scope = REGCRED_SCOPE_REGISTRY;
           result.lifetime_seconds = 3600;
           result.auth.push_back({"mirror.io", "user", Secret("password")});
           return result;
         };
       }},
      {"list of annotations", [&] { entry_.annotations = std::vector<std::string>{}; }},
      {"use of the token", [&] { entry_.service_account_token = TokenUse::optional; }},
      {"maxDuration", [&] { entry_.cache_max = std::chrono::seconds(1800); }},
      {"proxy", [&] { config_.http.proxy.url = "http://proxy:3128"; }},
      {"CA file replaced", [&] { write_new("ca.pem"); }},
      {"backend replaced",
       [&] {
         directory_.write("backends/fake.new", "newer");
         std::filesystem::rename(directory_.path() + "/backends/fake.new", directory_.path() + "/backends/fake.so");
       }},
      {"another registry",
       [&] {
         request_.image = ImageReference("other.io/team/app");
         entry_.credential_host.clear();
         worker_.answer = [this](const BackendJob &job) { return password(job); };
       }},
      {"its port", [&] { request_.image = ImageReference("other.io:5000/team/app"); }},
      {"no token", [&] { request_.service_account_token = Secret(); }},
  };
  EXPECT_EQ(use(), "miss");
  entry_.settings_json = R"({"a":["/nowhere",{"secretFile":")" + secret + "\"}]}";
  EXPECT_EQ(use(), "miss") << "settings";
  write_new("client.secret");
  EXPECT_EQ(use(), "miss") << "a file that the settings name";
  for (const Change &change : table) {
    EXPECT_EQ(use(), "hit") << "before " << change.what;
    change.make();
    EXPECT_EQ(use(), "miss") << change.what;
  }
}

TEST_F(Caching, C1_a_secret_in_the_credentials_directory_is_a_named_file) {
  credentials_directory_ = directory_.path() + "/credentials";
  directory_.write("credentials/robot", "one");
  entry_.settings_json = R"({"passwordFile":"robot"})";
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(use(), "hit");
  directory_.write("credentials/robot", "longer");
  EXPECT_EQ(use(), "miss");
}

TEST_F(Caching, C1_what_does_not_matter_does_not_matter) {
  EXPECT_EQ(use(), "miss");
  request_.service_account_token = Secret("another.token.of-the-same-account");
  request_.token_claims->expires_at = now_s() + 60;
  entry_.origin = "elsewhere:1:1";
  entry_.match_images = {"reg.io", "other.io"};
  config_.registries.resize(7);
  config_.deadline = std::chrono::seconds(10);
  request_.image = ImageReference("reg.io/team/other");
  EXPECT_EQ(use(), "hit");
}

TEST_F(Caching, C1_for_each_token_when_the_entry_says_so) {
  entry_.cache_node = NodeCacheMode::token;
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(use(), "hit");
  request_.service_account_token = Secret("another.token.of-the-same-account");
  EXPECT_EQ(use(), "miss");
}

TEST_F(Caching, C1_a_token_that_does_not_name_its_account_shares_with_nobody) {
  for (const auto forget : {+[](TokenClaims &claims) { claims.service_account_uid.clear(); },
                            +[](TokenClaims &claims) { claims.service_account.clear(); },
                            +[](TokenClaims &claims) { claims.issuer.clear(); }}) {
    forget(*request_.token_claims);
    request_.service_account_token = Secret("first.token.x");
    EXPECT_EQ(use(), "miss");
    EXPECT_EQ(use(), "hit");
    request_.service_account_token = Secret("second.token.x");
    EXPECT_EQ(use(), "miss");
  }
}

TEST_F(Caching, C1_a_token_that_is_not_alive_gets_no_stored_answer_and_leaves_none) {
  EXPECT_EQ(use(), "miss");
  const TokenClaims alive = *request_.token_claims;
  const auto used_with = [&](auto change) {
    request_.token_claims = alive;
    change(*request_.token_claims);
    return use();
  };
  EXPECT_EQ(used_with([](TokenClaims &) {}), "hit");
  EXPECT_EQ(used_with([&](TokenClaims &claims) { claims.expires_at = now_s(); }), "");
  EXPECT_EQ(used_with([&](TokenClaims &claims) { claims.expires_at.reset(); }), "");
  EXPECT_EQ(used_with([&](TokenClaims &claims) { claims.not_before = now_s() + 1; }), "");
  EXPECT_EQ(used_with([&](TokenClaims &claims) { claims.not_before = now_s(); }), "hit");
  request_.token_claims.reset();
  EXPECT_EQ(use(), "");
  EXPECT_EQ(stored(), 1U);
}

TEST_F(Caching, C1_policy_comes_first) {
  EXPECT_EQ(use(), "miss");
  entry_.service_account_token = TokenUse::required;
  EXPECT_EQ(use(), "miss");
  request_.service_account_token = Secret();
  EXPECT_THAT(ask(), HasSubstr("needs one"));
  EXPECT_EQ(worker_.calls, 2);
}

// ---- C1: scope ----

TEST_F(Caching, C1_M2b_another_path_gets_it_only_when_no_entry_could_answer_it) {
  whole_registry_ = false;
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(use(), "hit");
  request_.image = ImageReference("reg.io/other/app");
  EXPECT_EQ(use(), "miss");
  whole_registry_ = true;
  EXPECT_EQ(use(), "hit") << "of this very image";
  request_.image = ImageReference("reg.io/third/app");
  EXPECT_EQ(use(), "miss");
  request_.image = ImageReference("reg.io/fourth/app");
  EXPECT_EQ(use(), "hit");
  whole_registry_ = false;
  EXPECT_EQ(use(), "miss") << "an entry for another path was added to the configuration";
}

TEST_F(Caching, C1_M2b_a_credential_for_one_image_is_for_one_image) {
  worker_.answer = [this](const BackendJob &job) {
    WorkerResult result = password(job);
    result.scope = REGCRED_SCOPE_IMAGE;
    return result;
  };
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(use(), "hit");
  request_.image = ImageReference("reg.io/team/other");
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(use(), "hit");
}

}  // namespace
}  // namespace regcred::core
