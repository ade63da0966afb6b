// SPDX-License-Identifier: MIT
// Processes that meet, as threads over the loopback.
#include <doctest/doctest.h>

#include <strata/dist/meeting.hpp>

#include "../support/free_port.hpp"
#include "../support/refusal.hpp"

#include <netinet/in.h>

#include <vector>

using namespace strata;
using dist::Seats;
using dist::Token;
using dist::World;
using strata::testing::free_port;
using std::chrono::seconds;

namespace {

World world(int processes, int rank, const std::string& port) {
  World w;
  w.processes = processes, w.rank = rank, w.host = "127.0.0.1", w.port = port;
  return w;
}

Token token_of(char letter) {
  Token t;
  t.fill(letter);
  return t;
}

struct Outcome {
  Seats seats;
  std::string why;
};
/// What each process came to; all have their own world and number of devices.
std::vector<Outcome> all_meet(const std::vector<World>& worlds, const std::vector<int>& devices, seconds patience = seconds(20)) {
  std::vector<Outcome> out(worlds.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < worlds.size(); i++)
    threads.emplace_back([&, i] {
      out[i].why = testing::refusal([&] { out[i].seats = meet(worlds[i], devices[i], token_of(worlds[i].rank == 0 ? 'a' : 'b'), patience); });
    });
  for (std::thread& t : threads) t.join();
  return out;
}

}  // namespace

TEST_CASE("a process alone has all seats") {
  const Seats seats = meet(World{}, 3, token_of('a'));
  CHECK(seats.first == 0);
  CHECK(seats.size == 3);
  CHECK(seats.token == token_of('a'));
}

TEST_CASE("ranks follow the processes, and the token is that of the first") {
  const std::string port = free_port();
  std::vector<World> worlds;
  for (const int rank : {3, 1, 0, 2}) worlds.push_back(world(4, rank, port));
  const auto out = all_meet(worlds, {1, 2, 3, 4});
  for (std::size_t i = 0; i < 4; i++) {
    CAPTURE(out[i].why);
    CHECK(out[i].why.empty());
    CHECK(out[i].seats.size == 10);
    CHECK(out[i].seats.token == token_of('a'));
  }
  CHECK(out[2].seats.first == 0);
  CHECK(out[1].seats.first == 3);
  CHECK(out[3].seats.first == 5);
  CHECK(out[0].seats.first == 9);
}

TEST_CASE("a stranger at the port is not counted") {
  const std::string port = free_port();
  std::atomic<bool> done{false};
  std::thread stranger([&] {
    const char noise[40] = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
    std::string why;
    for (int sent = 0; sent < 3 && !done;) {
      const auto end = std::chrono::steady_clock::now() + seconds(5);
      const dist::Socket s = dist::Socket::connected("127.0.0.1", port, end, why);
      if (s && s.send(noise, sizeof noise, end)) sent++;
      else std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  std::vector<Outcome> out;
  {
    std::thread late([&] {
      stranger.join();
      done = true;
    });
    std::vector<Outcome> first;
    std::thread host([&] { first = all_meet({world(2, 0, port)}, {1}); });
    late.join();
    out = all_meet({world(2, 1, port)}, {1});
    host.join();
    out.insert(out.begin(), first.begin(), first.end());
  }
  CHECK(out[0].why == "");
  CHECK(out[1].why == "");
  CHECK(out[1].seats.first == 1);
}

TEST_CASE("who does not come in time is missed, on both sides") {
  const std::string port = free_port();
  auto out = all_meet({world(3, 0, port), world(3, 1, port)}, {1, 1}, seconds(1));
  CHECK(out[0].why == "dist: 1 of 3 processes did not come to 127.0.0.1:" + port +
                          " within 1 s; start all of them with the same STRATA_MEET, which their machines can reach");
  CHECK(out[1].why.find("dist: process 1 came to 127.0.0.1:" + port + " and was not answered") == 0);
  out = all_meet({world(2, 1, port)}, {1}, seconds(1));
  CHECK(out[0].why.find("dist: process 1 did not reach process 0 at 127.0.0.1:" + port + " within 1 s: Connection refused") == 0);
}

TEST_CASE("processes that disagree about the world are refused") {
  std::string port = free_port();
  auto out = all_meet({world(2, 0, port), world(3, 1, port)}, {1, 1}, seconds(5));
  CHECK(out[0].why == "dist: process 1 was started with STRATA_WORLD=3, process 0 with 2; give all the same");
  CHECK(out[1].why != "");
  port = free_port();
  out = all_meet({world(3, 0, port), world(3, 1, port), world(3, 1, port)}, {1, 1, 1}, seconds(5));
  CHECK(out[0].why == "dist: two processes were started with STRATA_RANK=1; give each its own number");
}

TEST_CASE("an address that cannot be listened at is refused") {
  World w = world(2, 0, "1");
  w.host = "192.0.2.1";  // of nobody's machine, RFC 5737
  CHECK(testing::refusal([&] { meet(w, 1, token_of('a'), seconds(1)); }).find("dist: process 0 cannot listen at 192.0.2.1:1: ") == 0);
}
