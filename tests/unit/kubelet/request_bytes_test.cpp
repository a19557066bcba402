// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <stdexcept>
#include <string>
#include <thread>

#include "common/limits.hpp"
#include "common/unique_fd.hpp"
#include "kubelet/request_reader.hpp"

namespace regcred::core {
namespace {

using ::testing::StartsWith;

// A pipe as the kubelet's: the test writes at one end, from a thread, since a pipe holds 64 KiB only.
class RequestBytes : public ::testing::Test {
 protected:
  RequestBytes() {
    ::signal(SIGPIPE, SIG_IGN);
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    reader_ = UniqueFd(ends[0]);
    writer_ = UniqueFd(ends[1]);
  }
  ~RequestBytes() override {
    reader_.reset();  // ends a writer that still writes
    if (thread_.joinable()) thread_.join();
  }

  // Writes `text` in steps of `step_bytes` and closes.
  void send(std::string text, std::size_t step_bytes = 4096, std::chrono::milliseconds pause = {}) {
    thread_ = std::thread([this, text = std::move(text), step_bytes, pause] {
      for (std::size_t at = 0; at < text.size();) {
        std::this_thread::sleep_for(pause);
        const ssize_t size = ::write(writer_.get(), text.data() + at, std::min(step_bytes, text.size() - at));
        if (size < 0) break;
        at += static_cast<std::size_t>(size);
        sent_ += static_cast<std::size_t>(size);
      }
      std::this_thread::sleep_for(pause);
      writer_.reset();
    });
  }

  UniqueFd reader_;
  UniqueFd writer_;
  std::atomic<std::size_t> sent_ = 0;

 private:
  std::thread thread_;
};

TEST_F(RequestBytes, H5_one_mebibyte_is_read_whole) {
  std::string text(limits::request_bytes_max, 'x');
  text.front() = '{';
  text.back() = '}';
  send(text, 10'000);
  const auto bytes = read_request_bytes(reader_.get());
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, text);
}

TEST_F(RequestBytes, H5_one_byte_more_is_refused) {
  send(std::string(limits::request_bytes_max + 1, 'x'));
  const auto bytes = read_request_bytes(reader_.get());
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::usage);
  EXPECT_EQ(bytes.error().where, "request on stdin");
  EXPECT_EQ(bytes.error().what, "is larger than 1048576 bytes");
  EXPECT_THAT(bytes.error().cure, StartsWith("let fewer annotations through"));
}

TEST_F(RequestBytes, H5_a_writer_without_end_is_not_listened_to) {
  send(std::string(64U << 20U, 'x'), 65'536);
  EXPECT_FALSE(read_request_bytes(reader_.get()));
  EXPECT_LT(sent_, 2U << 20U);
}

TEST_F(RequestBytes, small_pieces_are_put_together) {
  const std::string text = "{\"kind\":\"CredentialProviderRequest\"}\n";
  send(text, 1, std::chrono::milliseconds(1));
  EXPECT_EQ(read_request_bytes(reader_.get()), text);
}

TEST_F(RequestBytes, a_pipe_that_somebody_made_non_blocking_is_waited_for) {
  ASSERT_EQ(::fcntl(reader_.get(), F_SETFL, O_NONBLOCK), 0);
  send("{}", 1, std::chrono::milliseconds(100));
  const auto cpu_ms = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
  };
  const auto before = cpu_ms();
  EXPECT_EQ(read_request_bytes(reader_.get()), "{}");
  EXPECT_LT(cpu_ms() - before, 50) << "asked again and again instead of waiting";
}

// The kubelet closes at once. A writer that does not must not keep the process, and the pod, for ever.
TEST_F(RequestBytes, H4_a_writer_that_does_not_close_is_not_waited_for_without_end) {
  for (const bool non_blocking : {false, true}) {
    ASSERT_EQ(::write(writer_.get(), "{}", 2), 2);
    ASSERT_EQ(::fcntl(reader_.get(), F_SETFL, non_blocking ? O_NONBLOCK : 0), 0);
    const auto bytes = read_request_bytes(reader_.get(), 50);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, ErrorCode::deadline);
    EXPECT_EQ(bytes.error().where, "request on stdin");
    EXPECT_EQ(bytes.error().what, "is not complete after 50 ms");
    EXPECT_THAT(bytes.error().cure, StartsWith("close stdin"));
  }
}

TEST_F(RequestBytes, H4_bytes_that_drip_do_not_prolong_the_wait) {
  send(std::string(200, 'x'), 1, std::chrono::milliseconds(10));
  EXPECT_FALSE(read_request_bytes(reader_.get(), 100));
}

TEST_F(RequestBytes, an_empty_stdin_is_left_to_the_parser) {
  send("");
  EXPECT_EQ(read_request_bytes(reader_.get()), "");
}

TEST_F(RequestBytes, a_stdin_that_cannot_be_read_says_why) {
  const auto bytes = read_request_bytes(writer_.get());  // open for writing only
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::usage);
  EXPECT_EQ(bytes.error().what, "cannot be read: Bad file descriptor");
  EXPECT_EQ(bytes.error().cure, "start regcred with a pipe or a file as its stdin");
}

}  // namespace
}  // namespace regcred::core
