// SPDX-License-Identifier: Apache-2.0
#include "regcred/crypto.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/testing/matchers.hpp>

#include "support/crypto_examples.hpp"

namespace regcred {
namespace {

using test::FakeHost;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CryptoService, a_fake_host_computes_published_digests) {
  FakeHost host;
  testing::expect_published_examples(Crypto(host.host()));
}

TEST(CryptoService, a_fake_signature_depends_on_key_and_data) {
  FakeHost host;
  host.add_secret_file("/etc/regcred/key.pem", "key");
  const Crypto crypto(host.host());
  EXPECT_EQ(*crypto.rsa_sha256("/etc/regcred/key.pem", "data"), test::fake_rsa_signature("key", "data"));
  EXPECT_EQ(test::fake_rsa_signature("key", "data").size(), 256U);
  EXPECT_NE(test::fake_rsa_signature("key", "data"), test::fake_rsa_signature("key", "other"));
  EXPECT_NE(test::fake_rsa_signature("key", "data"), test::fake_rsa_signature("other", "data"));
  EXPECT_THAT(crypto.rsa_sha256("other", "data"), StatusIs(Code::bad_config, HasSubstr("no such file")));
  EXPECT_THAT(host.secret_files_read(), ElementsAre("/etc/regcred/key.pem", "other"));
}

TEST(CryptoService, a_host_without_it_says_so) {
  FakeHost host;
  host.withhold(REGCRED_SERVICE_CRYPTO);
  const Crypto crypto(host.host());
  const auto lacks_it = StatusIs(Code::internal, HasSubstr(REGCRED_SERVICE_CRYPTO));
  EXPECT_THAT(crypto.sha256("x"), lacks_it);
  EXPECT_THAT(crypto.hmac_sha256("k", "x"), lacks_it);
  EXPECT_THAT(crypto.rsa_sha256("k", "x"), lacks_it);
}

TEST(CryptoService, hex_digits_are_lower_case) {
  EXPECT_EQ(hex(std::string("\x00\x7f\x80\xff", 4)), "007f80ff");
  EXPECT_EQ(hex(""), "");
}

}  // namespace
}  // namespace regcred
