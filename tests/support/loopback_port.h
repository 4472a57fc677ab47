#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <cstdint>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

namespace penstock::test {

inline bool is_free_loopback_port(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return bound;
}

// The first of so many TCP ports in a row of the loopback address that nobody listens on now. They lie below those that
// the kernel gives to connections: one of these could be there before the server is.
inline int free_loopback_port(int in_a_row = 1) {
  std::random_device random;
  std::uniform_int_distribution<int> any(20'000, 32'000);
  while (true) {
    const int first = any(random);
    int free = 0;
    while (free < in_a_row && is_free_loopback_port(first + free)) ++free;
    if (free == in_a_row) return first;
  }
}

}  // namespace penstock::test
