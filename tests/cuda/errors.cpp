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
#include "../support/refusal.hpp"

namespace cuda_errors {

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

/// The memory of a device on which `bytes` are left for a session.
long memory_for(long bytes) {
  long total = bytes;
  while (total - cuda::kept_free(total) < bytes) total++;
  return total;
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
    CHECK(said({.memory_bytes = memory_for(peak)}, body) == "");
    const std::string text = said({.memory_bytes = memory_for(peak - 1)}, [&] {
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

TEST_CASE("what CUDA takes for its graphs has room beside the largest batch") {
  const auto learn_batch = [](int batch) {
    Model<Net, Plain> model{{.seed = 1, .threads = 1}};
    Dataset set = digit_set(batch + 1, 10);
    train(model, set, {.epochs = 2, .batch = batch, .optimizer = Adam{.rate = 1e-3}});
  };
  const long memory = 24 << 20;
  const std::string text = said({.memory_bytes = memory}, [&] { learn_batch(1000); }),
                    middle = "use a batch of at most ";
  REQUIRE(holds(text, middle));
  const int fitting = std::atoi(text.c_str() + text.find(middle) + middle.size());
  CHECK(said({.memory_bytes = memory, .graph_bytes = memory / 32},  // for whole and for partial batches
             [&] { learn_batch(fitting); }) == "");
}

TEST_CASE("a margin stays free on devices of every size") {
  CHECK(cuda::kept_free(80L << 30) == 512L << 20);
  CHECK(cuda::kept_free(8L << 30) == 512L << 20);
  CHECK(cuda::kept_free(4L << 30) == 256L << 20);
  CHECK(cuda::kept_free(1600) == 100);
}

TEST_CASE("if memory runs out all the same, a batch that fits is named") {
  const auto learn_batch = [](int batch) {
    Model<Net, Plain> model{{.seed = 1, .threads = 1}};
    Dataset set = digit_set(150, 10);
    train(model, set, {.epochs = 2, .batch = batch, .optimizer = Adam{.rate = 1e-3}});
  };
  const long need = std::atol(said({}, [&] {
                                learn_batch(100);
                                throw Error(device::most_allocated_bytes());
                              }).c_str());
  const device::Setup no_graph{.memory_bytes = memory_for(need), .graph_bytes = need / 12},
      one_graph{.memory_bytes = need + need * 3 / 32, .graph_bytes = need / 16};  // that of partial batches has no room
  const std::string at_once = said(no_graph, [&] { learn_batch(100); }),
                    later = said(one_graph, [&] { learn_batch(100); }),
                    middle = "; use a smaller batch or micro_batch, of at most ";
  for (const std::string& text : {at_once, later}) {
    INFO(text);
    CHECK(text.starts_with("CUDA: cudaGraphInstantiate failed: out of memory (cudaErrorMemoryAllocation)"));
    REQUIRE(holds(text, middle));
    CHECK(text.ends_with(" images"));
    const int fitting = std::atoi(text.c_str() + text.find(middle) + middle.size());
    CHECK(fitting > 50);
    CHECK(fitting < 100);
  }
  const int fitting = std::atoi(later.c_str() + later.find(middle) + middle.size());
  CHECK(said(one_graph, [&] { learn_batch(fitting); }) == "");
}

TEST_CASE("a batch with a tensor of more elements than cuDNN counts is refused before anything is planned") {
  using Large = Network<Image<1024, 1024, 1>, Conv<3, 64>, ReLU, GlobalAvgPool, Dense<3>, Softmax>;
  long planned = 0;
  graphs_refused() = [&](const cuda::GraphDescription&) { return planned++, ""; };
  Workers one(1);
  for (const int batch : {32, 33, 5000}) {
    const std::string text = refusal([&] { Plain::Inference<Large>(batch, one); });
    CHECK(text ==
          sentence("CUDA: node 1, convolution, computes 1024 x 1024 x 64 numbers for each of ", batch,
                   " images, but cuDNN counts no more than 2147483647; use a batch or micro_batch of at most 31 "
                   "images"));
    CHECK(holds(refusal([&] { Plain::Training<Large>(batch, one); }),
                "; use a batch or micro_batch of at most 31 images"));
  }
  CHECK(planned == 0);
  CHECK(holds(refusal([&] { Plain::Training<Large>(31, one); }), "MB of device memory"));  // planned, and too much
  CHECK(planned > 0);
  graphs_refused() = nullptr;
}

}  // namespace cuda_errors
