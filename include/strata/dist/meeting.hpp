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
struct RankAssignment {
  int first = 0, size = 0;
  Token token{};
  Roster roster{};
};

namespace detail {

inline constexpr std::string_view hello = "strata.3", welcome = "welcome.", refused = "refused.";
inline constexpr std::size_t hello_bytes = hello.size() + nonce_bytes, arrival_bytes = 3 * 4 + proof_bytes,
                             verdict_bytes = welcome.size() + proof_bytes,
                             answer_bytes = 2 * 4 + sizeof(Token) + proof_bytes;

inline bool begins_like_hello(std::string_view received) {
  return received.substr(0, hello.size()) == hello.substr(0, received.size());
}

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
class Host {
 public:
  Host(const World& world, int devices, std::chrono::seconds timeout)
      : world_(world),
        timeout_(timeout),
        end_(now() + timeout),
        listener_(Socket::listening(world.host, world.port, world.secret.empty())),
        members_(std::size_t(world.processes)),
        missing_(world.processes - 1) {
    members_[0].devices = devices;
  }

  RankAssignment assign_ranks(const Token& token) {
    while (missing_ > 0) poll_connections();
    candidates_.clear();
    listener_ = Socket();
    call_roll();
    RankAssignment out{0, 0, token, {}};
    for (const Member& m : members_) out.size += m.devices;
    int first = members_[0].devices;
    for (int rank = 1; rank < world_.processes; rank++) {
      Member& m = member(rank);
      const std::string body = numbers({first, out.size}) + std::string(token.data(), token.size());
      if (!m.connection.send(body + m.handshake.proof("answer", body), now() + std::chrono::seconds(30))) lost(rank);
      out.roster.add(rank, std::move(m.connection));
      first += m.devices;
    }
    return out;
  }

 private:
  /// A connection that has not proved yet that it belongs to the training.
  struct Candidate {
    Socket connection;
    Moment end;
    Handshake handshake{};
    std::string received{};
  };
  struct Member {
    Socket connection{};
    Handshake handshake{};
    int devices = 0;
    std::string received{};
  };

  static constexpr std::size_t most_candidates = 256;
  static constexpr auto candidate_timeout = std::chrono::seconds(5);

  static Moment now() { return std::chrono::steady_clock::now(); }
  Member& member(int rank) { return members_[std::size_t(rank)]; }
  [[noreturn]] void lost(int rank) const {
    throw Error("dist: process ", rank,
                " connected and was lost before all had met; see what it printed, and restart all processes");
  }

  /// Waits until a connection has input, and handles all that have.
  void poll_connections() {
    if (now() >= end_) throw timeout_error();
    Moment end = end_;
    std::vector<pollfd> sockets{listener_.to_read()};
    for (const Candidate& c : candidates_) sockets.push_back(c.connection.to_read()), end = std::min(end, c.end);
    std::vector<int> ranks;
    for (int rank = 1; rank < world_.processes; rank++)
      if (member(rank).connection) sockets.push_back(member(rank).connection.to_read()), ranks.push_back(rank);
    wait_for_any(sockets, end);

    for (std::size_t i = 0; i < ranks.size(); i++)  // a member sends nothing before the roll call
      if (sockets[1 + candidates_.size() + i].revents) lost(ranks[i]);
    std::vector<Candidate> remaining;
    for (std::size_t i = 0; i < candidates_.size(); i++) {
      Candidate& c = candidates_[i];
      if (now() < c.end && (!sockets[1 + i].revents || handle_input(c))) remaining.push_back(std::move(c));
    }
    candidates_ = std::move(remaining);
    if (sockets[0].revents) accept_candidate();
  }

  void accept_candidate() {
    if (candidates_.size() == most_candidates) candidates_.erase(candidates_.begin());  // the oldest has had its time
    Socket connection = listener_.accept();
    if (connection) return candidates_.push_back({std::move(connection), now() + candidate_timeout});
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;  // the peer has gone again
    if (candidates_.empty())
      throw Error("dist: process 0 cannot accept ", missing_, " of ", world_.processes,
                  " processes: ", core::reason(errno), "; raise ulimit -n");
    candidates_.erase(candidates_.begin());
  }

  /// Whether to keep the candidate waiting: false when it is turned away, gone, or accepted as a member.
  bool handle_input(Candidate& c) {
    const bool greeted = !c.handshake.host.empty();
    const std::size_t expected = greeted ? arrival_bytes : hello_bytes;
    if (!c.connection.receive_now(c.received, expected)) return false;
    if (!greeted && !begins_like_hello(c.received)) return false;
    if (c.received.size() < expected) return true;
    if (!greeted) {
      c.handshake = {world_.secret, c.received.substr(hello.size()), new_nonce()};
      c.received.clear();
      return c.connection.send_now(std::string(hello) + c.handshake.host);
    }
    const std::string_view body = std::string_view(c.received).substr(0, 12);
    if (!c.handshake.verifies(std::string_view(c.received).substr(12), "arrival", body)) {
      rejected_++;
      (void)c.connection.send_now(std::string(refused) + std::string(proof_bytes, '\0'));
      return false;
    }
    const int rank = number(body, 0), processes = number(body, 1), devices = number(body, 2);
    if (processes != world_.processes)
      throw Error("dist: process ", rank, " was started with STRATA_WORLD=", processes, ", process 0 with ",
                  world_.processes, "; give all the same value");
    if (rank < 0 || rank >= processes)
      throw Error("dist: a process was started with STRATA_RANK=", rank, "; give each a number from 0 to ",
                  processes - 1);
    if (rank == 0 || member(rank).connection)
      throw Error("dist: two processes were started with STRATA_RANK=", rank, "; give each its own number");
    if (devices < 1 || devices > most_devices)
      throw Error("dist: process ", rank, " has ", devices, " devices; give each process 1 to ", most_devices);
    if (!c.connection.send_now(std::string(welcome) + c.handshake.proof("welcome"))) lost(rank);
    member(rank) = {std::move(c.connection), std::move(c.handshake), devices, {}};
    missing_--;
    return false;
  }

  /// Checks, once all have come, that they are still there.
  void call_roll() {
    for (int rank = 1; rank < world_.processes; rank++)
      if (!member(rank).connection.send_now(member(rank).handshake.proof("roll"))) lost(rank);
    const Moment end = now() + std::min(timeout_, std::chrono::seconds(30));
    for (;;) {
      std::vector<pollfd> sockets;
      std::vector<int> ranks;
      for (int rank = 1; rank < world_.processes; rank++)
        if (member(rank).received.size() < proof_bytes)
          sockets.push_back(member(rank).connection.to_read()), ranks.push_back(rank);
      if (sockets.empty()) return;
      if (now() >= end)
        throw Error("dist: process ", ranks[0], " did not answer the roll call; is it stopped? Restart all processes");
      wait_for_any(sockets, end);
      for (std::size_t i = 0; i < ranks.size(); i++) {
        Member& m = member(ranks[i]);
        if (sockets[i].revents && !m.connection.receive_now(m.received, proof_bytes)) lost(ranks[i]);
        if (m.received.size() == proof_bytes && !m.handshake.verifies(m.received, "here")) lost(ranks[i]);
      }
    }
  }

  Error timeout_error() const {
    const std::string strangers =
        rejected_ ? core::sentence(" (", rejected_, " connected with another STRATA_SECRET)") : std::string();
    return Error("dist: ", missing_, " of ", world_.processes, " processes did not connect to ", world_.host, ':',
                 world_.port, " within ", long(timeout_.count()), " s", strangers,
                 "; start all of them with the same STRATA_MEET, an address that their machines can reach");
  }

  const World& world_;
  std::chrono::seconds timeout_;
  Moment end_;
  Socket listener_;
  std::vector<Candidate> candidates_;  ///< oldest first
  std::vector<Member> members_;        ///< by rank; without a connection: not here yet
  int missing_;
  long rejected_ = 0;
};

/// The guest's side of the meeting, after the greeting, on its connection to process 0.
inline RankAssignment receive_assignment(const World& world, int devices, Socket connection, const Handshake& handshake,
                                         Moment end, std::chrono::seconds timeout) {
  const auto refuse = [&](const auto&... why) {
    throw Error("dist: process ", world.rank, " connected to ", world.host, ':', world.port, ", but ", why...);
  };
  const auto not_answered = [&] {
    refuse("got no answer; see what process 0 printed, and check that STRATA_MEET is not another program's port");
  };
  const auto false_host = [&] {
    refuse(
        "the program that listens there could not prove that it is process 0; give all processes the same STRATA_SECRET");
  };

  const std::string arrival = numbers({world.rank, world.processes, devices});
  if (!connection.send(arrival + handshake.proof("arrival", arrival), end)) not_answered();
  const std::string verdict = connection.receive(verdict_bytes, end);
  if (verdict.size() < verdict_bytes) not_answered();
  if (verdict.starts_with(refused))
    refuse("was turned away: process 0 has another STRATA_SECRET; give all processes the same one");
  if (!verdict.starts_with(welcome) || !handshake.verifies(std::string_view(verdict).substr(welcome.size()), "welcome"))
    false_host();

  // Process 0 gives up first and names the missing process.
  const std::string roll =
      connection.receive(proof_bytes, std::chrono::steady_clock::now() + timeout + std::chrono::seconds(30));
  if (roll.size() < proof_bytes) not_answered();
  if (!handshake.verifies(roll, "roll")) false_host();
  const Moment deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(60);  // longer than process 0 waits for the answers
  if (!connection.send(handshake.proof("here"), deadline)) not_answered();
  const std::string answer = connection.receive(answer_bytes, deadline);
  if (answer.size() < answer_bytes)
    refuse(
        "got no rank: another process was lost before all had met; see what process 0 printed, and restart all processes");
  const std::string_view body = std::string_view(answer).substr(0, answer_bytes - proof_bytes);
  if (!handshake.verifies(std::string_view(answer).substr(body.size()), "answer", body)) false_host();

  RankAssignment assignment{number(body, 0), number(body, 1), {}, {}};
  if (assignment.first < 0 || assignment.size < assignment.first || assignment.size - assignment.first < devices)
    false_host();
  std::copy_n(body.data() + 8, assignment.token.size(), assignment.token.data());
  assignment.roster.add(0, std::move(connection));
  return assignment;
}

inline RankAssignment join_host(const World& world, int devices, std::chrono::seconds timeout) {
  using namespace std::chrono;
  const Moment end = steady_clock::now() + timeout;
  for (std::string why = "no answer";;) {
    Socket connection = Socket::connected(world.host, world.port, end, world.secret.empty(), why);
    if (connection) {
      Handshake handshake{world.secret, new_nonce(), {}};
      why = "the program that listens there sends nothing";
      if (connection.send(std::string(hello) + handshake.guest, end)) {
        const std::string greeting = connection.receive(hello_bytes, std::min(end, steady_clock::now() + seconds(10)));
        if (!begins_like_hello(greeting))
          throw Error("dist: the program that listens at ", world.host, ':', world.port,
                      " is not process 0 of this version of strata; give STRATA_MEET another port");
        if (greeting.size() == hello_bytes) {
          handshake.host = greeting.substr(hello.size());
          return receive_assignment(world, devices, std::move(connection), handshake, end, timeout);
        }
      }
    }
    if (steady_clock::now() >= end)
      throw Error("dist: process ", world.rank, " did not reach process 0 at ", world.host, ':', world.port, " within ",
                  long(timeout.count()), " s: ", why, "; start process 0 there, and open the port in the firewall");
    std::this_thread::sleep_for(milliseconds(100));
  }
}

}  // namespace detail

/// Meets the other processes; returns when all have come and answered. `token`: that of process 0, ignored in the
/// others. Throws Error where they do not come within `timeout`, one is lost before all have met, or their settings do
/// not match.
inline RankAssignment meet(const World& world, int devices, const Token& token,
                           std::chrono::seconds timeout = std::chrono::seconds(300)) {
  if (devices < 1 || devices > most_devices)
    throw Error("dist: this process has ", devices, " devices; give each process 1 to ", most_devices);
  if (world.processes == 1) return {0, devices, token, {}};
  world.check();
  return world.rank == 0 ? detail::Host(world, devices, timeout).assign_ranks(token)
                         : detail::join_host(world, devices, timeout);
}

}  // namespace strata::dist
