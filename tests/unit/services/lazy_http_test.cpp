// SPDX-License-Identifier: Apache-2.0
#include "services/http/lazy_http.hpp"

#include <filesystem>

#include "curl_fixture.hpp"

namespace regcred::core {
namespace {

using regcred::testing::answering;
using regcred::testing::http_response;
using regcred::testing::ScriptedServer;
using ::testing::HasSubstr;

class Module : public CurlTest {
 protected:
  tl::expected<HttpResponse, HttpFailure> send(const std::string &library_directory, const std::string &url) {
    LazyHttp http(library_directory, config_, {clock_.monotonic_ms() + 5000}, clock_);
    return http.send({.method = "GET", .url = url});
  }
  std::string failure_with(const std::string &module_file, unsigned mode = 0600) {
    const std::string copy = directory_.path() + "/regcred-http.so";
    std::filesystem::remove(copy);  // the one before is still mapped: it must not be written over
    std::filesystem::copy_file(module_file, copy);
    std::filesystem::permissions(copy, static_cast<std::filesystem::perms>(mode));
    const auto outcome = send(directory_.path(), "https://localhost:1/");
    return outcome ? "a response" : outcome.error().text;
  }
};

TEST_F(Module, a_request_goes_through_the_installed_module) {
  ScriptedServer server(for_localhost(), [](regcred::testing::Connection &connection) {
    connection.read_request();
    connection.send(connection.number() == 1 ? http_response(503, "") : http_response(200, "second"));
  });
  config_.backoff_base_ms = 10;
  const auto response = send(REGCRED_LIBRARY_DIRECTORY, server.url());
  ASSERT_TRUE(response) << response.error().text;
  EXPECT_EQ(response->body, "second");
  EXPECT_EQ(response->attempts, 2);
}

TEST_F(Module, a_request_that_breaks_a_rule_loads_nothing) {
  const auto outcome = send("/nowhere", "http://example.com/");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, REGCRED_BAD_REQUEST);
  EXPECT_EQ(outcome.error().attempts, 0);
}

TEST_F(Module, what_is_missing_or_wrong_is_said_with_file_and_cure) {
  const auto missing = send("/nowhere", "https://localhost/");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, REGCRED_INTERNAL);
  EXPECT_THAT(missing.error().text, HasSubstr("/nowhere/regcred-http.so"));

  EXPECT_THAT(failure_with(REGCRED_STATIC_BACKEND), HasSubstr("is not a module of regcred; install regcred again"));
  EXPECT_THAT(failure_with("/etc/passwd"), HasSubstr("cannot be loaded"));
  EXPECT_THAT(failure_with(REGCRED_LIBRARY_DIRECTORY "/regcred-http.so", 0666), HasSubstr("writable"));
  const std::string cut = directory_.path() + "/cut";
  std::filesystem::copy_file(REGCRED_LIBRARY_DIRECTORY "/regcred-http.so", cut);
  std::filesystem::resize_file(cut, std::filesystem::file_size(cut) / 2);
  EXPECT_THAT(failure_with(cut), HasSubstr("is cut short: "));
  EXPECT_THAT(failure_with(REGCRED_OTHER_BUILD), HasSubstr("belongs to another build of regcred"));
}

}  // namespace
}  // namespace regcred::core
