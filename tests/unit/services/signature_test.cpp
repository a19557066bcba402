// SPDX-License-Identifier: Apache-2.0
// Signatures against the examples of RFC 7515 (appendix A), which others have computed.
#include "services/http/signature.hpp"

#include <gtest/gtest.h>

#include <regcred/jwt.hpp>
#include <string>

namespace regcred::core {
namespace {

std::string decoded(std::string_view text) { return regcred::base64url_decode(text).value_or("no base64url"); }

constexpr const char *payload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

// A.2
const std::string rsa_input = std::string("eyJhbGciOiJSUzI1NiJ9.") + payload;
const std::string rsa_signature = decoded(
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1"
    "dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDw"
    "usC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77"
    "Rw");
const std::string n = decoded(
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCg"
    "NMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665"
    "xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyu"
    "XpoQ");
const std::string e = decoded("AQAB");

// A.3
const std::string ec_input = std::string("eyJhbGciOiJFUzI1NiJ9.") + payload;
const std::string ec_signature =
    decoded("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
const std::string x = decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
const std::string y = decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");

const PublicKey rsa_key{.type = "RSA", .n = n, .e = e};
const PublicKey ec_key{.type = "EC", .curve = "P-256", .x = x, .y = y};

TEST(Signature, the_examples_of_the_RFC_fit) {
  EXPECT_EQ(check_signature({rsa_input, rsa_signature, "RS256"}, rsa_key), SignatureCheck::fits);
  EXPECT_EQ(check_signature({ec_input, ec_signature, "ES256"}, ec_key), SignatureCheck::fits);
}

TEST(Signature, one_changed_byte_does_not_fit) {
  const std::string other = std::string("eyJhbGciOiJSUzI1NiJ8.") + payload;
  EXPECT_EQ(check_signature({other, rsa_signature, "RS256"}, rsa_key), SignatureCheck::does_not_fit);
  EXPECT_EQ(check_signature({rsa_input, rsa_signature, "RS384"}, rsa_key), SignatureCheck::does_not_fit);
  EXPECT_EQ(check_signature({other, ec_signature, "ES256"}, ec_key), SignatureCheck::does_not_fit);
  EXPECT_EQ(check_signature({ec_input, ec_signature.substr(1), "ES256"}, ec_key), SignatureCheck::does_not_fit);
  EXPECT_EQ(check_signature({rsa_input, "", "RS256"}, rsa_key), SignatureCheck::does_not_fit);
}

TEST(Signature, what_cannot_be_checked_is_told_apart) {
  const std::string big(1025, '\xff');
  const std::string off_curve(32, '\x01');
  struct Case {
    const char *algorithm;
    PublicKey key;
    SignatureCheck outcome;
  };
  const Case cases[] = {
      {"none", rsa_key, SignatureCheck::unknown_algorithm},
      {"HS256", rsa_key, SignatureCheck::unknown_algorithm},
      {"", rsa_key, SignatureCheck::unknown_algorithm},
      {"RS256", ec_key, SignatureCheck::unusable_key},
      {"ES256", rsa_key, SignatureCheck::unusable_key},
      {"ES384", ec_key, SignatureCheck::unusable_key},
      {"RS256", {.type = "RSA"}, SignatureCheck::unusable_key},
      {"RS256", {.type = "RSA", .n = big, .e = e}, SignatureCheck::unusable_key},
      {"ES256", {.type = "EC", .curve = "P-256", .x = off_curve, .y = y}, SignatureCheck::unusable_key},
  };
  for (const Case &row : cases) {
    EXPECT_EQ(check_signature({rsa_input, rsa_signature, row.algorithm}, row.key), row.outcome) << row.algorithm;
  }
}

}  // namespace
}  // namespace regcred::core
