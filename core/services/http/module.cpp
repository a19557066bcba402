#include "services/http/module.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "common/linker_path.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"
#include "services/http/module_abi.hpp"
#include "services/http/request_rules.hpp"
#include "services/http/retry.hpp"

namespace regcred::core {
namespace {

bool same_build(const BuildId &other) {
  const BuildId own;
  return std::strcmp(own.version, other.version) == 0 &&
         std::equal(std::begin(own.sizes), std::end(own.sizes), other.sizes);
}

Error damaged(const std::string &path, std::string what) {
  return {ErrorCode::backend_load, path, std::move(what), "install regcred again, all of its files from one package"};
}

}  // namespace

LazyHttp::~LazyHttp() {
  if (try_ != nullptr) module_->close(try_);
}

Status LazyHttp::load() {
  const std::string path = library_directory_ + '/' + http_module_file;
  Result<UniqueFd> file = open_trusted(path, FileTrust::integrity, ErrorCode::backend_load);
  if (!file) return tl::make_unexpected(file.error());
  try {
    // By the descriptor that was judged. Lazy binding: of the thousands of symbols in libcurl's libraries an exchange
    // uses few.
    const auto mode = boost::dll::load_mode::rtld_lazy | boost::dll::load_mode::rtld_local |
                      static_cast<boost::dll::load_mode::type>(RTLD_NODELETE);
    library_ = std::make_unique<boost::dll::shared_library>(linker_path(std::move(*file)), mode);
    if (!library_->has(http_module_symbol)) return tl::make_unexpected(damaged(path, "is no module of regcred"));
    module_ = &library_->get<const HttpModule>(http_module_symbol);
  } catch (const std::exception &error) {
    return tl::make_unexpected(damaged(path, "cannot be loaded: " + printable(error.what(), 200)));
  }
  if (!same_build(module_->build)) return tl::make_unexpected(damaged(path, "belongs to another build of regcred"));
  try_ = module_->open(config_, clock_);
  if (try_ == nullptr) return tl::make_unexpected(damaged(path, "ran out of memory"));
  return {};
}

tl::expected<HttpResponse, HttpFailure> LazyHttp::send(const HttpRequest &request) {
  if (std::string broken = broken_rule(request); !broken.empty()) {
    return tl::make_unexpected(HttpFailure{REGCRED_BAD_REQUEST, std::move(broken), 0});
  }
  if (try_ == nullptr) {
    if (const Status loaded = load(); !loaded) {
      const Error &error = loaded.error();
      return tl::make_unexpected(HttpFailure{REGCRED_INTERNAL, error.where + ": " + error.what + "; " + error.cure, 0});
    }
  }
  if (!trace_.wanted()) {
    return send_with_retries(request, *try_, config_, deadline_, clock_, &system_random_fraction);
  }
  TracedTry traced(*try_, trace_);
  return send_with_retries(request, traced, config_, deadline_, clock_, &system_random_fraction);
}

}  // namespace regcred::core
