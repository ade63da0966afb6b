// SPDX-License-Identifier: MIT
// How processes find each other: process 0 listens; the others connect, prove that they belong to the same training
// (membership.hpp), send their rank and number of devices, answer the roll call, and receive the ranks of their devices
// and the token by which NCCL connects. Nothing is left over that a later start could trip on, as a file in a shared
// folder would be. Strangers at the port are turned away and delay no one.
//
//   guest   hello, its nonce                            host   hello, its nonce
//   guest   rank, processes, devices, proof             host   "welcome.", proof; or "refused.", zeros
//   host    proof, when all have come                   guest  proof
//   host    first rank, ranks, token, proof
#pragma once

#include <strata/dist/membership.hpp>
#include <strata/dist/roster.hpp>
#include <strata/dist/socket.hpp>
#include <strata/dist/world.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <thread>

namespace strata::dist {

using Token = std::array<char, 128>;

inline constexpr int most_devices = 1024;  ///< per process

/// The ranks of a process's devices, starting at `first` of `size`, and the connections to other processes.
struct Seats {
  int first = 0, size = 0;
  Token token{};
  Roster roster{};
};

namespace detail {

inline constexpr std::string_view hello = "strata.2", welcome = "welcome.", refused = "refused.";
inline constexpr std::size_t hello_bytes = hello.size() + nonce_bytes, arrival_bytes = 3 * 4 + proof_bytes,
                             verdict_bytes = welcome.size() + proof_bytes, answer_bytes = 2 * 4 + sizeof(Token) + proof_bytes;

inline bool begins_like_hello(std::string_view heard) { return heard.substr(0, hello.size()) == hello.substr(0, heard.size()); }

/// Numbers as they are sent: four bytes each, little-endian.
inline std::string numbers(std::initializer_list<std::int32_t> all) {
  std::string out;
  for (const std::int32_t n : all)
    for (int shift = 0; shift < 32; shift += 8) out += char(std::uint32_t(n) >> shift & 255);
  return out;
}
inline int number(std::string_view sent, int index) {
  std::uint32_t n = 0;
  for (std::size_t i = 4; i-- > 0;) n = n << 8 | static_cast<unsigned char>(sent[std::size_t(index) * 4 + i]);
  return int(std::int32_t(n));
}

/// Process 0's side of the meeting.
class Reception {
 public:
  Reception(const World& world, int devices, std::chrono::seconds patience)
      : world_(world), patience_(patience), end_(now() + patience), door_(Socket::listening(world.host, world.port, world.secret.empty())),
        members_(std::size_t(world.processes)), missing_(world.processes - 1) {
    members_[0].devices = devices;
  }

  Seats seats(const Token& token) {
    while (missing_ > 0) greet();
    newcomers_.clear();
    door_ = Socket();
    call_roll();
    Seats out{0, 0, token, {}};
    for (const Member& m : members_) out.size += m.devices;
    int first = members_[0].devices;
    for (int rank = 1; rank < world_.processes; rank++) {
      Member& m = member(rank);
      const std::string body = numbers({first, out.size}) + std::string(token.data(), token.size());
      if (!m.line.send(body + m.bond.proof("answer", body), now() + std::chrono::seconds(30))) lost(rank);
      out.roster.add(rank, std::move(m.line));
      first += m.devices;
    }
    return out;
  }

 private:
  /// A connection that has not proved yet that it belongs to the training.
  struct Newcomer {
    Socket line;
    Moment end;
    Bond bond{};
    std::string heard{};
  };
  struct Member {
    Socket line{};
    Bond bond{};
    int devices = 0;
    std::string heard{};
  };

  static constexpr std::size_t most_newcomers = 256;
  static constexpr auto newcomers_patience = std::chrono::seconds(5);

  static Moment now() { return std::chrono::steady_clock::now(); }
  Member& member(int rank) { return members_[std::size_t(rank)]; }
  [[noreturn]] void lost(int rank) const {
    throw Error("dist: process ", rank, " came and was lost before all had met; see what it said, and start all again");
  }

  /// Waits until a connection has input, and handles all that have.
  void greet() {
    if (now() >= end_) throw nobody_came();
    Moment end = end_;
    std::vector<pollfd> lines{door_.to_read()};
    for (const Newcomer& n : newcomers_) lines.push_back(n.line.to_read()), end = std::min(end, n.end);
    std::vector<int> ranks;
    for (int rank = 1; rank < world_.processes; rank++)
      if (member(rank).line) lines.push_back(member(rank).line.to_read()), ranks.push_back(rank);
    wait_for_any(lines, end);

    for (std::size_t i = 0; i < ranks.size(); i++)  // a member sends nothing before the roll call
      if (lines[1 + newcomers_.size() + i].revents) lost(ranks[i]);
    std::vector<Newcomer> stay;
    for (std::size_t i = 0; i < newcomers_.size(); i++) {
      Newcomer& n = newcomers_[i];
      if (now() < n.end && (!lines[1 + i].revents || hears(n))) stay.push_back(std::move(n));
    }
    newcomers_ = std::move(stay);
    if (lines[0].revents) open_door();
  }

  void open_door() {
    if (newcomers_.size() == most_newcomers) newcomers_.erase(newcomers_.begin());  // the oldest has had its time
    Socket line = door_.accept();
    if (line) return newcomers_.push_back({std::move(line), now() + newcomers_patience});
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;  // the peer has gone again
    if (newcomers_.empty())
      throw Error("dist: process 0 cannot take in ", missing_, " of ", world_.processes, " processes: ", core::reason(errno), "; raise ulimit -n");
    newcomers_.erase(newcomers_.begin());
  }

  /// Whether to keep the newcomer waiting: false when it is turned away, gone, or seated as a member.
  bool hears(Newcomer& n) {
    const bool greeted = !n.bond.host.empty();
    const std::size_t expected = greeted ? arrival_bytes : hello_bytes;
    if (!n.line.receive_now(n.heard, expected)) return false;
    if (!greeted && !begins_like_hello(n.heard)) return false;
    if (n.heard.size() < expected) return true;
    if (!greeted) {
      n.bond = {world_.secret, n.heard.substr(hello.size()), new_nonce()};
      n.heard.clear();
      return n.line.send_now(std::string(hello) + n.bond.host);
    }
    const std::string_view body = std::string_view(n.heard).substr(0, 12);
    if (!n.bond.proves(std::string_view(n.heard).substr(12), "arrival", body)) {
      turned_away_++;
      (void)n.line.send_now(std::string(refused) + std::string(proof_bytes, '\0'));
      return false;
    }
    const int rank = number(body, 0), processes = number(body, 1), devices = number(body, 2);
    if (processes != world_.processes)
      throw Error("dist: process ", rank, " was started with STRATA_WORLD=", processes, ", process 0 with ", world_.processes, "; give all the same");
    if (rank < 0 || rank >= processes) throw Error("dist: a process was started with STRATA_RANK=", rank, "; give each a number from 0 to ", processes - 1);
    if (rank == 0 || member(rank).line) throw Error("dist: two processes were started with STRATA_RANK=", rank, "; give each its own number");
    if (devices < 1 || devices > most_devices)
      throw Error("dist: process ", rank, " brings ", devices, " devices; give each process 1 to ", most_devices);
    if (!n.line.send_now(std::string(welcome) + n.bond.proof("welcome"))) lost(rank);
    member(rank) = {std::move(n.line), std::move(n.bond), devices, {}};
    missing_--;
    return false;
  }

  /// Checks, once all have come, that they are still there.
  void call_roll() {
    for (int rank = 1; rank < world_.processes; rank++)
      if (!member(rank).line.send_now(member(rank).bond.proof("roll"))) lost(rank);
    const Moment end = now() + std::min(patience_, std::chrono::seconds(30));
    for (;;) {
      std::vector<pollfd> lines;
      std::vector<int> ranks;
      for (int rank = 1; rank < world_.processes; rank++)
        if (member(rank).heard.size() < proof_bytes) lines.push_back(member(rank).line.to_read()), ranks.push_back(rank);
      if (lines.empty()) return;
      if (now() >= end) throw Error("dist: process ", ranks[0], " did not answer when the roll was called; is it stopped? Start all again");
      wait_for_any(lines, end);
      for (std::size_t i = 0; i < ranks.size(); i++) {
        Member& m = member(ranks[i]);
        if (lines[i].revents && !m.line.receive_now(m.heard, proof_bytes)) lost(ranks[i]);
        if (m.heard.size() == proof_bytes && !m.bond.proves(m.heard, "here")) lost(ranks[i]);
      }
    }
  }

  Error nobody_came() const {
    const std::string strangers =
        turned_away_ ? sentence(" (", turned_away_, " came with another STRATA_SECRET)") : std::string();
    return Error("dist: ", missing_, " of ", world_.processes, " processes did not come to ", world_.host, ':', world_.port, " within ",
                 long(patience_.count()), " s", strangers, "; start all of them with the same STRATA_MEET, which their machines can reach");
  }

  const World& world_;
  std::chrono::seconds patience_;
  Moment end_;
  Socket door_;
  std::vector<Newcomer> newcomers_;  ///< oldest first
  std::vector<Member> members_;      ///< by rank; without a connection: not here yet
  int missing_;
  long turned_away_ = 0;
};

/// The guest's side of the meeting, after the greeting, on its connection to process 0.
inline Seats take_seats(const World& world, int devices, Socket line, Bond bond, Moment end, std::chrono::seconds patience) {
  const auto refuse = [&](const auto&... why) {
    throw Error("dist: process ", world.rank, " came to ", world.host, ':', world.port, " and ", why...);
  };
  const auto not_answered = [&] { refuse("was not answered; see what process 0 said, and that STRATA_MEET names its port and no other program's"); };
  const auto false_host = [&] { refuse("whoever listens there could not prove to be process 0; give all processes the same STRATA_SECRET"); };

  const std::string arrival = numbers({world.rank, world.processes, devices});
  if (!line.send(arrival + bond.proof("arrival", arrival), end)) not_answered();
  const std::string verdict = line.receive(verdict_bytes, end);
  if (verdict.size() < verdict_bytes) not_answered();
  if (verdict.starts_with(refused)) refuse("was turned away: process 0 has another STRATA_SECRET; give all processes the same");
  if (!verdict.starts_with(welcome) || !bond.proves(std::string_view(verdict).substr(welcome.size()), "welcome")) false_host();

  // Process 0 gives up first and names the missing process.
  const std::string roll = line.receive(proof_bytes, std::chrono::steady_clock::now() + patience + std::chrono::seconds(30));
  if (roll.size() < proof_bytes) not_answered();
  if (!bond.proves(roll, "roll")) false_host();
  const Moment soon = std::chrono::steady_clock::now() + std::chrono::seconds(60);  // longer than process 0 waits for the answers
  if (!line.send(bond.proof("here"), soon)) not_answered();
  const std::string answer = line.receive(answer_bytes, soon);
  if (answer.size() < answer_bytes) refuse("was told nothing: another process was lost before all had met; see what process 0 said, and start all again");
  const std::string_view body = std::string_view(answer).substr(0, answer_bytes - proof_bytes);
  if (!bond.proves(std::string_view(answer).substr(body.size()), "answer", body)) false_host();

  Seats seats{number(body, 0), number(body, 1), {}, {}};
  if (seats.first < 0 || seats.size < seats.first || seats.size - seats.first < devices) false_host();
  std::copy_n(body.data() + 8, seats.token.size(), seats.token.data());
  seats.roster.add(0, std::move(line));
  return seats;
}

inline Seats go_to(const World& world, int devices, std::chrono::seconds patience) {
  using namespace std::chrono;
  const Moment end = steady_clock::now() + patience;
  for (std::string why = "nobody answers";;) {
    Socket line = Socket::connected(world.host, world.port, end, world.secret.empty(), why);
    if (line) {
      Bond bond{world.secret, new_nonce(), {}};
      why = "whoever listens there says nothing";
      if (line.send(std::string(hello) + bond.guest, end)) {
        const std::string greeting = line.receive(hello_bytes, std::min(end, steady_clock::now() + seconds(10)));
        if (!begins_like_hello(greeting))
          throw Error("dist: what listens at ", world.host, ':', world.port, " is no process 0 of this version of strata; give STRATA_MEET another port");
        if (greeting.size() == hello_bytes) {
          bond.host = greeting.substr(hello.size());
          return take_seats(world, devices, std::move(line), std::move(bond), end, patience);
        }
      }
    }
    if (steady_clock::now() >= end)
      throw Error("dist: process ", world.rank, " did not reach process 0 at ", world.host, ':', world.port, " within ", long(patience.count()),
                  " s: ", why, "; start process 0 there, and let the firewall pass the port");
    std::this_thread::sleep_for(milliseconds(100));
  }
}

}  // namespace detail

/// Meets the other processes; returns when all have come and answered. `token`: that of process 0, ignored in the
/// others. Throws Error where they do not come within `patience`, one is lost before all have met, or their settings do
/// not match.
inline Seats meet(const World& world, int devices, const Token& token, std::chrono::seconds patience = std::chrono::seconds(300)) {
  if (devices < 1 || devices > most_devices)
    throw Error("dist: this process brings ", devices, " devices; give each process 1 to ", most_devices);
  if (world.processes == 1) return {0, devices, token, {}};
  world.check();
  return world.rank == 0 ? detail::Reception(world, devices, patience).seats(token) : detail::go_to(world, devices, patience);
}

}  // namespace strata::dist
