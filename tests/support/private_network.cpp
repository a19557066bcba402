// SPDX-License-Identifier: Apache-2.0
#include "support/private_network.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <thread>

namespace regcred::testing {
namespace {

void require(bool good, const char *what) {
  if (!good) throw std::runtime_error(std::string("no private network: ") + what + ": " + std::strerror(errno));
}

sockaddr as_sockaddr(const std::string &address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  require(::inet_pton(AF_INET, address.c_str(), &in.sin_addr) == 1, "address");
  sockaddr out{};
  static_assert(sizeof in == sizeof out);
  std::memcpy(&out, &in, sizeof out);
  return out;
}

// netdevice(7); lo:0 is an alias of lo.
void add_to_loopback(const std::string &address) {
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  require(descriptor >= 0, "socket");
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = ::ioctl(descriptor, SIOCSIFFLAGS, &request) == 0;
  std::strcpy(request.ifr_name, "lo:0");
  request.ifr_addr = as_sockaddr(address);
  const bool added = up && ::ioctl(descriptor, SIOCSIFADDR, &request) == 0;
  request.ifr_netmask = as_sockaddr("255.255.255.255");
  const bool alone = added && ::ioctl(descriptor, SIOCSIFNETMASK, &request) == 0;
  ::close(descriptor);
  require(alone, "loopback");
}

}  // namespace

void in_private_network(const std::string &address, const std::function<void()> &work) {
  std::exception_ptr failed;
  std::thread([&] {
    try {
      require(::unshare(CLONE_NEWNET) == 0, "unshare");
      add_to_loopback(address);
      work();
    } catch (...) {
      failed = std::current_exception();
    }
  }).join();
  if (failed) std::rethrow_exception(failed);
}

}  // namespace regcred::testing
