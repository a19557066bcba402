// SPDX-License-Identifier: Apache-2.0
#include "loader/handshake.hpp"

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
    offsetof(regcred_backend_v1, expected_audiences) + sizeof(regcred_backend_v1::expected_audiences);

std::string host_abi() { return std::to_string(REGCRED_ABI_MAJOR) + "." + std::to_string(REGCRED_ABI_MINOR); }

const char *null_member(const regcred_backend_v1 &table) {
  if (table.create == nullptr) return "create";
  if (table.get_credentials == nullptr) return "get_credentials";  // guard: table-functions
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

constexpr const char *report = "report this to the maintainers of the backend";

tl::unexpected<Error> refuse(const std::string &path, std::string what, std::string cure = report) {
  return fail(ErrorCode::backend_load, path, std::move(what), std::move(cure));
}

// `what` the host asks for. Fails when the backend does, and when it gives more.
Result<std::vector<std::string>> collect(Producer producer, std::size_t values_max, std::size_t bytes_max,
                                         const std::string &path, const char *what) {
  Collector collector{{}, values_max, bytes_max};
  regcred_bytes_sink_v1 sink{};
  detail::set_header(sink);
  sink.context = &collector;
  sink.bytes = &Collector::bytes;
  const std::int32_t code = producer(&sink);
  if (collector.out_of_memory) throw std::bad_alloc();
  if (code != REGCRED_OK || collector.too_much) return refuse(path, std::string("it does not give ") + what);
  return std::move(collector.values);
}

}  // namespace

Status check_abi(const regcred_backend_v1 *table, const std::string &path) {
  if (table == nullptr) return refuse(path, "regcred_backend_entry_v1 returned null, expected a table");
  if (table->abi_major != REGCRED_ABI_MAJOR) {  // guard: abi-major
    return refuse(path,
                  "built for backend ABI " + std::to_string(table->abi_major) + "." + std::to_string(table->abi_minor) +
                      ", this regcred has " + host_abi(),
                  "install a build of the backend for ABI " + std::to_string(REGCRED_ABI_MAJOR) + ".x");
  }
  if (table->struct_size < backend_bytes_1_0) {  // guard: table-size
    return refuse(path,
                  "its table has " + std::to_string(table->struct_size) + " bytes, ABI 1.0 has " +
                      std::to_string(backend_bytes_1_0),
                  "rebuild the backend with the SDK's own headers");
  }
  if (const char *member = null_member(*table)) {
    return refuse(path, std::string("its table has no function ") + member,
                  "rebuild the backend with the SDK, or report this to its maintainers");
  }
  return {};
}

Status check_name(const regcred_backend_v1 &table, const std::string &path, std::string_view expected_name) {
  const std::string_view name = detail::to_view(table.name);
  if (name == expected_name) return {};  // guard: table-name
  return refuse(path,
                "the file is named " + std::string(expected_name) + " but the backend calls itself \"" +
                    printable(name, name_bytes_max) + "\"",
                "rename the file, or correct `backend:` in the configuration");
}

Result<std::string> version_of(const regcred_backend_v1 &table, const std::string &path) {
  const std::string_view version = detail::to_view(table.version);
  if (version.empty() || version.size() > version_bytes_max || printable(version, version_bytes_max) != version) {
    return refuse(path, "its version is empty, too long or not printable");
  }
  return std::string(version);
}

Result<TokenUse> token_use_of(const regcred_backend_v1 &table, const std::string &path) {
  switch (table.token_use) {
    case REGCRED_TOKEN_REQUIRED:
      return TokenUse::required;
    case REGCRED_TOKEN_OPTIONAL:
      return TokenUse::optional;
    case REGCRED_TOKEN_NEVER:
      return TokenUse::never;
    default:
      return refuse(path, "its token_use is " + std::to_string(table.token_use) + ", expected 0, 1 or 2");
  }
}

Result<std::string> settings_schema_of(const regcred_backend_v1 &table, const std::string &path) {
  constexpr const char *what = "one settings schema of at most 256 KiB";
  auto values = collect(table.settings_schema, 1, schema_bytes_max, path, what);
  if (!values) return tl::make_unexpected(values.error());
  if (values->empty()) return refuse(path, std::string("it does not give ") + what);
  return std::move(values->front());
}

Result<std::vector<std::string>> annotation_keys_of(const regcred_backend_v1 &table, const std::string &path) {
  return collect(table.annotation_keys, annotation_keys_max, annotation_key_bytes_max, path,
                 "at most 64 annotation keys of at most 512 bytes");
}

Result<BackendDescription> check_table(const regcred_backend_v1 *table, const std::string &path,
                                       std::string_view expected_name) {
  if (Status fits = check_abi(table, path); !fits) return tl::make_unexpected(fits.error());
  if (Status named = check_name(*table, path, expected_name); !named) return tl::make_unexpected(named.error());
  auto version = version_of(*table, path);
  if (!version) return tl::make_unexpected(version.error());
  const auto token_use = token_use_of(*table, path);
  if (!token_use) return tl::make_unexpected(token_use.error());
  auto schema = settings_schema_of(*table, path);
  if (!schema) return tl::make_unexpected(schema.error());
  auto keys = annotation_keys_of(*table, path);
  if (!keys) return tl::make_unexpected(keys.error());
  return BackendDescription{
      std::string(expected_name), std::move(*version), table->abi_major, table->abi_minor, *token_use,
      std::move(*schema),         std::move(*keys)};
}

}  // namespace regcred::core
