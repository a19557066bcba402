// SPDX-License-Identifier: Apache-2.0
// Published examples, which regcred.crypto/1 of the real host and of FakeHost must both give.
#pragma once

#include <gtest/gtest.h>

#include <regcred/crypto.hpp>
#include <string>
#include <vector>

namespace regcred::testing {

inline std::string counted(char last) {
  std::string bytes;
  for (char c = 1; c <= last; ++c) bytes.push_back(c);
  return bytes;
}

// FIPS 180-4's examples, and lengths around a block's end.
struct DigestExample {
  std::string data;
  std::string digest;
};
inline const std::vector<DigestExample> digest_examples = {
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {std::string(55, 'a'), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
    {std::string(56, 'a'), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
    {std::string(64, 'a'), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
};

// RFC 4231, section 4, but for the truncated one; the last is of nothing.
struct MacExample {
  std::string key;
  std::string data;
  std::string mac;
};
inline const std::vector<MacExample> mac_examples = {
    {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {counted(25), std::string(50, '\xcd'), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {std::string(131, '\xaa'),
     "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed "
     "before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

inline void expect_published_examples(const Crypto &crypto) {
  for (const DigestExample &row : digest_examples) {
    const Result<std::string> digest = crypto.sha256(row.data);
    ASSERT_TRUE(digest) << digest.error().text;
    EXPECT_EQ(hex(*digest), row.digest) << row.data.size() << " bytes";
  }
  for (const MacExample &row : mac_examples) {
    const Result<Secret> mac = crypto.hmac_sha256(row.key, row.data);
    ASSERT_TRUE(mac) << mac.error().text;
    EXPECT_EQ(hex(mac->reveal()), row.mac) << row.data;
  }
}

}  // namespace regcred::testing
