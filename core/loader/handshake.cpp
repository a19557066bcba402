// SPDX-License-Identifier: Apache-2.0
#include "loader/handshake.hpp"

#include <algorithm>
#include <cstddef>
#include <new>
#include <regcred/detail/slice.hpp>

#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t name_bytes_max = 63;
constexpr std::size_t version_bytes_max = 64;
constexpr std::size_t schema_bytes_max = 256U << 10U;
constexpr std::size_t annotation_keys_max = 64;
constexpr std::size_t annotation_key_bytes_max = 512;

// The size of regcred_backend_v1 in ABI 1.0: what every backend of major 1 has at least.
constexpr std::uint32_t backend_bytes_1_0 =
    offsetof(regcred_backend_v1, annotation_keys) + sizeof(regcred_backend_v1::annotation_keys);

std::string host_abi() { return std::to_string(REGCRED_ABI_MAJOR) + "." + std::to_string(REGCRED_ABI_MINOR); }

const char *null_member(const regcred_backend_v1 &table) {
  if (table.create == nullptr) return "create";
  if (table.get_credentials == nullptr) return "get_credentials";
  if (table.destroy == nullptr) return "destroy";
  if (table.settings_schema == nullptr) return "settings_schema";
  if (table.annotation_keys == nullptr) return "annotation_keys";
  return nullptr;
}

// Collects what a bytes sink is given, up to a count and a size; more is remembered as too much. Called by the backend,
// which no exception may leave.
struct Collector {
  std::vector<std::string> values;
  std::size_t values_max;
  std::size_t bytes_max;
  bool too_much = false;
  bool out_of_memory = false;

  static void bytes(void *context, regcred_slice value) noexcept {
    auto &self = *static_cast<Collector *>(context);
    if (self.values.size() >= self.values_max || value.size > self.bytes_max) {
      self.too_much = true;
      return;
    }
    try {
      self.values.emplace_back(detail::to_view(value));
    } catch (const std::bad_alloc &) {
      self.out_of_memory = true;
    }
  }
};

using Producer = std::int32_t (*)(const regcred_bytes_sink_v1 *);

// Empty when the backend fails or gives too much.
std::optional<std::vector<std::string>> collect(Producer producer, std::size_t values_max, std::size_t bytes_max) {
  Collector collector{{}, values_max, bytes_max};
  regcred_bytes_sink_v1 sink{};
  detail::set_header(sink);
  sink.context = &collector;
  sink.bytes = &Collector::bytes;
  const std::int32_t code = producer(&sink);
  if (collector.out_of_memory) throw std::bad_alloc();
  if (code != REGCRED_OK || collector.too_much) return std::nullopt;
  return std::move(collector.values);
}

std::optional<TokenUse> token_use_of(std::int32_t value) {
  switch (value) {
    case REGCRED_TOKEN_REQUIRED:
      return TokenUse::required;
    case REGCRED_TOKEN_OPTIONAL:
      return TokenUse::optional;
    case REGCRED_TOKEN_NEVER:
      return TokenUse::never;
    default:
      return std::nullopt;
  }
}

// What is wrong with the fixed part of the table, with its cure; empty `what` when nothing is.
Error table_fault(const regcred_backend_v1 *table, const std::string &path) {
  Error fault{ErrorCode::backend_load, path, {}, {}};
  if (table == nullptr) {
    fault.what = "regcred_backend_entry_v1 returned null, expected a table";
    fault.cure = "report this to the maintainers of the backend";
  } else if (table->abi_major != REGCRED_ABI_MAJOR) {
    fault.what = "built for backend ABI " + std::to_string(table->abi_major) + "." + std::to_string(table->abi_minor) +
                 ", this regcred has " + host_abi();
    fault.cure = "install a build of the backend for ABI " + std::to_string(REGCRED_ABI_MAJOR) + ".x";
  } else if (table->struct_size < backend_bytes_1_0) {
    fault.what = "its table has " + std::to_string(table->struct_size) + " bytes, ABI 1.0 has " +
                 std::to_string(backend_bytes_1_0);
    fault.cure = "rebuild the backend with the SDK's own headers";
  } else if (const char *member = null_member(*table)) {
    fault.what = std::string("its table has no function ") + member;
    fault.cure = "rebuild the backend with the SDK, or report this to its maintainers";
  }
  return fault;
}

}  // namespace

Result<BackendDescription> check_table(const regcred_backend_v1 *table, const std::string &path,
                                       std::string_view expected_name) {
  Error fault = table_fault(table, path);
  if (!fault.what.empty()) return tl::make_unexpected(std::move(fault));
  const auto refuse = [&path](std::string what, std::string cure) {
    return fail(ErrorCode::backend_load, path, std::move(what), std::move(cure));
  };

  const std::string_view name = detail::to_view(table->name);
  if (name != expected_name) {
    return refuse("the file is named " + std::string(expected_name) + " but the backend calls itself \"" +
                      printable(name, name_bytes_max) + "\"",
                  "rename the file, or correct `backend:` in the configuration");
  }
  const std::string_view version = detail::to_view(table->version);
  if (version.empty() || version.size() > version_bytes_max || printable(version, version_bytes_max) != version) {
    return refuse("its version is empty, too long or not printable", "report this to the maintainers of the backend");
  }
  const std::optional<TokenUse> token_use = token_use_of(table->token_use);
  if (!token_use) {
    return refuse("its token_use is " + std::to_string(table->token_use) + ", expected 0, 1 or 2",
                  "report this to the maintainers of the backend");
  }
  auto schema = collect(table->settings_schema, 1, schema_bytes_max);
  auto keys = collect(table->annotation_keys, annotation_keys_max, annotation_key_bytes_max);
  if (!schema || schema->empty() || !keys) {
    return refuse("it does not give its settings schema or annotation keys",
                  "report this to the maintainers of the backend");
  }
  return BackendDescription{std::string(name), std::string(version),       table->abi_major, table->abi_minor,
                            *token_use,        std::move(schema->front()), std::move(*keys)};
}

}  // namespace regcred::core
