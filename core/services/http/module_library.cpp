// SPDX-License-Identifier: Apache-2.0
#include "services/http/module_library.hpp"

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <iterator>

#include "common/cut_file.hpp"
#include "common/linker_path.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

bool same_build(const BuildId &other) {
  const BuildId own;
  return std::strcmp(own.version, other.version) == 0 &&
         std::equal(std::begin(own.sizes), std::end(own.sizes), other.sizes);
}

std::string path_of(const std::string &library_directory) { return library_directory + '/' + http_module_file; }

}  // namespace

Error damaged_module(const std::string &library_directory, std::string what) {
  return {ErrorCode::backend_load, path_of(library_directory), std::move(what),
          "install regcred again, all of its files from one package"};
}

Result<const HttpModule *> load_http_module(const std::string &library_directory) {
  Result<UniqueFd> file = open_trusted(path_of(library_directory), FileTrust::integrity, ErrorCode::backend_load);
  if (!file) return tl::make_unexpected(file.error());
  const auto damaged = [&](std::string what) {
    return tl::make_unexpected(damaged_module(library_directory, std::move(what)));
  };
  if (std::string cut = cut_short_words(file->get()); !cut.empty()) return damaged(std::move(cut));
  try {
    // Lazy binding: of the thousands of symbols in libcurl's libraries an exchange uses few.
    const auto mode = boost::dll::load_mode::rtld_lazy | boost::dll::load_mode::rtld_local |
                      static_cast<boost::dll::load_mode::type>(RTLD_NODELETE);
    const boost::dll::shared_library library(linker_path(std::move(*file)), mode);
    if (!library.has(http_module_symbol)) return damaged("is not a module of regcred");
    const HttpModule &module = library.get<const HttpModule>(http_module_symbol);
    if (!same_build(module.build)) return damaged("belongs to another build of regcred");
    return &module;
  } catch (const std::exception &error) {
    return damaged("cannot be loaded: " + printable(error.what(), 200));
  }
}

}  // namespace regcred::core
