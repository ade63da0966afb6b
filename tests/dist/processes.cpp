// SPDX-License-Identifier: MIT
// A training in three processes, of which one is killed: the others, which wait for its numbers and which NCCL does not
// tell, end within seconds and name it.
#include "../support/cuda/learner_fixture.hpp"

#include <doctest/doctest.h>
#include <strata/spec/layers.hpp>

#include "../support/free_port.hpp"
#include "../support/refusal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

namespace dist_processes {

using namespace strata;
using namespace strata::core;
using namespace strata::training;
using testing::LearnerFixture;
using testing::refusal;

namespace {

using Net = Network<Image<4, 4, 1>, Dense<8>, ReLU, Dense<3>, Softmax>;

constexpr int processes = 3;

void step(Learner& learner) {
  static const std::vector<float> images(4 * 16, 0.5f);
  static const std::vector<std::int32_t> labels{0, 1, 2, 1};
  Images i;
  i.floats = images.data(), i.count = 4;
  learner.stage(i, {labels.data(), nullptr});
  learner.launch({});
  learner.finish();
  learner.update(0.1);
}

/// A process that trains until it fails. It says "j" before it joins, "." after each step, and then why it failed.
struct Trainer {
  pid_t id = 0;
  int said = -1;

  /// stays: whether it stops between the meeting and NCCL's startup, forever.
  Trainer(int rank, const std::string& port, bool stays) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    id = ::fork();
    if (id == 0) {
      ::alarm(120);
      const std::string why = refusal([&] { train(rank, port, stays, ends[1]); });
      (void)!::write(ends[1], why.data(), why.size());
      ::_exit(0);
    }
    ::close(ends[1]);
    said = ends[0];
  }
  Trainer(const Trainer&) = delete;
  ~Trainer() {
    ::kill(id, SIGKILL);
    ::waitpid(id, nullptr, 0);
    ::close(said);
  }

  static void train(int rank, const std::string& port, bool stays, int out) {
    testing::device::begin({});
    dist::World world;
    world.processes = processes, world.rank = rank, world.host = "127.0.0.1", world.port = port;
    if (stays) {
      dist::RankAssignment met = dist::meet(world, 1, rank == 0 ? dist::new_token() : dist::Token{});
      met.roster.watch();
      (void)!::write(out, "j", 1);
      for (;;) ::pause();
    }
    LearnerFixture<Net> fixture(4);
    const auto learner = fixture.on({0}, world);
    learner->put();
    for (;;) {
      step(*learner);
      (void)!::write(out, ".", 1);
    }
  }

  /// Waits until it has said the letter `times` times.
  void wait_for(char letter, int times) const {
    for (char c = 0; times > 0; times -= c == letter) REQUIRE(::read(said, &c, 1) == 1);
  }
  /// Why it failed.
  std::string end() const {
    std::string text;
    char part[512];
    for (ssize_t n; (n = ::read(said, part, sizeof part)) > 0;) text.append(part, std::size_t(n));
    return text.substr(text.find_first_not_of('.') == text.npos ? text.size() : text.find_first_not_of('.'));
  }
};

void check_named(int killed, bool at_startup) {
  CAPTURE(killed);
  CAPTURE(at_startup);
  testing::nccl::connect_processes();
  const std::string port = testing::free_port();
  const Trainer all[processes] = {
      {0, port, at_startup && killed == 0}, {1, port, at_startup && killed == 1}, {2, port, at_startup && killed == 2}};
  all[killed].wait_for(at_startup ? 'j' : '.', at_startup ? 1 : 5);
  const auto begun = std::chrono::steady_clock::now();
  ::kill(all[killed].id, SIGKILL);
  for (int rank = 0; rank < processes; rank++)
    if (rank != killed)
      CHECK(all[rank].end() ==
            sentence("dist: process ", killed,
                     " ended or was cut off: see what it printed, and restart all processes from the last checkpoint"));
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
}

}  // namespace

TEST_CASE("a process that is killed in the middle of a training is named by all others") {
  for (int killed = 0; killed < processes; killed++) check_named(killed, false);
}

TEST_CASE("a process that is killed while NCCL starts is named by all others") {
  for (int killed = 0; killed < processes; killed++) check_named(killed, true);
}

}  // namespace dist_processes
