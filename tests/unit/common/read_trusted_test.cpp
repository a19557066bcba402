// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <regcred/secret.hpp>
#include <string>

#include "common/trusted_file.hpp"
#include "support/process.hpp"
#include "unit/common/memory_watch.hpp"

namespace regcred::core {
namespace {

using ::testing::StartsWith;

// What is wrong, or "accepted".
std::string refusal(const Result<std::string> &read) { return read ? "accepted" : read.error().what; }

class ReadTrusted : public ::testing::Test {
 protected:
  regcred::testing::TemporaryDirectory directory_;
};

TEST_F(ReadTrusted, H5_reads_up_to_the_limit_and_not_a_byte_more) {
  struct Case {
    std::size_t bytes;
    std::size_t bytes_max;
    bool fits;
  };
  const Case table[] = {{0, 0, true},         {1, 0, false},         {0, 10, true},         {10, 10, true},
                        {11, 10, false},      {16384, 16384, true},  {16385, 16384, false}, {16384, 20000, true},
                        {50000, 50000, true}, {50001, 50000, false}, {500000, 10, false},   {40000, 100000, true}};
  for (const auto &[bytes, bytes_max, fits] : table) {
    const std::string content(bytes, 'x');
    const std::string path = directory_.write("file", content);
    const auto read = read_trusted(path, FileTrust::integrity, bytes_max, ErrorCode::backend_load);
    ASSERT_EQ(read.has_value(), fits) << bytes << " of " << bytes_max;
    if (fits) {
      EXPECT_EQ(*read, content);
    } else {
      EXPECT_EQ(read.error().code, ErrorCode::backend_load);
      EXPECT_EQ(read.error().where, path);
      EXPECT_EQ(read.error().what, "is larger than " + std::to_string(bytes_max) + " bytes");
    }
  }
}

// /proc gives files whose size is said to be 0: the size is a hint only.
TEST_F(ReadTrusted, H5_reads_what_tells_no_size) {
  const UniqueFd fd(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(fd);
  EXPECT_THAT(read_all(fd.get(), 100'000, ErrorCode::config, "status").value_or(""), StartsWith("Name:"));
  ASSERT_EQ(::lseek(fd.get(), 0, SEEK_SET), 0);
  EXPECT_EQ(refusal(read_all(fd.get(), 100, ErrorCode::config, "status")), "is larger than 100 bytes");
}

// Whether a read that fails half-way, or that meets more bytes than the file's size told, leaves some behind.
TEST_F(ReadTrusted, S1_no_bytes_stay_behind_unwiped) {
  using regcred::testing_memory::canary_watch;
  std::string content;
  while (content.size() < 40'000) content += "canary-of-read-all ";
  const std::string path = directory_.write("secret", content, 0600);
  content.resize(36'000);
  int pipe[2] = {-1, -1};  // holds 64 KiB, and tells no size
  ASSERT_EQ(::pipe(pipe), 0);
  const UniqueFd from(pipe[0]);
  UniqueFd into(pipe[1]);
  ASSERT_EQ(::write(into.get(), content.data(), content.size()), 36'000);
  into = UniqueFd();
  wipe(content);

  canary_watch = {"canary-of-read-all"};
  const auto too_large = read_trusted(path, FileTrust::secret, 30'000, ErrorCode::config);
  EXPECT_EQ(canary_watch.found, 0U) << "too large";
  const auto whole = read_all(from.get(), 100'000, ErrorCode::config, "pipe");
  canary_watch.text = {};
  EXPECT_EQ(refusal(too_large), "is larger than 30000 bytes");
  EXPECT_EQ(whole ? whole->size() : 0U, 36'000U);
  EXPECT_EQ(canary_watch.found, 0U);
}

TEST_F(ReadTrusted, what_cannot_be_read_is_an_error_and_not_empty) {
  const UniqueFd fd(::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto read = read_all(fd.get(), 100, ErrorCode::config, "the name");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().where, "the name");
  EXPECT_EQ(read.error().what, "cannot be read: Is a directory");
  EXPECT_EQ(refusal(read_trusted(directory_.path(), FileTrust::integrity, 100, ErrorCode::config)),
            "is a directory, not a regular file");
}

}  // namespace
}  // namespace regcred::core
