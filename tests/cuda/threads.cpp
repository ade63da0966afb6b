// SPDX-License-Identifier: MIT
// Models of different threads are made, trained and used at the same time on one device, with the results of one after
// the other: what a stream orders, a capture records and a handle of cuDNN does is of one session.
#include <strata/cuda.hpp>

#include "../support/cuda/own_machine.hpp"
#include "../support/cuda_backend.hpp"
#include "../support/digit_set.hpp"

#include <cstdlib>
#include <thread>

namespace cuda_threads {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net = Digits<2, 2, 4>;
using Half = CudaWith<Fp16>;

/// The numbers of a model after a training with validations, and its predictions.
Floats trained(int seed) {
  struct {
    Dataset train = digit_set(21, 10), validation = digit_set(6, 11);
  } set;
  TrainOptions options;
  options.epochs = 3, options.batch = 8, options.optimizer = Adam{.rate = 1e-3};
  options.validation.every = 1;
  Model<Net, Half> model{{.seed = std::uint64_t(seed), .threads = 1}};
  train(model, set, options);
  Floats out(model.parameters().begin(), model.parameters().end());
  for (const float x : model.predict(digit_set(9, 12).images())) out.push_back(x);
  return out;
}

/// What differs between four trainings in threads and the same ones in turn, or "".
std::string difference(const char* eager) {
  return on_own_machine({.order = device::Order::shuffled, .seed = 3}, [&]() -> std::string {
    ::setenv("STRATA_CUDA_EAGER", eager, 1);
    constexpr int threads = 4;
    Floats expected[threads], given[threads];
    std::string why[threads];
    for (int i = 0; i < threads; i++) expected[i] = trained(i);
    std::vector<std::thread> running;
    for (int i = 0; i < threads; i++)
      running.emplace_back([&, i] {
        try {
          given[i] = trained(i);
        } catch (const Error& error) {
          why[i] = error.what();
        }
      });
    for (std::thread& t : running) t.join();
    if (const auto& violations = device::log().violations; !violations.empty()) return violations.front();
    for (int i = 0; i < threads; i++) {
      if (!why[i].empty()) return why[i];
      if (given[i] != expected[i]) return sentence("training ", i, " gave other numbers");
    }
    return device::living_allocations() == 0 ? "" : "memory is left";
  });
}

}  // namespace

TEST_CASE("trainings in threads give what they give in turn, captured and eager") {
  CHECK(difference("0") == "");
  CHECK(difference("1") == "");
}

TEST_CASE("streams and libraries are of one session at a time, and serve the next one") {
  CHECK(on_own_machine({}, []() -> std::string {
          const cuda::Stream first = [] {
            const cuda::Device a = cuda::Device::current(), copy = a, b = cuda::Device::current();
            if (a.stream() == b.stream() || a.copy_stream() == b.copy_stream() || &a.library() == &b.library())
              throw Error("two sessions share something");
            if (copy.stream() != a.stream()) throw Error("a copy has another stream");
            return a.stream();
          }();
          const long made = device::living_handles();
          const cuda::Device c = cuda::Device::current(), d = cuda::Device::current();
          if (c.stream() != first && d.stream() != first) return "the streams were not used again";
          return device::living_handles() == made ? "" : "more streams were made";
        }) == "");
}

}  // namespace cuda_threads
