#include "dispatch/worker_result.hpp"

#include <array>
#include <cstring>

#include "common/limits.hpp"

namespace regcred::core {
namespace {

constexpr std::uint8_t wire_version = 1;

// Appends to a string that is wiped when the writer ends.
class Writer {
 public:
  explicit Writer(std::size_t bytes) { out_.reserve(bytes); }  // enough, so that growing leaves no copies behind
  ~Writer() { wipe(out_); }
  Writer(const Writer &) = delete;
  Writer &operator=(const Writer &) = delete;

  void integer(std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out_.push_back(static_cast<char>((value >> (8U * i)) & 0xFFU));
  }
  void text(std::string_view value) {
    integer(value.size(), 4);
    out_.append(value);
  }
  [[nodiscard]] Secret take() const { return Secret(out_); }

 private:
  std::string out_;
};

// Reads the same; after the first fault every read gives zero or nothing and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t integer(unsigned bytes) {
    if (!take(bytes)) return 0;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(taken_[i])) << (8U * i);
    }
    return value;
  }
  std::int32_t signed32() { return static_cast<std::int32_t>(static_cast<std::uint32_t>(integer(4))); }
  std::int64_t signed64() { return static_cast<std::int64_t>(integer(8)); }
  std::string_view text(std::size_t bytes_max) {
    const std::uint64_t size = integer(4);
    if (size > bytes_max || !take(static_cast<std::size_t>(size))) return fault();
    return taken_;
  }
  std::string_view fault() {
    ok_ = false;
    return {};
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool finished() const { return ok_ && rest_.empty(); }

 private:
  bool take(std::size_t bytes) {
    if (!ok_ || bytes > rest_.size()) {
      ok_ = false;
      return false;
    }
    taken_ = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return true;
  }

  std::string_view rest_;
  std::string_view taken_;
  bool ok_ = true;
};

std::size_t encoded_bytes(const WorkerResult &result) {
  std::size_t bytes = 64 + result.text.size();
  for (const AuthEntry &entry : result.auth) {
    bytes += 12 + entry.registry.size() + entry.username.size() + entry.password.size();
  }
  if (result.core_error) {
    const Error &error = *result.core_error;
    bytes += 16 + error.where.size() + error.what.size() + error.cure.size();
  }
  return bytes;
}

std::optional<ErrorCode> known_error_code(std::int32_t value) {
  constexpr std::array codes = {ErrorCode::usage,   ErrorCode::config,   ErrorCode::no_match, ErrorCode::backend_load,
                                ErrorCode::backend, ErrorCode::deadline, ErrorCode::internal};
  for (const ErrorCode code : codes) {
    if (exit_status(code) == value) return code;
  }
  return std::nullopt;
}

}  // namespace

Secret encode_worker_result(const WorkerResult &result) {
  Writer writer(encoded_bytes(result));
  writer.integer(wire_version, 1);
  writer.integer(static_cast<std::uint32_t>(result.code), 4);
  writer.text(result.text);
  writer.integer(static_cast<std::uint64_t>(result.retry_after_seconds), 8);
  writer.integer(static_cast<std::uint32_t>(result.scope), 4);
  writer.integer(static_cast<std::uint64_t>(result.lifetime_seconds), 8);
  writer.integer(result.auth.size(), 4);
  for (const AuthEntry &entry : result.auth) {
    writer.text(entry.registry);
    writer.text(entry.username);
    writer.text(entry.password.reveal());
  }
  writer.integer(result.core_error ? 1 : 0, 1);
  if (result.core_error) {
    writer.integer(static_cast<std::uint32_t>(exit_status(result.core_error->code)), 4);
    writer.text(result.core_error->where);
    writer.text(result.core_error->what);
    writer.text(result.core_error->cure);
  }
  return writer.take();
}

std::optional<WorkerResult> decode_worker_result(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.integer(1) != wire_version) return std::nullopt;
  WorkerResult result;
  result.code = reader.signed32();
  result.text = reader.text(limits::backend_text_bytes_max);
  result.retry_after_seconds = reader.signed64();
  result.scope = reader.signed32();
  result.lifetime_seconds = reader.signed64();
  const std::uint64_t count = reader.integer(4);
  if (count > limits::auth_entries_max) return std::nullopt;
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    AuthEntry entry;
    entry.registry = reader.text(limits::image_bytes_max);
    entry.username = reader.text(limits::username_bytes_max);
    entry.password = Secret(reader.text(limits::password_bytes_max));
    result.auth.push_back(std::move(entry));
  }
  if (const std::uint64_t has_error = reader.integer(1); has_error == 1) {
    const std::optional<ErrorCode> code = known_error_code(reader.signed32());
    if (!code) return std::nullopt;
    Error error{*code, {}, {}, {}};
    error.where = reader.text(limits::image_bytes_max * 2);
    error.what = reader.text(limits::image_bytes_max * 2);
    error.cure = reader.text(limits::image_bytes_max * 2);
    result.core_error = std::move(error);
  } else if (has_error != 0) {
    return std::nullopt;
  }
  if (!reader.finished()) return std::nullopt;
  return result;
}

}  // namespace regcred::core
