// SPDX-License-Identifier: MIT
// How processes find each other: process 0 listens, the others come, say who they are and how many devices they bring, and are
// told the ranks of these and the token by which NCCL connects. Nothing is left behind that a later start could trip over, as a
// file of a shared folder would be.
#pragma once

#include <strata/dist/socket.hpp>
#include <strata/dist/world.hpp>

#include <array>
#include <cstdint>
#include <thread>

namespace strata::dist {

using Token = std::array<char, 128>;

/// The ranks of a process's devices, first ... first + its number - 1 of `size`.
struct Seats {
  int first = 0, size = 0;
  Token token{};
};

namespace detail {

inline constexpr char greeting[8] = {'s', 't', 'r', 'a', 't', 'a', '.', '1'};
struct Arrival {
  char hello[8];
  std::int32_t rank, processes, devices;
};
struct Answer {
  char hello[8];
  std::int32_t first, size;
  Token token;
};

inline Seats receive_all(const World& world, int devices, const Token& token, std::chrono::seconds patience) {
  using namespace std::chrono;
  const Moment end = steady_clock::now() + patience;
  const Socket door = Socket::listening(world.host, world.port);
  std::vector<Socket> guests(std::size_t(world.processes));
  std::vector<int> brought(std::size_t(world.processes), 0);
  brought[0] = devices;
  for (int missing = world.processes - 1; missing > 0;) {
    Socket guest = door.accept(end);
    if (steady_clock::now() >= end)
      throw Error("dist: ", missing, " of ", world.processes, " processes did not come to ", world.host, ':', world.port, " within ",
                  long(patience.count()), " s; start all of them with the same STRATA_MEET, which their machines can reach");
    Arrival arrival;
    const bool ours = guest && guest.receive(&arrival, sizeof arrival, std::min(end, steady_clock::now() + seconds(5))) &&
                      std::memcmp(arrival.hello, greeting, sizeof greeting) == 0;
    if (!ours) continue;  // somebody else knocked at the port
    if (arrival.processes != world.processes)
      throw Error("dist: process ", arrival.rank, " was started with STRATA_WORLD=", arrival.processes, ", process 0 with ", world.processes, "; give all the same");
    if (arrival.rank <= 0 || arrival.rank >= world.processes || guests[std::size_t(arrival.rank)])
      throw Error("dist: two processes were started with STRATA_RANK=", arrival.rank, "; give each its own number");
    guests[std::size_t(arrival.rank)] = std::move(guest);
    brought[std::size_t(arrival.rank)] = arrival.devices;
    missing--;
  }
  Answer answer{{}, 0, 0, token};
  std::memcpy(answer.hello, greeting, sizeof greeting);
  for (const int n : brought) answer.size += n;
  for (std::size_t rank = 0; rank < guests.size(); rank++) {
    if (rank > 0 && !guests[rank].send(&answer, sizeof answer, steady_clock::now() + seconds(30)))
      throw Error("dist: process ", int(rank), " was lost while the processes met; start all again");
    answer.first += brought[rank];
  }
  return {0, answer.size, token};
}

inline Seats go_to(const World& world, int devices, std::chrono::seconds patience) {
  using namespace std::chrono;
  const Moment end = steady_clock::now() + patience;
  Arrival arrival{{}, world.rank, world.processes, devices};
  std::memcpy(arrival.hello, greeting, sizeof greeting);
  for (std::string why = "nobody answers";;) {
    const Socket host = Socket::connected(world.host, world.port, end, why);
    if (host && host.send(&arrival, sizeof arrival, end)) {
      Answer answer;
      if (!host.receive(&answer, sizeof answer, end) || std::memcmp(answer.hello, greeting, sizeof greeting) != 0)
        throw Error("dist: process ", world.rank, " came to ", world.host, ':', world.port,
                    " and was not answered; see what process 0 said, and that STRATA_MEET names its port and no other program's");
      return {answer.first, answer.size, answer.token};
    }
    if (steady_clock::now() >= end)
      throw Error("dist: process ", world.rank, " did not reach process 0 at ", world.host, ':', world.port, " within ", long(patience.count()),
                  " s: ", why, "; start process 0 there, and let the firewall pass the port");
    std::this_thread::sleep_for(milliseconds(100));
  }
}

}  // namespace detail

/// Returns when all processes have come. `token`: process 0's. Throws an Error where they do not come in time.
inline Seats meet(const World& world, int devices, const Token& token, std::chrono::seconds patience = std::chrono::seconds(300)) {
  if (world.processes == 1) return {0, devices, token};
  return world.rank == 0 ? detail::receive_all(world, devices, token, patience) : detail::go_to(world, devices, patience);
}

}  // namespace strata::dist
