// SPDX-License-Identifier: Apache-2.0
#include "names.hpp"

namespace acme {

std::string robot_of(std::string_view path) { return "robot$" + std::string(path.substr(0, path.find('/'))); }

}  // namespace acme
