#ifdef _WIN32

#include <winsock2.h>

#include "ops/pod_address.h"

#pragma comment(lib, "ws2_32.lib")

namespace penstock {

Result<std::string> pod_socket_path(const std::string&) { return Error(ErrorKind::unsupported, "gRPC has no Unix sockets on Windows"); }

Result<std::string> free_loopback_address() {
  WSADATA data;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return Error(ErrorKind::io, "Windows Sockets do not start");
  const SOCKET probe = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int size = sizeof address;
  const bool found = probe != INVALID_SOCKET && bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (probe != INVALID_SOCKET) closesocket(probe);
  WSACleanup();
  if (!found) return Error(ErrorKind::io, "no free port on the loopback interface");
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

}  // namespace penstock

#endif
