// SPDX-License-Identifier: Apache-2.0
#include "services/http/openssl_words.hpp"

#include <gtest/gtest.h>

namespace regcred::core {
namespace {

TEST(OpenSslWords, stand_in_place_of_numbers) {
  EXPECT_EQ(with_openssl_words("error:0A00010B:lib(20)::reason(267)"),
            "error:0A00010B:SSL routines::wrong version number");
  EXPECT_EQ(with_openssl_words("TLS connect error: error:0A00042E:lib(20)::reason(1070)"),
            "TLS connect error: error:0A00042E:SSL routines::tlsv1 alert protocol version");
}

TEST(OpenSslWords, change_no_other_text) {
  for (const char *text :
       {"", "error:", "reason(", "error:0A00010B:SSL routines::wrong version number", "error:0A0:reason(267)",
        "error:0A00010G:lib(20)::reason(267)", "error:+A00010B:lib(20)::reason(267)", "reason(267) error:0A00010B",
        "SSL certificate problem: self-signed certificate", "an error: of reason(1)"}) {
    EXPECT_EQ(with_openssl_words(text), text);
  }
}

}  // namespace
}  // namespace regcred::core
