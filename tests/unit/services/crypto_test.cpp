// SPDX-License-Identifier: Apache-2.0
// regcred.crypto/1 as a backend has it, with the installed module behind it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <regcred/crypto.hpp>
#include <regcred/jwt.hpp>

#include "services/host.hpp"
#include "services/http/lazy_http.hpp"
#include "services/http/openssl_owned.hpp"
#include "support/crypto_examples.hpp"
#include "support/process.hpp"
#include "support/recording_log.hpp"

namespace regcred::core {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RecordingLog;

// The key and signature of RFC 7515, appendix A.2.
constexpr const char *published_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh+BYK4uPJtGXO\n"
    "jS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxL\n"
    "aYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNn\n"
    "juygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5\n"
    "ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkf\n"
    "toaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHg\n"
    "VFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyW\n"
    "PEAeP88vLNO97IjlA7/GQ5sLKMgvfTeXZx9SE+7YwVol2NXOoAJe46sui395IW/G\n"
    "O+pWJ1O0BkTGoVEn2bKVRUCgu+GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzj\n"
    "kn439X0M/V51gfpRLI9JYanrC4D4qAdGcopV/0ZHHzQlBjudU2QvXt4ehNYTCBr6\n"
    "XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl/x/jTj3ccPDVZFD9pIuhLhBOneufuBiB\n"
    "4cS98l2SR/RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0K\n"
    "pLttoLhyt3SmqdEf/kgHePDdtzEafpAu+cS191R2JiuoF2yzWXnwFDcqGigp5BNr\n"
    "0AHQfD8/Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqE\n"
    "lMGAg+C2V0L4oNXnP7LZcPAZRwKBgQC5A8R+CZW2MvRTLLHzwZkUXV866cff7tx6\n"
    "kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAP\n"
    "rq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS/l1OW1EnXUEoEHKl54Xrrz2uNw\n"
    "kgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7/Ls5bkUp\n"
    "5u9SN0Ai3Ya6hNnvWJMb7sXQX6U/zyO2M/hTip7tUeh7CXgwo59dkpN75gJLVds2\n"
    "9+DAncu3KXU4f2Fa+7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf/\n"
    "evpitUf+4JYbLpvNXWcY052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcG\n"
    "yoAe9fa65iNqCq+jdw6PVNGo2hxfjSiZ8IIzHdsPXI89//pMjZcQK9r+CCoRjaZj\n"
    "OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2\n"
    "tOgrjbcrfvtQJipd+DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd/QJQ3\n"
    "ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp/gh6A56\n"
    "03k2+ZQwVK0JKSHuLFkuQ3U=\n"
    "-----END PRIVATE KEY-----\n";
const std::string signing_input =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";
constexpr const char *published_signature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1"
    "dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDw"
    "usC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77"
    "Rw";

std::string pem_of(EVP_PKEY *key, bool pkcs1 = false, const EVP_CIPHER *cipher = nullptr) {
  const Owned<BIO> bytes(BIO_new(BIO_s_mem()));
  const int written =
      pkcs1 ? PEM_write_bio_PrivateKey_traditional(bytes.get(), key, nullptr, nullptr, 0, nullptr, nullptr)
            : PEM_write_bio_PKCS8PrivateKey(bytes.get(), key, cipher, "secret", 6, nullptr, nullptr);
  char *text = nullptr;
  const long size = BIO_get_mem_data(bytes.get(), &text);
  return written == 1 ? std::string(text, static_cast<std::size_t>(size)) : "not written";
}

class HostCrypto : public ::testing::Test {
 protected:
  Crypto crypto() { return Crypto(regcred::Host(services_.table())); }
  std::string refusal(const std::string &name) {
    const regcred::Result<std::string> signature = crypto().rsa_sha256(name, "data");
    if (signature) return "signed";
    EXPECT_EQ(signature.error().code, Code::bad_config);
    return signature.error().text;
  }
  std::string refused_content(const std::string &content) { return refusal(directory_.write("key", content, 0600)); }

  regcred::testing::TemporaryDirectory directory_;
  HttpConfig config_;
  SystemClock clock_;
  RecordingLog log_;
  Deadline deadline_{clock_.monotonic_ms() + 5000};
  LazyHttp module_{REGCRED_LIBRARY_DIRECTORY, config_, deadline_, clock_};
  HostServices services_{{clock_, deadline_, module_, log_, "", directory_.path(), &module_}};
};

TEST_F(HostCrypto, gives_published_digests) { testing::expect_published_examples(crypto()); }

TEST_F(HostCrypto, gives_the_published_signature_for_either_form_of_the_key) {
  const Owned<BIO> bytes(BIO_new_mem_buf(published_key, -1));
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bytes.get(), nullptr, nullptr, nullptr));
  ASSERT_TRUE(key);
  for (const std::string &pem : {std::string(published_key), pem_of(key.get(), true)}) {
    const auto signature = crypto().rsa_sha256(directory_.write("key.pem", pem, 0400), signing_input);
    ASSERT_TRUE(signature) << signature.error().text;
    EXPECT_EQ(base64url_encode(*signature), published_signature);
  }
  EXPECT_TRUE(crypto().rsa_sha256("key.pem", signing_input)) << "a bare name in $CREDENTIALS_DIRECTORY";
}

TEST_F(HostCrypto, S4_a_private_key_is_read_as_every_secret_is) {
  EXPECT_THAT(refusal(directory_.write("wide", published_key, 0644)), HasSubstr("0600"));
  EXPECT_THAT(refusal("/nowhere/key.pem"), HasSubstr("/nowhere/key.pem"));
  EXPECT_THAT(refusal("not/absolute"), AllOf(HasSubstr("absolute path"), Not(HasSubstr("not/absolute"))));
  EXPECT_TRUE(services_.asked_for_secret());
}

TEST_F(HostCrypto, S4_what_is_not_a_usable_key_names_the_file_and_the_cure) {
  const Owned<EVP_PKEY> small(EVP_RSA_gen(1024));
  const Owned<EVP_PKEY> ec(EVP_EC_gen("P-256"));
  const Owned<EVP_PKEY> rsa(EVP_RSA_gen(2048));
  for (const std::string &content :
       {std::string("hunter2-hunter2"), std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        pem_of(small.get()), pem_of(ec.get()), pem_of(rsa.get(), false, EVP_aes_256_cbc())}) {
    EXPECT_THAT(refused_content(content), AllOf(HasSubstr(directory_.path() + "/key: is not a private RSA key"),
                                                HasSubstr("openssl genpkey"), Not(HasSubstr("hunter2"))));
  }
}

TEST_F(HostCrypto, L1_the_key_is_hidden_in_log_lines) {
  const std::string name = directory_.write("key.pem", published_key, 0600);
  ASSERT_TRUE(crypto().rsa_sha256(name, "data"));
  regcred::Host(services_.table()).log().info(std::string("key: ") + published_key);
  EXPECT_THAT(log_.lines, ElementsAre("the secret is read from " + name, "key: [redacted]"));
}

TEST_F(HostCrypto, a_module_that_is_not_there_is_named) {
  LazyHttp missing("/nowhere", config_, deadline_, clock_);
  HostServices services({clock_, deadline_, missing, log_, "", "", &missing});
  const auto digest = Crypto(regcred::Host(services.table())).sha256("x");
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, Code::internal);
  EXPECT_THAT(digest.error().text, HasSubstr("/nowhere/regcred-http.so"));
}

TEST_F(HostCrypto, a_call_without_a_module_says_so) {
  HostServices services({clock_, deadline_, module_, log_, "", ""});
  const auto digest = Crypto(regcred::Host(services.table())).sha256("x");
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, Code::internal);
}

}  // namespace
}  // namespace regcred::core
