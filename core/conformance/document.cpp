// SPDX-License-Identifier: Apache-2.0
#include "conformance/document.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "common/trusted_file.hpp"
#include "common/unique_fd.hpp"
#include "config/settings_json.hpp"
#include "config/yaml_tree.hpp"

namespace regcred::conformance {
namespace {

using core::ErrorCode;
using nlohmann::ordered_json;

constexpr std::size_t file_bytes_max = 16U << 20U;

}  // namespace

core::Result<ordered_json> parse_document(std::string_view text, const std::string &where) {
  ordered_json value = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value.is_discarded()) return value;
  const auto refuse = [](const core::Error &error) {
    return core::fail(ErrorCode::usage, error.where, "is neither JSON nor YAML: " + error.what, error.cure);
  };
  const core::Result<core::YamlNode> tree = core::parse_yaml(text, where);
  if (!tree) return refuse(tree.error());
  core::ConfigErrors errors(where);
  value = core::to_json(*tree, errors);
  if (!errors.all().empty()) return refuse(errors.all().front());
  return value;
}

core::Result<std::string> read_file(const std::string &path) {
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return core::fail(ErrorCode::usage, path, std::string("cannot be opened: ") + std::strerror(errno));
  return core::read_all(fd.get(), file_bytes_max, ErrorCode::usage, path);
}

}  // namespace regcred::conformance
