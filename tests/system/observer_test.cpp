// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/observer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>

namespace reconproof::system {
namespace {

Judgement judge_v4(const char* host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  ::inet_pton(AF_INET, host, &address.sin_addr);
  return judge_address(&address, sizeof address);
}

Judgement judge_v6(const char* host, int port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<uint16_t>(port));
  ::inet_pton(AF_INET6, host, &address.sin6_addr);
  return judge_address(&address, sizeof address);
}

TEST(Observer, RefusesAndNamesForeignHosts) {
  const Judgement v4 = judge_v4("203.0.113.7", 443), v6 = judge_v6("2001:db8::1", 80);
  EXPECT_EQ(v4.kind, "network");
  EXPECT_EQ(v4.detail, "connect to 203.0.113.7 port 443");
  EXPECT_EQ(v4.error, EACCES);
  EXPECT_EQ(v6.detail, "connect to 2001:db8::1 port 80");
  EXPECT_EQ(v6.error, EACCES);
  EXPECT_EQ(judge_v6("::ffff:203.0.113.7", 80).kind, "network");
}

TEST(Observer, LetsLoopbackPassButNotNameLookups) {
  for (const Judgement& harmless :
       {judge_v4("127.0.0.1", 29500), judge_v4("127.9.9.9", 1), judge_v4("0.0.0.0", 80),
        judge_v6("::1", 80), judge_v6("::ffff:127.0.0.1", 80)}) {
    EXPECT_EQ(harmless.kind, "loopback");
    EXPECT_EQ(harmless.error, 0);
  }
  EXPECT_EQ(judge_v4("127.0.0.1", 53).detail, "name lookup (DNS) at 127.0.0.1 port 53");
  EXPECT_EQ(judge_v4("192.0.2.1", 53).error, EACCES);
}

TEST(Observer, LeavesOtherFamiliesAndShortAddressesToTheKernel) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  EXPECT_EQ(judge_address(&address, sizeof address).error, 0);
  sockaddr_in cut{};
  cut.sin_family = AF_INET;
  EXPECT_EQ(judge_address(&cut, 4).error, 0);
  EXPECT_EQ(judge_address(&cut, 1).error, 0);
}

TEST(Observer, RefusesSocketsThatEscapeNetworkNamespaces) {
  EXPECT_EQ(judge_family(AF_VSOCK).kind, "network");
  EXPECT_EQ(judge_family(AF_VSOCK).error, EACCES);
  EXPECT_EQ(judge_family(AF_PACKET).detail, "AF_PACKET socket");
  EXPECT_EQ(judge_family(AF_ALG).kind, "");
  EXPECT_EQ(judge_family(AF_ALG).error, EAFNOSUPPORT);
}

}  // namespace
}  // namespace reconproof::system
