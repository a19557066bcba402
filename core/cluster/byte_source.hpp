// SPDX-License-Identifier: Apache-2.0
// A descriptor as the iterators that the JSON parser reads by: a large input is never whole in memory. Internal to this
// folder.
#pragma once

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>

namespace regcred::core {

// The bytes of a descriptor, one after the other.
class ByteSource {
 public:
  ByteSource(int fd, std::size_t bytes_max) : fd_(fd), bytes_max_(bytes_max) {}

  [[nodiscard]] bool at_end() { return next_ == filled_ && !fill(); }
  [[nodiscard]] char current() { return at_end() ? '\0' : buffer_[next_]; }
  void advance() { ++next_; }

  // Skips white space. False when there are no more bytes.
  bool skip_space() {
    while (!at_end() && std::strchr(" \t\r\n", current()) != nullptr && current() != '\0') advance();
    return !at_end();
  }
  [[nodiscard]] std::size_t position() const { return before_ + next_; }
  // Whether more bytes were requested than exist.
  [[nodiscard]] bool has_ended() const { return is_done_; }
  [[nodiscard]] bool is_too_long() const { return is_too_long_; }
  [[nodiscard]] int error() const { return error_; }

 private:
  bool fill() {
    if (is_done_) return false;
    before_ += filled_;
    next_ = filled_ = 0;
    ssize_t got = 0;
    do {
      got = ::read(fd_, buffer_.data(), buffer_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) error_ = errno;
    is_too_long_ = got > 0 && static_cast<std::size_t>(got) > bytes_max_ - before_;  // guard: workload-bytes
    is_done_ = got <= 0 || is_too_long_;
    if (!is_done_) filled_ = static_cast<std::size_t>(got);
    return !is_done_;
  }

  int fd_;
  std::size_t bytes_max_;
  std::array<char, 64U << 10U> buffer_;
  std::size_t next_ = 0;
  std::size_t filled_ = 0;
  std::size_t before_ = 0;  // bytes of earlier buffers
  bool is_done_ = false;
  bool is_too_long_ = false;
  int error_ = 0;
};

// The parser's iterator over a ByteSource; without a source: its end.
class ByteIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = char;

  explicit ByteIterator(ByteSource *source = nullptr) : source_(source) {}
  char operator*() const { return source_->current(); }
  ByteIterator &operator++() {
    source_->advance();
    return *this;
  }
  bool operator==(const ByteIterator &) const { return source_ == nullptr || source_->at_end(); }

 private:
  ByteSource *source_;
};

}  // namespace regcred::core
