#include "services/http/curl_try.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "services/http/curl_failure.hpp"
#include "services/http/curl_options.hpp"
#include "services/http/request_rules.hpp"
#include "services/http/retry.hpp"

namespace regcred::core {
namespace {

struct EasyDeleter {
  void operator()(CURL *easy) const noexcept { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist *list) const noexcept { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// What arrives, within its limits. Callbacks end the transfer by taking less than offered.
struct Received {
  HttpResponse response;
  std::size_t header_bytes = 0;
  bool too_large = false;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

void add_header(HttpResponse &response, std::string_view line) {
  if (line.starts_with("HTTP/")) return response.headers.clear();  // a status line: 1xx came before
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(trimmed(line.substr(0, colon)));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  response.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
}

extern "C" std::size_t take_header(char *bytes, std::size_t, std::size_t size, void *context) {
  auto &received = *static_cast<Received *>(context);
  received.header_bytes += size;
  if (received.header_bytes > limits::http_headers_bytes_max) {
    received.too_large = true;
    return 0;
  }
  try {
    add_header(received.response, {bytes, size});
  } catch (...) {
    return 0;
  }
  return size;
}

extern "C" std::size_t take_body(char *bytes, std::size_t, std::size_t size, void *context) {
  auto &received = *static_cast<Received *>(context);
  if (received.response.body.size() + size > limits::http_body_bytes_max) {
    received.too_large = true;
    return 0;
  }
  try {
    received.response.body.append(bytes, size);
  } catch (...) {
    return 0;
  }
  return size;
}

// curl_easy_setopt, the first failure of which is kept: an option that libcurl refuses must not be missing silently.
class Setup {
 public:
  explicit Setup(CURL *easy) : easy_(easy) {}
  template <class Value>
  void set(CURLoption option, Value value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(easy_, option, value);
  }
  [[nodiscard]] CURLcode code() const noexcept { return code_; }

 private:
  CURL *easy_;
  CURLcode code_ = CURLE_OK;
};

void set_trust(Setup &setup, const TrustRoots &roots) {
  // NULL first: libcurl's default is the system's whole bundle.
  setup.set<const char *>(CURLOPT_CAINFO, nullptr);
  setup.set<const char *>(CURLOPT_PROXY_CAINFO, nullptr);
  const char *const directories = roots.hashed_directories.empty() ? nullptr : roots.hashed_directories.c_str();
  setup.set(CURLOPT_CAPATH, directories);
  setup.set(CURLOPT_PROXY_CAPATH, directories);
  if (roots.pem.empty()) return;
  // libcurl only reads it; the interface is older than const.
  curl_blob blob{const_cast<char *>(roots.pem.data()), roots.pem.size(), CURL_BLOB_NOCOPY};
  setup.set(CURLOPT_CAINFO_BLOB, &blob);
  setup.set(CURLOPT_PROXY_CAINFO_BLOB, &blob);
}

// An empty proxy keeps libcurl from looking at the environment.
void set_proxy(Setup &setup, const ProxyConfig &proxy, bool direct) {
  setup.set(CURLOPT_PROXY, direct ? "" : proxy.url.c_str());
  setup.set(CURLOPT_NOPROXY, direct ? "*" : proxy.no_proxy.c_str());
  setup.set<const char *>(CURLOPT_PRE_PROXY, nullptr);
}

void set_request(Setup &setup, const HttpRequest &request, const std::string &url, const std::string &method) {
  setup.set(CURLOPT_PROTOCOLS_STR, request.metadata_endpoint ? "http,https" : "https");  // H1
  setup.set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  setup.set(CURLOPT_URL, url.c_str());
  setup.set(CURLOPT_CUSTOMREQUEST, method.c_str());
  if (method == "GET") {
    setup.set(CURLOPT_HTTPGET, 1L);
    setup.set(CURLOPT_CUSTOMREQUEST, static_cast<const char *>(nullptr));
    return;
  }
  setup.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  setup.set(CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());  // not copied
}

// Headers as "Name: value"; one without a value as "Name;". What libcurl would add by itself is left out.
HeaderList header_list(const HttpRequest &request) {
  HeaderList list;
  const auto append = [&list](const std::string &line) {
    curl_slist *const longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  };
  append("Expect:");
  bool has_content_type = false;
  for (const auto &[name, value] : request.headers) {
    std::string line(name);
    has_content_type = has_content_type || curl_strequal(line.c_str(), "content-type") != 0;
    append(value.empty() ? line + ';' : line + ": " + std::string(value));
  }
  if (!has_content_type) append("Content-Type:");  // not the form type that libcurl assumes
  return list;
}

// host:port of the proxy's URL, which may hold user and password before the last '@'.
std::string_view host_of_proxy(std::string_view url) {
  const std::string_view authority = authority_of(url);
  const std::size_t at = authority.rfind('@');
  return at == std::string_view::npos ? authority : authority.substr(at + 1);
}

std::int64_t phase_ms(CURL *easy, CURLINFO phase) {
  curl_off_t microseconds = 0;
  if (curl_easy_getinfo(easy, phase, &microseconds) != CURLE_OK || microseconds <= 0) return -1;
  return microseconds / 1000;
}

PhaseTimes phase_times(CURL *easy) {
  return {phase_ms(easy, CURLINFO_NAMELOOKUP_TIME_T), phase_ms(easy, CURLINFO_CONNECT_TIME_T),
          phase_ms(easy, CURLINFO_APPCONNECT_TIME_T), phase_ms(easy, CURLINFO_STARTTRANSFER_TIME_T),
          phase_ms(easy, CURLINFO_TOTAL_TIME_T)};
}

TryFailure setup_failure(CURLcode code) {
  return {REGCRED_INTERNAL, std::string("libcurl cannot be set up: ") + curl_easy_strerror(code), false};
}

}  // namespace

CurlTry::CurlTry(const HttpConfig &config, Clock &clock) : config_(config), clock_(clock) {
  ::unsetenv("SSLKEYLOGFILE");  // L4: libcurl would write the sessions' keys there
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

CurlTry::~CurlTry() = default;

tl::expected<HttpResponse, TryFailure> CurlTry::send(const HttpRequest &request, TryLimits limits) {
  if (!roots_found_ && !request.metadata_endpoint) {
    roots_ = find_trust_roots(config_);
    roots_found_ = true;
  }
  if (!roots_) {
    const Error &error = roots_.error();
    return tl::make_unexpected(
        TryFailure{REGCRED_UNAVAILABLE, error.where + ": " + error.what + "; " + error.cure, false});
  }
  const Easy easy(curl_easy_init());
  if (!easy) return tl::make_unexpected(setup_failure(CURLE_FAILED_INIT));

  const std::string url(request.url);
  const std::string method(request.method);
  const HeaderList headers = header_list(request);
  std::array<char, CURL_ERROR_SIZE> detail{};
  Received received;

  Setup setup(easy.get());
  for (const CurlOption &fixed : curl_options) setup.set(fixed.option, fixed.value);
  set_trust(setup, *roots_);
  set_proxy(setup, config_.proxy, request.metadata_endpoint);
  set_request(setup, request, url, method);
  setup.set(CURLOPT_HTTPHEADER, headers.get());
  setup.set(CURLOPT_USERAGENT, config_.user_agent.empty() ? "regcred/" REGCRED_VERSION : config_.user_agent.c_str());
  setup.set<const char *>(CURLOPT_ACCEPT_ENCODING, nullptr);  // H5: nothing is decompressed
  setup.set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits::http_body_bytes_max));
  setup.set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(1, limits.whole_ms)));
  setup.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(1, limits.connect_ms)));
  setup.set(CURLOPT_ERRORBUFFER, detail.data());
  setup.set(CURLOPT_HEADERFUNCTION, &take_header);
  setup.set(CURLOPT_HEADERDATA, static_cast<void *>(&received));
  setup.set(CURLOPT_WRITEFUNCTION, &take_body);
  setup.set(CURLOPT_WRITEDATA, static_cast<void *>(&received));
  if (setup.code() != CURLE_OK) return tl::make_unexpected(setup_failure(setup.code()));

  CURLcode code = curl_easy_perform(easy.get());
  if (code == CURLE_WRITE_ERROR && received.too_large) code = CURLE_FILESIZE_EXCEEDED;
  if (code != CURLE_OK) {
    const std::string_view proxy = request.metadata_endpoint ? std::string_view{} : host_of_proxy(config_.proxy.url);
    TryFailure failure =
        explain_curl_failure(easy.get(), code, {authority_of(request.url), proxy, detail.data(), limits});
    failure.times = phase_times(easy.get());
    return tl::make_unexpected(std::move(failure));
  }
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 599) {
    return tl::make_unexpected(TryFailure{REGCRED_BAD_UPSTREAM, "a response with status " + std::to_string(status),
                                          false, phase_times(easy.get())});
  }
  HttpResponse &response = received.response;
  response.status = static_cast<int>(status);
  response.times = phase_times(easy.get());
  for (const auto &[name, value] : response.headers) {
    if (name != "retry-after") continue;
    response.retry_after_seconds = parse_retry_after(value, clock_.unix_ms() / 1000).value_or(-1);
  }
  return std::move(response);
}

}  // namespace regcred::core
