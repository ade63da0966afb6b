// SPDX-License-Identifier: MIT
// Failures in a training on several stand-in devices: what it reports, and that nothing waits forever.
#include "../support/cuda/learner_fixture.hpp"

#include <doctest/doctest.h>
#include <strata/spec/layers.hpp>

#include "../support/free_port.hpp"
#include "../support/refusal.hpp"
#include "../support/thread_failures.hpp"

#include <atomic>
#include <thread>

using namespace strata;
using namespace strata::core;
using namespace strata::training;
using testing::LearnerFixture;
using testing::refusal;
namespace nccl = testing::nccl;

namespace {

using Net = Network<Image<4, 4, 1>, Dense<8>, ReLU, Dense<3>, Softmax>;

/// A step on arbitrary images.
void step(Learner& learner) {
  static const std::vector<float> images(4 * 16, 0.5f);
  static const std::vector<std::int32_t> labels{0, 1, 2, 1};
  Images i;
  i.floats = images.data(), i.count = 4;
  learner.stage(i, {labels.data(), nullptr});
  learner.launch({});
  learner.finish();
}

const std::string lost = "dist: a device or another process failed earlier; start again from the last checkpoint";

}  // namespace

TEST_CASE("the n-th thread cannot be started: one sentence for every n, before anything runs") {
  testing::start_machine(2);
  LearnerFixture<Net> fixture(4);
  for (int started = 0; started < 4; started++) {  // one for each device, and one for each that would abort its work
    CAPTURE(started);
    const testing::ThreadLimit limit(started);
    CHECK(refusal([&] {
            fixture.on({0, 1});
          }) == testing::thread_refused(started % 2 + 1, 2, "one for each device", "use fewer devices"));
  }
  CHECK(nccl::living_communicators() == 0);
}

TEST_CASE("a failure ends all devices although no thread can be started") {
  testing::start_machine(2);
  LearnerFixture<Net> fixture(4);
  const auto learner = fixture.on({0, 1});
  learner->put();
  nccl::fail_next("ncclAllReduce", ncclUnhandledCudaError, 1);
  const testing::ThreadLimit limit(0);
  CHECK(refusal([&] {
          step(*learner);
        }).find("node 4, loss: NCCL: ncclAllReduce failed: unhandled cuda error; a device may be lost") == 0);
  CHECK(nccl::aborted_communicators() == 2);
  CHECK(nccl::living_communicators() == 0);
}

TEST_CASE("a call of NCCL that fails is named, with what to do") {
  testing::start_machine(2);
  LearnerFixture<Net> fixture(4);
  nccl::fail_next("ncclGetUniqueId", ncclSystemError);
  CHECK(refusal([&] {
          fixture.on({0, 1});
        }).find("NCCL: ncclGetUniqueId failed: unhandled system error; check that the machines can reach each other") ==
        0);
  nccl::fail_next("ncclCommInitRank", ncclInvalidUsage, 1);
  CHECK(refusal([&] {
          fixture.on({0, 1});
        }).find("NCCL: ncclCommInitRank failed: invalid usage; check that every process has its own devices") == 0);
  nccl::fail_next("ncclGroupEnd", ncclInternalError);
  CHECK(refusal([&] {
          fixture.on({0, 1});
        }) == "NCCL: ncclGroupEnd failed: internal error; NCCL_DEBUG=WARN prints more");
}

TEST_CASE("a device whose step cannot be captured delays no other, and the learner is lost") {
  testing::start_machine(2);
  LearnerFixture<Net> fixture(4);
  const auto learner = fixture.on({0, 1});
  learner->put();
  nccl::fail_next("ncclAllReduce", ncclUnhandledCudaError, 1);
  CHECK(refusal([&] {
          step(*learner);
        }).find("node 4, loss: NCCL: ncclAllReduce failed: unhandled cuda error; a device may be lost") == 0);
  CHECK(nccl::aborted_communicators() == 2);
  CHECK(nccl::living_communicators() == 0);
  CHECK(refusal([&] { step(*learner); }) == lost);
  CHECK(refusal([&] { learner->fetch(); }) == lost);
  CHECK(refusal([&] { learner->update(0.1); }) == lost);
}

TEST_CASE("a launch that fails on one device ends the wait of the other") {
  testing::start_machine(2);
  LearnerFixture<Net> fixture(4);
  const auto learner = fixture.on({0, 1});
  learner->put();
  step(*learner);
  testing::device::fail_next("cudaGraphLaunch", cudaErrorInvalidValue, 1);
  CHECK(refusal([&] { step(*learner); }).find("CUDA: cudaGraphLaunch failed: invalid argument") == 0);
  CHECK(refusal([&] { step(*learner); }) == lost);
  CHECK(nccl::aborted_communicators() == 2);
  CHECK(testing::device::log().violations.empty());  // no abort waited for a graph
}

TEST_CASE("another process that is gone is noticed mid-run") {
  testing::start_machine(2);
  LearnerFixture<Net> fixture(4);
  const auto learner = fixture.on({0, 1});
  learner->put();
  step(*learner);
  nccl::break_connections(ncclRemoteError);
  CHECK(
      refusal([&] { step(*learner); }) ==
      "NCCL: a sum over devices failed: remote process exited or there was a network error; another process ended or was cut off: see what it printed, and "
      "restart all processes from the last checkpoint");
  CHECK(nccl::aborted_communicators() == 2);
  CHECK(refusal([&] { step(*learner); }) == lost);
}

TEST_CASE("a process that fails ends the wait of the other, whichever it is") {
  for (const int failing : {0, 1}) {
    testing::start_machine(2);
    const std::string port = testing::free_port();
    std::atomic<int> ready{0};
    std::atomic<bool> failed{false};
    std::string why[2];
    std::vector<std::thread> processes;
    processes.reserve(2);
    for (int p = 0; p < 2; p++)
      processes.emplace_back([&, p] {
        dist::World world;
        world.processes = 2, world.rank = p, world.host = "127.0.0.1", world.port = port;
        LearnerFixture<Net> fixture(4);
        std::unique_ptr<dist::ParallelLearner> learner;
        why[p] = refusal([&] { (learner = fixture.on({p}, world))->put(); });
        ready++;
        while (ready < 2) std::this_thread::yield();
        if (p == failing) nccl::fail_next("ncclAllReduce", ncclInternalError);
        else
          while (!failed) std::this_thread::yield();
        if (why[p].empty()) why[p] = refusal([&] { step(*learner); });
        if (p == failing) failed = true;
      });
    for (std::thread& p : processes) p.join();
    CHECK(why[failing] == "node 4, loss: NCCL: ncclAllReduce failed: internal error; NCCL_DEBUG=WARN prints more");
    CHECK(why[1 - failing] ==
          sentence("dist: process ", failing,
                   " ended or was cut off: see what it printed, and restart all processes from the last checkpoint"));
  }
}

TEST_CASE("the devices of a learner that failed serve the next one") {
  testing::start_machine(2);
  LearnerFixture<Net> fixture(4);
  const auto learner = fixture.on({0, 1});
  learner->put();
  for (int i = 0; i < 3; i++) {
    step(*learner);
    CHECK(learner->update(0.1) == Updated::yes);
  }
  CHECK(fixture.members[0]->parameters() == fixture.members[1]->parameters());
}

TEST_CASE("a device that is lost mid-run is reported") {  // the last test, since the device stays lost
  testing::start_machine(2);
  LearnerFixture<Net> fixture(4);
  const auto learner = fixture.on({0, 1});
  learner->put();
  step(*learner);
  testing::device::lose_device(cudaErrorECCUncorrectable, 9);
  const std::string said = refusal([&] {
    for (int i = 0; i < 3; i++) step(*learner);
  });
  CHECK(said.find("start again from the last checkpoint") != std::string::npos);
  CHECK(said.find("uncorrectable memory error") != std::string::npos);
}
