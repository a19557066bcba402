// SPDX-License-Identifier: Apache-2.0
// The bytes between a worker and its parent, in one format for every type. A type that is sent has one function
//     template <class Wire> void on_wire(Wire &wire, T &value)
// that names its fields in order. Writer and Reader have the same operations, so the function is used for both
// directions. The parent treats what it reads as hostile: every length, count, flag and choice is checked, and nothing
// may be left over.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace regcred::core {

class Writer {
 public:
  Writer() = default;
  ~Writer() { wipe(out_); }
  Writer(const Writer &) = delete;
  Writer &operator=(const Writer &) = delete;

  template <std::integral T>
  void number(T value) {
    make_room(sizeof(T));
    const auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i) out_.push_back(static_cast<char>((bits >> (8U * i)) & 0xFFU));
  }
  void flag(bool value) { number(static_cast<std::uint8_t>(value ? 1 : 0)); }
  template <class Enum>
  void choice(Enum value, Enum /*first*/, Enum /*last*/) {
    number(static_cast<std::uint8_t>(value));
  }
  void text(std::string_view value, std::size_t /*bytes_max*/) {
    number(static_cast<std::uint32_t>(value.size()));
    make_room(value.size());
    out_.append(value);
  }
  void secret(const Secret &value, std::size_t bytes_max) { text(value.reveal(), bytes_max); }
  template <class T>
  void list(std::vector<T> &items, std::size_t /*count_max*/) {
    number(static_cast<std::uint32_t>(items.size()));
    for (T &item : items) on_wire(*this, item);
  }

  [[nodiscard]] Secret take() const { return Secret(out_); }

 private:
  // Growing leaves no copy of a secret behind.
  void make_room(std::size_t bytes) {
    if (out_.capacity() - out_.size() >= bytes) return;
    std::string larger;
    larger.reserve(2 * (out_.size() + bytes) + 256);
    larger = out_;
    wipe(out_);
    out_.swap(larger);
  }

  std::string out_;
};

// After the first fault every read gives zero or nothing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <std::integral T>
  void number(T &value) {
    const std::string_view bytes = take(sizeof(T));
    std::uint64_t bits = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) bits = (bits << 8U) | static_cast<unsigned char>(bytes[i - 1]);
    value = static_cast<T>(bits);
  }
  void flag(bool &value) {
    std::uint8_t byte = 0;
    number(byte);
    value = byte == 1;
    if (byte > 1) fault();
  }
  template <class Enum>
  void choice(Enum &value, Enum first, Enum last) {
    std::uint8_t byte = 0;
    number(byte);
    if (byte < static_cast<int>(first) || byte > static_cast<int>(last)) return fault();
    value = static_cast<Enum>(byte);
  }
  void text(std::string &value, std::size_t bytes_max) { value = text_of(bytes_max); }
  void secret(Secret &value, std::size_t bytes_max) { value = Secret(text_of(bytes_max)); }
  template <class T>
  void list(std::vector<T> &items, std::size_t count_max) {
    std::uint32_t count = 0;
    number(count);
    if (count > count_max) return fault();
    for (std::uint32_t i = 0; i < count && ok_; ++i) on_wire(*this, items.emplace_back());
  }

  [[nodiscard]] bool finished() const { return ok_ && rest_.empty(); }

 private:
  void fault() {
    ok_ = false;
    rest_ = {};
  }
  std::string_view take(std::size_t bytes) {
    if (bytes > rest_.size()) {
      fault();
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  std::string_view text_of(std::size_t bytes_max) {
    std::uint32_t size = 0;
    number(size);
    if (size <= bytes_max) return take(size);
    fault();
    return {};
  }

  std::string_view rest_;
  bool ok_ = true;
};

// A text of the core, and the name of a place.
inline constexpr std::size_t wire_text_bytes_max = 8192;

template <class Wire>
void on_wire(Wire &wire, std::string &value) {
  wire.text(value, wire_text_bytes_max);
}

template <class Wire>
void on_wire(Wire &wire, Error &error) {
  wire.choice(error.code, ErrorCode::usage, ErrorCode::internal);
  wire.text(error.where, wire_text_bytes_max);
  wire.text(error.what, wire_text_bytes_max);
  wire.text(error.cure, wire_text_bytes_max);
}

template <class Wire, class T>
void on_wire(Wire &wire, Result<T> &outcome) {
  bool has_value = outcome.has_value();
  wire.flag(has_value);
  if (has_value) return on_wire(wire, *outcome);
  Error error{ErrorCode::internal, {}, {}, {}};
  if (!outcome) error = std::move(outcome.error());
  on_wire(wire, error);
  outcome = tl::make_unexpected(std::move(error));
}

// `value` as bytes. They may hold passwords, and are wiped with the Secret.
template <class T>
[[nodiscard]] Secret encoded(T &value) {
  Writer writer;
  on_wire(writer, value);
  return writer.take();
}

// The reverse of encoded(). Empty for bytes that encoded() does not write.
template <class T>
[[nodiscard]] std::optional<T> decoded(std::string_view bytes) {
  std::optional<T> value(std::in_place);
  Reader reader(bytes);
  on_wire(reader, *value);
  if (!reader.finished()) value.reset();  // guard: result-end
  return value;
}

}  // namespace regcred::core
