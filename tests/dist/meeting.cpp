// SPDX-License-Identifier: MIT
// Processes that meet, as threads and as processes over the loopback; and strangers at the port.
#include <doctest/doctest.h>

#include <strata/dist/meeting.hpp>

#include "../support/free_port.hpp"
#include "../support/refusal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <thread>
#include <tuple>
#include <vector>

using namespace strata;
using namespace strata::data;
using dist::Handshake;
using dist::Moment;
using dist::RankAssignment;
using dist::Socket;
using dist::Token;
using dist::World;
using namespace strata::dist::detail;
using std::chrono::seconds;
using strata::testing::free_port;

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

Moment in_seconds(int n) { return std::chrono::steady_clock::now() + seconds(n); }

/// A client that connects to the port and says what a test tells it to.
struct Client {
  Socket connection;
  Handshake handshake{};

  /// Waits until a process listens there.
  explicit Client(const std::string& port) {
    std::string why;
    while (!connection) {
      connection = Socket::connected("127.0.0.1", port, in_seconds(5), true, why);
      if (!connection) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  void send(const std::string& what) const { connection.send(what, in_seconds(5)); }
  std::string receive(std::size_t size) const { return connection.receive(size, in_seconds(20)); }
  bool is_disconnected() const { return receive(1).empty(); }

  /// Exchanges a process's first messages, so that both nonces are known.
  Client& exchange_hellos(const std::string& secret, const std::string& number = dist::new_nonce()) {
    handshake = {secret, number, {}};
    send(std::string(hello) + number);
    const std::string answer = receive(hello_bytes);
    REQUIRE(answer.size() == hello_bytes);
    handshake.host = answer.substr(hello.size());
    return *this;
  }
  /// Announces a rank, and returns the verdict.
  std::string announce(int rank, int processes, int devices) {
    const std::string body = numbers({rank, processes, devices});
    send(body + handshake.proof("arrival", body));
    return receive(verdict_bytes).substr(0, welcome.size());
  }
};

struct Outcome {
  RankAssignment assignment{};
  std::string why{};
};
/// The outcome of each process; each has its own world and number of devices.
std::vector<Outcome> all_meet(const std::vector<World>& worlds, const std::vector<int>& devices,
                              seconds timeout = seconds(20)) {
  std::vector<Outcome> out(worlds.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < worlds.size(); i++)
    threads.emplace_back([&, i] {
      const Token token = token_of(worlds[i].rank == 0 ? 'a' : 'b');
      out[i].why = testing::refusal([&] { out[i].assignment = meet(worlds[i], devices[i], token, timeout); });
    });
  for (std::thread& t : threads) t.join();
  return out;
}

}  // namespace

TEST_CASE("a single process is the whole group") {
  const RankAssignment assignment = meet(World{}, 3, token_of('a'));
  CHECK(assignment.first == 0);
  CHECK(assignment.size == 3);
  CHECK(assignment.token == token_of('a'));
}

TEST_CASE("ranks follow the processes, and the token is that of the first") {
  const std::string port = free_port();
  std::vector<World> worlds;
  for (const int rank : {3, 1, 0, 2}) worlds.push_back(world(4, rank, port));
  const auto out = all_meet(worlds, {1, 2, 3, 4});
  for (std::size_t i = 0; i < 4; i++) {
    CAPTURE(out[i].why);
    CHECK(out[i].why.empty());
    CHECK(out[i].assignment.size == 10);
    CHECK(out[i].assignment.token == token_of('a'));
  }
  CHECK(out[2].assignment.first == 0);
  CHECK(out[1].assignment.first == 3);
  CHECK(out[3].assignment.first == 5);
  CHECK(out[0].assignment.first == 9);
}

TEST_CASE("whatever strangers send, process 0 keeps waiting for its own processes") {
  const std::string port = free_port(), key(32, 'k');
  World host = world(3, 0, port), guests[] = {world(3, 1, port), world(3, 2, port)};
  for (World* w : {&host, &guests[0], &guests[1]}) w->secret = key;
  std::vector<Outcome> first;
  std::thread process_0([&] { first = all_meet({host}, {1}); });

  for (const std::string& noise : {std::string(5000, '\xff'), std::string("GET / HTTP/1.1\r\nHost: here\r\n\r\n"),
                                   std::string(40, '\0'), "strata.1" + numbers({1, 3, 2'147'483'647})}) {
    const Client stranger(port);
    stranger.send(noise);
    CHECK(stranger.is_disconnected());
  }
  for (int i = 0; i < 20; i++) Client client(port);
  // Proofs without the secret, of numbers that would end process 0 or overflow if they were believed.
  for (const auto& [rank, processes, devices] :
       {std::array{1, 3, 1}, {1, 2, 1}, {0, 3, 1}, {-5, 3, 1}, {1, 3, 2'147'483'647}, {1, 3, -7}})
    CHECK(Client(port).exchange_hellos("another secret, as long").announce(rank, processes, devices) == refused);
  // A replay of a member's message, and a member's message that was altered.
  Client member(port);
  member.exchange_hellos(key);
  const std::string body = numbers({1, 3, 1}), recorded = body + member.handshake.proof("arrival", body);
  Client repeats(port);
  repeats.exchange_hellos(key, member.handshake.guest);
  repeats.send(recorded);
  CHECK(repeats.receive(verdict_bytes).starts_with(refused));
  Client changed(port);  // altered on the way
  changed.exchange_hellos(key);
  changed.send(numbers({2, 3, 1}) + changed.handshake.proof("arrival", body));
  CHECK(changed.receive(verdict_bytes).starts_with(refused));

  const auto out = all_meet({guests[0], guests[1]}, {1, 1});
  process_0.join();
  CHECK(first[0].why == "");
  CHECK(out[0].why == "");
  CHECK(out[1].why == "");
  CHECK(first[0].assignment.size == 3);
  CHECK(out[1].assignment.first == 2);
}

TEST_CASE("silent strangers delay no process, not even more of them than fit") {
  const std::string port = free_port();
  std::vector<Outcome> first;
  std::thread process_0([&] { first = all_meet({world(2, 0, port)}, {1}, seconds(60)); });
  std::vector<Client> silent;
  for (int i = 0; i < 300; i++) {
    silent.emplace_back(port);
    if (i % 3 == 0) silent.back().send("strat");
  }
  const auto out = all_meet({world(2, 1, port)}, {1}, seconds(60));
  process_0.join();
  CHECK(first[0].why == "");
  CHECK(out[0].why == "");
}

TEST_CASE("a process with another secret is told so, and process 0 reports one") {
  const std::string port = free_port();
  World host = world(2, 0, port), guest = world(2, 1, port);
  host.secret = std::string(32, 'a'), guest.secret = std::string(32, 'b');
  const auto out = all_meet({host, guest}, {1, 1}, seconds(2));
  CHECK(out[1].why ==
        "dist: process 1 connected to 127.0.0.1:" + port +
            ", but was turned away: process 0 has another STRATA_SECRET; give all processes the same one");
  CHECK(out[0].why.find("dist: 1 of 2 processes did not connect to 127.0.0.1:" + port +
                        " within 2 s (1 connected with another STRATA_SECRET); ") == 0);
}

TEST_CASE("a false process 0 is not believed") {
  const std::string number(dist::nonce_bytes, 'n'), zeros(dist::proof_bytes, '\0');
  struct Script {
    std::string first, then, expected;
  };
  for (
      const Script& script :
      {Script{"strata.1" + numbers({-9, 2'147'483'647}) + std::string(128, 'z'), "",
              " is not process 0 of this version of strata; give STRATA_MEET another port"},
       Script{
           std::string(hello) + number, std::string(welcome) + zeros,
           ", but the program that listens there could not prove that it is process 0; give all processes the same STRATA_SECRET"},
       Script{
           std::string(hello) + number, "half an answer",
           ", but got no answer; see what process 0 printed, and check that STRATA_MEET is not another program's port"},
       Script{
           "strata", "",
           " within 2 s: the program that listens there sends nothing; start process 0 there, and open the port in the firewall"}}) {
    const std::string port = free_port();
    World guest = world(2, 1, port);
    guest.secret = std::string(32, 's');
    const Socket listener = Socket::listening("127.0.0.1", port, true);
    std::vector<Outcome> out;
    std::thread process_1([&] { out = all_meet({guest}, {1}, seconds(script.first == "strata" ? 2 : 20)); });
    {
      std::vector<pollfd> sockets{listener.to_read()};
      dist::wait_for_any(sockets, in_seconds(20));
      const Socket connection = listener.accept();
      connection.receive(hello_bytes, in_seconds(2));
      connection.send(script.first, in_seconds(2));
      if (script.first.size() == hello_bytes) connection.receive(arrival_bytes, in_seconds(2));
      connection.send(script.then, in_seconds(2));
    }
    process_1.join();
    CHECK_MESSAGE(out[0].why.ends_with(port + script.expected), out[0].why);
  }
}

TEST_CASE("a process that connects and is lost is reported at once") {
  const std::string port = free_port();
  std::vector<Outcome> first;
  std::thread process_0([&] { first = all_meet({world(3, 0, port)}, {1}, seconds(60)); });
  {
    Client member(port);
    CHECK(member.exchange_hellos("").announce(1, 3, 1) == welcome);
  }
  process_0.join();
  CHECK(first[0].why ==
        "dist: process 1 connected and was lost before all had met; see what it printed, and restart all processes");
}

TEST_CASE("a process that is lost or silent at the roll call is reported, and the others are told") {
  for (const bool silent : {false, true}) {
    CAPTURE(silent);
    const std::string port = free_port();
    std::vector<Outcome> out;
    std::thread processes([&] {
      out = all_meet({world(3, 0, port), world(3, 2, port)}, {1, 1}, seconds(silent ? 5 : 60));
    });
    {
      Client member(port);
      CHECK(member.exchange_hellos("").announce(1, 3, 1) == welcome);
      CHECK(member.handshake.verifies(member.receive(dist::proof_bytes), "roll"));
      if (silent) processes.join();
    }
    if (!silent) processes.join();
    CHECK(
        out[0].why ==
        (silent
             ? "dist: process 1 did not answer the roll call; is it stopped? Restart all processes"
             : "dist: process 1 connected and was lost before all had met; see what it printed, and restart all processes"));
    CHECK(out[1].why.find("another process was lost before all had met") != std::string::npos);
  }
}

TEST_CASE("a member's numbers are bounded") {
  for (const auto& [rank, processes, devices, expected] :
       {std::tuple{1, 2, 2'147'483'647, "dist: process 1 has 2147483647 devices; give each process 1 to 1024"},
        {1, 2, -7, "dist: process 1 has -7 devices; give each process 1 to 1024"},
        {-5, 2, 1, "dist: a process was started with STRATA_RANK=-5; give each a number from 0 to 1"},
        {0, 2, 1, "dist: two processes were started with STRATA_RANK=0; give each its own number"}}) {
    const std::string port = free_port();
    std::vector<Outcome> out;
    std::thread process_0([&] { out = all_meet({world(2, 0, port)}, {1}); });
    Client(port).exchange_hellos("").announce(rank, processes, devices);
    process_0.join();
    CHECK(out[0].why == expected);
  }
  CHECK(testing::refusal([] { meet(World{}, 0, Token()); }) ==
        "dist: this process has 0 devices; give each process 1 to 1024");
}

namespace {

/// A process that meets the others, says "." into a pipe, watches them, and says how that ended.
struct Watcher {
  pid_t id = 0;
  int said = -1, orders = -1;

  Watcher(int processes, int rank, const std::string& port, std::chrono::milliseconds silence) {
    int out[2], in[2];
    REQUIRE((::pipe2(out, O_CLOEXEC) == 0 && ::pipe2(in, O_CLOEXEC) == 0));
    id = ::fork();
    if (id == 0) {
      ::alarm(60);
      std::string text = "left";
      try {
        RankAssignment assignment = meet(world(processes, rank, port), 1, Token());
        assignment.roster.watch(silence);
        (void)!::write(out[1], ".", 1);
        pollfd order{in[0], POLLIN, 0};
        while (::poll(&order, 1, 0) == 0) assignment.roster.await_loss(std::chrono::milliseconds(20));
        char word = 0;
        (void)!::read(in[0], &word, 1);
        if (word == 'f') assignment.roster.cut();
        else assignment.roster.leave();
      } catch (const Error& error) {
        text = error.what();
      }
      (void)!::write(out[1], text.data(), text.size());
      ::_exit(0);
    }
    ::close(out[1]), ::close(in[0]);
    said = out[0], orders = in[1];
  }
  Watcher(const Watcher&) = delete;
  ~Watcher() {
    ::kill(id, SIGKILL);
    ::waitpid(id, nullptr, 0);
    ::close(said), ::close(orders);
  }
  void wait_until_met() const {
    char dot = 0;
    REQUIRE(::read(said, &dot, 1) == 1);
    REQUIRE(dot == '.');
  }
  void order(char word) const { REQUIRE(::write(orders, &word, 1) == 1); }
  std::string end() const {
    std::string text;
    char part[512];
    for (ssize_t n; (n = ::read(said, part, sizeof part)) > 0;) text.append(part, std::size_t(n));
    return text;
  }
};

std::string lost_process(int rank) {
  return core::sentence(
      "dist: process ", rank,
      " ended or was cut off: see what it printed, and restart all processes from the last checkpoint");
}

}  // namespace

TEST_CASE("after they met, every process names the one that is killed, fails or stops, within seconds") {
  for (const char how : {'k', 'f', 's'})
    for (int which = 0; which < 3; which++) {
      if (how == 's' && which == 1) continue;  // which takes the longest
      CAPTURE(how);
      CAPTURE(which);
      const std::string port = free_port();
      const auto silence = std::chrono::milliseconds(how == 's' ? 4000 : 60000);
      const Watcher all[3] = {{3, 0, port, silence}, {3, 1, port, silence}, {3, 2, port, silence}};
      for (const Watcher& w : all) w.wait_until_met();
      const Moment begun = std::chrono::steady_clock::now();
      if (how == 'f') all[which].order('f');
      else ::kill(all[which].id, how == 'k' ? SIGKILL : SIGSTOP);
      for (int rank = 0; rank < 3; rank++)
        if (rank != which)
          CHECK(all[rank].end() == (how == 's'
                                        ? core::sentence("dist: process ", which,
                                                         " was silent for 4 s: is it stopped, or its machine gone? "
                                                         "Restart all processes from the last checkpoint")
                                        : lost_process(which)));
      CHECK(std::chrono::steady_clock::now() - begun < seconds(how == 's' ? 15 : 5));
    }
}

TEST_CASE("processes that leave in order are not lost, but others do not wait for them forever") {
  const std::string port = free_port();
  const Watcher first(2, 0, port, seconds(60));
  RankAssignment assignment = meet(world(2, 1, port), 1, Token());
  assignment.roster.watch();
  first.wait_until_met();
  const Moment now = std::chrono::steady_clock::now();
  CHECK(testing::refusal([&] { assignment.roster.check(now); }) == "");
  CHECK(
      testing::refusal([&] { assignment.roster.check(now, seconds(10), seconds(0)); }) ==
      "dist: this process has waited 0 s for others, which run but do not come to the same step; give all processes the "
      "same data, options and STRATA_CUDA_EAGER, and see what they do");
  first.order('l');
  CHECK(first.end() == "left");
  std::string said;
  while (said.empty() && std::chrono::steady_clock::now() < now + seconds(20))
    said = testing::refusal([&] { assignment.roster.check(now, seconds(0)); });
  CHECK(
      said ==
      "dist: process 0 left the training while others continue; give all processes the same data, options and number of epochs");
  CHECK(testing::refusal([&] { assignment.roster.check(now, seconds(3600)); }) == "");
}

TEST_CASE("whatever a process sends after the meeting, nothing but a loss is believed") {
  const std::string port = free_port();
  std::vector<Outcome> all;
  std::thread process_0([&] { all = all_meet({world(2, 0, port)}, {1}); });
  Client member(port);
  CHECK(member.exchange_hellos("").announce(1, 2, 1) == welcome);
  CHECK(member.handshake.verifies(member.receive(dist::proof_bytes), "roll"));
  member.send(member.handshake.proof("here"));
  process_0.join();
  REQUIRE(all[0].why == "");
  all[0].assignment.roster.watch();
  member.send(std::string(10000, '+') + "abc\x01\xff");
  CHECK(testing::refusal([&] { all[0].assignment.roster.await_loss(std::chrono::milliseconds(300)); }) == "");
  member.send("!\xff\xff");
  member.send("\xff\xff");
  CHECK(testing::refusal([&] { all[0].assignment.roster.await_loss(seconds(10)); }) == lost_process(2147483647));
}

TEST_CASE("without a secret processes meet on the loopback only") {
  for (const int rank : {0, 1}) {
    World w = world(2, rank, "29400");
    w.host = "0.0.0.0";
    CHECK(
        testing::refusal([&] { meet(w, 1, Token(), seconds(1)); }) ==
        "dist: STRATA_MEET is 0.0.0.0:29400, which other machines may reach, and STRATA_SECRET is not set; give all processes the same STRATA_SECRET "
        "(openssl rand -hex 32 makes one), or meet at 127.0.0.1");
  }
}

TEST_CASE("a process that does not come in time is reported, on both sides") {
  const std::string port = free_port();
  auto out = all_meet({world(3, 0, port), world(3, 1, port)}, {1, 1}, seconds(1));
  CHECK(out[0].why ==
        "dist: 1 of 3 processes did not connect to 127.0.0.1:" + port +
            " within 1 s; start all of them with the same STRATA_MEET, an address that their machines can reach");
  CHECK(out[1].why.find("dist: process 1 connected to 127.0.0.1:" + port + ", but got no answer") == 0);
  out = all_meet({world(2, 1, port)}, {1}, seconds(1));
  CHECK(out[0].why.find("dist: process 1 did not reach process 0 at 127.0.0.1:" + port +
                        " within 1 s: Connection refused") == 0);
}

TEST_CASE("processes that disagree about the world are refused") {
  std::string port = free_port();
  auto out = all_meet({world(2, 0, port), world(3, 1, port)}, {1, 1}, seconds(5));
  CHECK(out[0].why == "dist: process 1 was started with STRATA_WORLD=3, process 0 with 2; give all the same value");
  CHECK(out[1].why != "");
  port = free_port();
  out = all_meet({world(3, 0, port), world(3, 1, port), world(3, 1, port)}, {1, 1, 1}, seconds(5));
  CHECK(out[0].why == "dist: two processes were started with STRATA_RANK=1; give each its own number");
}

TEST_CASE("an address that cannot be listened on is refused") {
  World w = world(2, 0, "1");
  w.secret = std::string(32, 's');
  w.host = "192.0.2.1";  // reserved for documentation, RFC 5737
  CHECK(testing::refusal([&] {
          meet(w, 1, token_of('a'), seconds(1));
        }).find("dist: process 0 cannot listen on 192.0.2.1:1: ") == 0);
}

TEST_CASE("HMAC of RFC 4231's examples") {
  const auto digits = [](const Sha256::Digest& digest) {
    std::string out;
    for (const unsigned byte : digest) out += "0123456789abcdef"[byte >> 4], out += "0123456789abcdef"[byte & 15];
    return out;
  };
  CHECK(digits(dist::hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(digits(dist::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(digits(dist::hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
