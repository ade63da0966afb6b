// SPDX-License-Identifier: MIT
// Each failure on the way to a device is one sentence, and so is a batch that does not fit. For failures on a device:
// failures.cpp.
#include <strata/cuda.hpp>

#include <cstdlib>
#include <functional>
#include <string>
#include <utility>

#include "../support/cuda/library.hpp"
#include "../support/cuda/own_machine.hpp"
#include "../support/cuda_backend.hpp"
#include "../support/digit_set.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::graph;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net = Digits<8, 16, 32>;
using Plain = CudaWith<Fp32>;

/// What the body throws on a machine with this setup, or "".
template <class Body>
std::string said(const device::Setup& setup, Body&& body) {
  return on_own_machine(setup, body);
}

void predict() {
  Model<Net, Plain> model{{.seed = 1, .threads = 1}};
  model.predict(digit_set(20, 10).images());
}

void learn(int epochs) {
  Model<Net, Plain> model{{.seed = 1, .threads = 1}};
  Dataset set = digit_set(64, 10);
  TrainOptions options;
  options.epochs = epochs, options.batch = 32, options.optimizer = Adam{.rate = 1e-3};
  train(model, set, options);
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("nothing fails where nothing is wrong") {
  CHECK(said({}, predict) == "");
  CHECK(said({}, [] { learn(1); }) == "");
}

TEST_CASE("no driver, no device, no such device") {
  CHECK(said({.driver_version = 0}, predict) ==
        "CUDA: there is no NVIDIA driver on this machine; install one, or use the back end Cpu");
  const std::string none = said({.count = 0}, predict);
  CHECK(holds(none, "cudaGetDeviceCount failed: "));
  CHECK(holds(none, "; use the back end Cpu, or a machine with an NVIDIA GPU"));
  for (const char* number : {"2", "-1", "first"}) {
    const std::string text = said({.count = 2}, [&] {
      ::setenv("STRATA_CUDA_DEVICE", number, 1);
      predict();
    });
    CHECK(text == sentence("CUDA: STRATA_CUDA_DEVICE is \"", number,
                           "\", but this machine has the devices 0 to 1; give one of them"));
  }
}

TEST_CASE("a session takes exactly the memory it announces, and is asked before it takes any") {
  const auto training = [](auto backend, int batch, int micro_batch, const Optimizer& optimizer) {
    return [=] {
      Model<Net, decltype(backend)> model{{.seed = 1, .threads = 1}};
      Dataset set = digit_set(80, 10);
      TrainOptions options;
      options.epochs = 1, options.batch = batch, options.micro_batch = micro_batch, options.optimizer = optimizer;
      train(model, set, options);
    };
  };
  const auto prediction = [](auto backend, int batch) {
    return [=] {
      Model<Net, decltype(backend)> model{{.seed = 1, .threads = 1}};
      model.evaluation_batch(batch);
      model.predict(digit_set(80, 10).images());
    };
  };
  const std::pair<const char*, std::function<void()>> cases[] = {
      {"a training", training(Plain{}, 32, 0, Adam{})},
      {"a training of all images at once", training(Plain{}, 80, 0, Sgd{})},
      {"micro-batches", training(Plain{}, 32, 12, Adam{})},
      {"fp16", training(CudaWith<Fp16>{}, 32, 0, Lamb{})},
      {"fp16, micro-batches", training(CudaWith<Fp16>{}, 32, 12, Adam{})},
      {"recomputation", training(CudaWith<Bf16, strata::Recompute<Again::blocks>>{}, 32, 0, Adam{})},
      {"inference by one kernel", prediction(Plain{}, 40)},
      {"inference node by node", prediction(CudaWith<Fp16>{}, 40)},
  };
  for (const auto& [what, body] : cases) {
    INFO(std::string(what));
    const long peak = std::atol(said({}, [&] {
                                  body();
                                  throw Error(device::most_allocated_bytes());
                                }).c_str());
    REQUIRE(peak > 0);
    CHECK(said({.memory_bytes = peak}, body) == "");
    const std::string text = said({.memory_bytes = peak - 1}, [&] {
      try {
        body();
      } catch (...) {
        if (device::most_allocated_bytes() != 0) throw Error("memory was allocated");
        throw;
      }
    });
    CHECK(text.starts_with("CUDA: a batch of "));
    CHECK(holds(text, "use a batch of at most "));
  }
}

TEST_CASE("too little memory is reported before anything runs, with the largest batch that fits") {
  const auto learn_batch = [](int batch) {
    Model<Net, Plain> model{{.seed = 1, .threads = 1}};
    Dataset set = digit_set(batch, 10);
    TrainOptions options;
    options.epochs = 1, options.batch = batch, options.optimizer = Adam{.rate = 1e-3};
    train(model, set, options);
  };
  const auto predict_batch = [](int batch) {
    Model<Net, CudaWith<Bf16>> model{{.seed = 1, .threads = 1}};
    model.evaluation_batch(batch);
    model.predict(digit_set(batch, 10).images());
  };
  const auto check_named = [](long memory, int given, const std::function<void(int)>& body) {
    const std::string text = said({.memory_bytes = memory}, [&] {
      try {
        body(given);
      } catch (...) {
        if (device::log().launches != 0 || device::living_allocations() != 0) throw Error("something ran, or is left");
        throw;
      }
    });
    const std::string begin = sentence("CUDA: a batch of ", given, " images needs "),
                      middle = "use a batch of at most ";
    INFO(text);
    REQUIRE(text.starts_with(begin));
    REQUIRE(holds(text, middle));
    const int fitting = std::atoi(text.c_str() + text.find(middle) + middle.size());
    CHECK(fitting > 50);
    CHECK(said({.memory_bytes = memory}, [&] { body(fitting); }) == "");
    CHECK(holds(said({.memory_bytes = memory}, [&] { body(fitting + 1); }),
                sentence("use a batch of at most ", fitting, " images")));
  };
  check_named(24 << 20, 2000, learn_batch);
  check_named(6 << 20, 3000, predict_batch);
  for (const long memory : {1L << 16, 1L << 18})
    CHECK(holds(said({.memory_bytes = memory}, [&] { learn_batch(64); }),
                "even one image is too many: free some memory, or use another device"));
}

TEST_CASE("a step that adds to gradients that its session does not hold is refused") {
  CHECK(holds(said({},
                   [] {
                     Model<Net, Plain> model{{.seed = 1, .threads = 1}};
                     const auto learner = learner_of(model, 8, Sgd{});
                     Dataset set = digit_set(8, 10);
                     constexpr std::int32_t all[] = {0, 1, 2, 3, 4, 5, 6, 7};
                     const Batch batch = set.batch(all, 8);
                     learner->put();
                     learner->stage(batch.images, batch.labels);
                     learner->launch({.accumulate = true});
                   }),
              "set TrainingNeeds::accumulates"));
}

TEST_CASE("a device that cannot be created is reported, leaves nothing, and may be requested again") {
  for (const auto& [call, nth] : {std::pair("cudaGetDeviceCount", 0),
                                  {"cudaSetDevice", 0},
                                  {"cudaStreamCreateWithFlags", 0},
                                  {"cudaStreamCreateWithFlags", 1}}) {
    INFO(std::string(call), " ", nth);
    CHECK(said({}, [call = call, nth = nth] {
            device::fail_next(call, cudaErrorUnknown, nth);
            try {
              predict();
              throw std::runtime_error("nothing failed");
            } catch (const Error& error) {
              if (!holds(error.what(), sentence("CUDA: ", call)) || !holds(error.what(), " failed: ")) throw;
            }
            if (device::living_handles() != 0 || device::living_allocations() != 0) throw Error("something is left");
            predict();
          }) == "");
  }
}

TEST_CASE("if memory runs out all the same, a smaller batch is advised") {
  CHECK(holds(said({},
                   [] {
                     device::fail_next("cudaGraphInstantiate", cudaErrorMemoryAllocation);
                     learn(1);
                   }),
              "; use a smaller batch or micro_batch"));
}
