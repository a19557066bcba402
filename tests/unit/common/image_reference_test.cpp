// SPDX-License-Identifier: Apache-2.0
#include "common/image_reference.hpp"

#include <gtest/gtest.h>

#include "common/limits.hpp"

namespace regcred::core {
namespace {

TEST(ImageReference, splits_host_port_and_path) {
  struct Case {
    std::string_view name, registry, host, port, path;
    std::size_t labels;
  };
  const Case table[] = {
      {"docker.io/library/nginx", "docker.io", "docker.io", "", "/library/nginx", 2},
      {"reg.io:5000/a", "reg.io:5000", "reg.io", "5000", "/a", 2},
      {"localhost/foo", "localhost", "localhost", "", "/foo", 1},
      {"reg.io", "reg.io", "reg.io", "", "", 2},
      {"[::1]:5000/a", "[::1]:5000", "::1", "5000", "/a", 1},
      {"[::1]/a", "[::1]", "[::1]", "", "/a", 1},
      {"", "", "", "", "", 1},
      {"/a", "", "", "", "/a", 1},
      {":5000/a", ":5000", "", "5000", "/a", 1},
      {"a:b:c/d", "a:b:c", "a:b:c", "", "/d", 1},
  };
  for (const Case &row : table) {
    const ImageReference image{std::string(row.name)};
    EXPECT_EQ(image.name(), row.name);
    EXPECT_EQ(image.registry(), row.registry) << row.name;
    EXPECT_EQ(image.host(), row.host) << row.name;
    EXPECT_EQ(image.port(), row.port) << row.name;
    EXPECT_EQ(image.path(), row.path) << row.name;
    EXPECT_EQ(image.host_labels(), row.labels) << row.name;
  }
}

TEST(KubeletImage, accepts_the_names_that_the_kubelet_sends) {
  for (const std::string_view image :
       {"docker.io/library/nginx", "localhost/foo", "localhost:5000/foo", "gcr.io/p/i", "reg.io:5000/a/b",
        "test.registry.io", "172.18.0.10:5000/x", "[::1]:5000/x", "[fd00::a]/x", "REG.io/x", "Reg/x", "a.b/c__d",
        "a.b/c---d", "a.b/c.d_e-f/0", "xn--bcher-kva.example/x",
        "docker.cloudsmith.io/iduffy-demo/purple-team/ubuntu"}) {
    const auto result = parse_kubelet_image(image);
    ASSERT_TRUE(result) << image << ": " << result.error().what;
    EXPECT_EQ(result->name(), image);
  }
}

TEST(KubeletImage, refuses_everything_else_with_its_reason) {
  struct Case {
    std::string image;
    std::string_view what;
  };
  const Case table[] = {
      {"", "is empty"},
      {"reg.io/a:v1", "a tag"},
      {"reg.io/a@sha256:0123", "a tag, a digest"},
      {"user@reg.io/a", "user information"},
      {"https://reg.io/a", "scheme"},
      {"nginx", "no registry host"},
      {"library/nginx", "no registry host"},
      {"/a", "no registry host"},
      {"reg.io/A", "upper-case"},
      {"reg.io/a b", "a space"},
      {"reg.io/a\n", "control character"},
      {std::string("reg.io/a\0b", 10), "control character"},
      {"reg.io/b\xC3\xBC", "outside ASCII"},
      {"reg.io/", "path"},
      {"reg.io//a", "path"},
      {"reg.io/a/", "path"},
      {"reg.io/../a", "path"},
      {"reg.io/-a", "path"},
      {"reg.io/a___b", "path"},
      {"reg.io/a._b", "path"},
      {"reg.io/a%62", "path"},
      {"reg.io/a?b", "path"},
      {"reg.io/a#b", "path"},
      {"reg.io:/a", "host[:port]"},
      {"reg.io:x/a", "host[:port]"},
      {"reg.io:1:2/a", "host[:port]"},
      {"reg..io/a", "host[:port]"},
      {"reg.io./a", "host[:port]"},
      {".reg.io/a", "host[:port]"},
      {"-reg.io/a", "host[:port]"},
      {"r_g.io/a", "host[:port]"},
      {"*.io/a", "host[:port]"},
      {"[::1/a", "host[:port]"},
      {"[::g]/a", "host[:port]"},
      {"[::1]x/a", "host[:port]"},
      {std::string(300, 'a') + ".io/a", "host[:port]"},
  };
  for (const auto &[image, what] : table) {
    const auto result = parse_kubelet_image(image);
    ASSERT_FALSE(result) << image;
    EXPECT_EQ(result.error().code, ErrorCode::usage);
    EXPECT_NE(result.error().what.find(what), std::string::npos) << image << ": " << result.error().what;
    EXPECT_FALSE(result.error().cure.empty());
  }
}

TEST(KubeletImage, H5_a_name_over_the_limit_is_refused) {
  const auto result = parse_kubelet_image("reg.io/" + std::string(limits::image_bytes_max - 6, 'a'));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().what.find("longer than 4096 bytes"), std::string::npos);
  EXPECT_LT(result.error().where.size(), 300U);
}

TEST(NormaliseImage, gives_what_the_kubelet_would_send) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  const std::pair<std::string, std::string_view> table[] = {
      {"nginx", "docker.io/library/nginx"},
      {"nginx:1.27", "docker.io/library/nginx"},
      {"nginx:1.27" + digest, "docker.io/library/nginx"},
      {"bitnami/redis", "docker.io/bitnami/redis"},
      {"docker.io/bitnami/redis", "docker.io/bitnami/redis"},
      {"docker.io/nginx", "docker.io/library/nginx"},
      {"index.docker.io/bitnami/redis", "docker.io/bitnami/redis"},
      {"index.docker.io/nginx", "docker.io/library/nginx"},
      {"localhost/foo", "localhost/foo"},
      {"localhost:5000/foo", "localhost:5000/foo"},
      {"localhost:5000", "docker.io/library/localhost"},  // a tag, as the reference parser reads it
      {"registry/foo", "docker.io/registry/foo"},
      {"gcr.io/p/i" + digest, "gcr.io/p/i"},
      {"gcr.io/p/i:v1" + digest, "gcr.io/p/i"},
      {"reg.io:5000/a/b:v1" + digest, "reg.io:5000/a/b"},
      {"Reg/foo", "Reg/foo"},
      {"[::1]:5000/a:v1", "[::1]:5000/a"},
      {"[::1]/a", "[::1]/a"},
  };
  for (const auto &[text, expected] : table) {
    const auto result = normalise_image(text);
    ASSERT_TRUE(result) << text << ": " << result.error().what;
    EXPECT_EQ(*result, expected) << text;
  }
}

TEST(NormaliseImage, refuses_what_is_no_image) {
  const std::pair<std::string, std::string_view> table[] = {
      {"", "is empty"},
      {"https://reg.io/a", "scheme"},
      {"reg.io/a:", "no tag"},
      {"reg.io/a:-x", "no tag"},
      {"reg.io/a:" + std::string(129, 'x'), "no tag"},
      {"reg.io/a:b:c", "no tag"},
      {"reg.io/a@", "no digest"},
      {"reg.io/a@sha256:123", "no digest"},
      {"reg.io/a@sha256:" + std::string(64, 'g'), "no digest"},
      {"user@reg.io/a", "no digest"},
      {std::string(64, 'a'), "image ID"},
      {"reg.io/A", "upper-case"},
      {"NGINX", "upper-case"},
      {"reg.io/ a", "space"},
      {"re_g.io/a", "host[:port]"},
      {"/a", "path"},
      {"reg.io/", "path"},
  };
  for (const auto &[text, what] : table) {
    const auto result = normalise_image(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, ErrorCode::usage);
    EXPECT_NE(result.error().what.find(what), std::string::npos) << text << ": " << result.error().what;
  }
}

TEST(TagOrDigest, is_what_follows_the_name) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const std::pair<std::string, std::string> table[] = {
      {"nginx", ""},
      {"nginx:1.27", "1.27"},
      {"localhost:5000/app", ""},
      {"localhost:5000/app:v1", "v1"},
      {"reg.io/a@" + digest, digest},
      {"reg.io:5000/a:v1@" + digest, digest},
  };
  for (const auto &[text, expected] : table) {
    EXPECT_TRUE(normalise_image(text)) << text;
    EXPECT_EQ(tag_or_digest(text), expected) << text;
  }
}

TEST(ImageReference, a_path_has_at_most_255_bytes) {
  EXPECT_TRUE(parse_kubelet_image("reg.io/" + std::string(255, 'a')));
  EXPECT_FALSE(parse_kubelet_image("reg.io/" + std::string(256, 'a')));
  EXPECT_FALSE(normalise_image("reg.io/" + std::string(256, 'a') + ":1"));
}

}  // namespace
}  // namespace regcred::core
