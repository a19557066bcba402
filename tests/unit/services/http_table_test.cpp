// SPDX-License-Identifier: Apache-2.0
#include "services/http/http_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/detail/slice.hpp>
#include <stdexcept>

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class ScriptedHttp final : public Http {
 public:
  tl::expected<HttpResponse, HttpFailure> outcome = HttpResponse{};
  bool throws = false;
  std::vector<std::string> seen;

  tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &request) override {
    if (throws) throw std::runtime_error("unforeseen");
    seen = {std::string(request.method), std::string(request.url), std::string(request.body),
            request.may_repeat ? "may repeat" : "once", request.metadata_endpoint ? "metadata" : "ordinary"};
    for (const auto &[name, value] : request.headers) seen.push_back(std::string(name) + "=" + std::string(value));
    if (!request.party.empty()) seen.emplace_back(request.party);
    return outcome;
  }
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    detail::set_header(request_);
    request_.method = detail::to_slice("POST");
    request_.url = detail::to_slice("https://a/");
    detail::set_header(sink_);
    sink_.context = this;
    sink_.response = [](void *context, const regcred_http_response_v1 *response) {
      auto &test = *static_cast<ServiceTest *>(context);
      ++test.calls_;
      test.status_ = response->status;
      test.body_ = detail::to_view(response->body);
      test.error_ = detail::to_view(response->error);
      test.retry_after_ = response->retry_after_seconds;
      for (std::uint64_t i = 0; i < response->headers_count; ++i) {
        test.headers_.emplace_back(detail::to_view(response->headers[i].name),
                                   detail::to_view(response->headers[i].value));
      }
    };
  }
  std::int32_t send() { return service_.table()->send(service_.table()->context, &request_, &sink_); }

  ScriptedHttp http_;
  HttpTable service_{http_};
  regcred_http_request_v1 request_{};
  regcred_http_sink_v1 sink_{};
  int calls_ = 0;
  int status_ = -1;
  std::string body_;
  std::string error_;
  std::int64_t retry_after_ = 0;
  std::vector<std::pair<std::string, std::string>> headers_;
};

TEST_F(ServiceTest, hands_request_and_response_over_as_they_are) {
  const regcred_pair header{detail::to_slice("X-A"), detail::to_slice("1")};
  request_.headers = &header;
  request_.headers_count = 1;
  request_.body = detail::to_slice("body");
  request_.flags = REGCRED_HTTP_NO_RETRY | REGCRED_HTTP_METADATA;
  request_.party = detail::to_slice("STS");
  http_.outcome = HttpResponse{.status = 429, .retry_after_seconds = 7, .headers = {{"x-b", "2"}}, .body = "later"};
  EXPECT_EQ(send(), REGCRED_OK);
  EXPECT_THAT(http_.seen, ElementsAre("POST", "https://a/", "body", "once", "metadata", "X-A=1", "STS"));
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(status_, 429);
  EXPECT_EQ(retry_after_, 7);
  EXPECT_EQ(body_, "later");
  EXPECT_THAT(headers_, ElementsAre(Pair("x-b", "2")));
}

TEST_F(ServiceTest, a_failure_calls_the_sink_too_and_gives_its_code) {
  http_.outcome = tl::make_unexpected(HttpFailure{REGCRED_TIMEOUT, "no time", 2});
  EXPECT_EQ(send(), REGCRED_TIMEOUT);
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(status_, 0);
  EXPECT_EQ(error_, "no time");
}

TEST_F(ServiceTest, no_exception_leaves_and_the_sink_is_called_all_the_same) {
  http_.throws = true;
  EXPECT_EQ(send(), REGCRED_INTERNAL);
  EXPECT_EQ(calls_, 1);
}

TEST_F(ServiceTest, a_struct_that_cannot_be_read_is_refused) {
  request_.struct_size = 8;
  EXPECT_EQ(send(), REGCRED_BAD_REQUEST);
  request_.struct_size = sizeof request_;
  request_.abi_major = 2;
  EXPECT_EQ(send(), REGCRED_BAD_REQUEST);
  request_.abi_major = REGCRED_ABI_MAJOR;
  request_.headers_count = 3;
  EXPECT_EQ(send(), REGCRED_BAD_REQUEST);
  EXPECT_EQ(calls_, 3);
  EXPECT_THAT(http_.seen, ::testing::IsEmpty());
}

}  // namespace
}  // namespace regcred::core
