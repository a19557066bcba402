#include "conformance/document.hpp"

#include <fcntl.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>

#include "common/trusted_file.hpp"
#include "common/unique_fd.hpp"

namespace regcred::conformance {
namespace {

using core::ErrorCode;
using nlohmann::ordered_json;

constexpr std::size_t file_bytes_max = 16U << 20U;

// A plain scalar means what it means in YAML's core schema; a quoted one ("!") is text.
ordered_json scalar(const YAML::Node &node) {
  if (node.Tag() == "!") return node.Scalar();
  bool boolean = false;
  std::int64_t number = 0;
  double fraction = 0;
  if (YAML::convert<bool>::decode(node, boolean)) return boolean;
  if (YAML::convert<std::int64_t>::decode(node, number)) return number;
  if (YAML::convert<double>::decode(node, fraction)) return fraction;
  return node.Scalar();
}

ordered_json to_json(const YAML::Node &node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return scalar(node);
    case YAML::NodeType::Sequence: {
      ordered_json list = ordered_json::array();
      for (const YAML::Node &item : node) list.push_back(to_json(item));
      return list;
    }
    case YAML::NodeType::Map: {
      ordered_json map = ordered_json::object();
      for (const auto &item : node) map[item.first.Scalar()] = to_json(item.second);
      return map;
    }
    default:
      return nullptr;
  }
}

}  // namespace

core::Result<ordered_json> parse_document(std::string_view text, const std::string &where) {
  ordered_json value = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value.is_discarded()) return value;
  try {
    return to_json(YAML::Load(std::string(text)));
  } catch (const YAML::Exception &error) {
    return core::fail(ErrorCode::usage, where + ":" + std::to_string(error.mark.line + 1),
                      "is neither JSON nor YAML: " + error.msg);
  }
}

core::Result<std::string> read_file(const std::string &path) {
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return core::fail(ErrorCode::usage, path, std::string("cannot be opened: ") + std::strerror(errno));
  return core::read_all(fd.get(), file_bytes_max, ErrorCode::usage, path);
}

}  // namespace regcred::conformance
