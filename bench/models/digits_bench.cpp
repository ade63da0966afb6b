// SPDX-License-Identifier: MIT
// The digits network's speed through the public API: a training epoch of 60,000 at batch 1024, inference of one image on
// one thread, and of 1024. Prints a table; with --serve it is one contestant of bench/peers (workers.py says how they
// speak).
#include <strata/strata.hpp>
#include <strata/data/mnist.hpp>
#include <strata/io/weights.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

using namespace strata;

namespace {

using Net = Digits<8, 16, 32>;
constexpr int train_images = 60'000, train_batch = 1024;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// MNIST's training set where STRATA_DATA has it, else noise of the same size: only the time is looked at.
Dataset training_set() {
  const char* data = std::getenv("STRATA_DATA");
  const std::string folder = std::string(data ? data : "") + "/mnist";
  if (data && mnist::complete(folder)) return mnist::load(folder, {.validation = 0}).train;
  const Shape shape{28, 28, 1};
  std::vector<std::uint8_t> bytes(std::size_t(train_images) * shape.size());
  std::vector<std::int32_t> labels(train_images);
  Random random{1, 0};
  for (auto& byte : bytes) byte = std::uint8_t(random.below(256));
  for (auto& label : labels) label = std::int32_t(random.below(10));
  return Dataset(shape, std::move(bytes), std::move(labels));
}

/// One workload: once() does it, `calls` times a measurement.
struct Workload {
  int calls = 1;
  std::function<void()> once;
};

Workload training(int thread_count) {
  struct State {
    Model<Net> model;
    Dataset set = training_set();
  };
  auto state = std::shared_ptr<State>(new State{Model<Net>(seed{1}, threads{thread_count})});
  const auto epochs = [state](const Dataset& set) {
    const Run run = train(state->model, set, {.epochs = 1, .batch = train_batch, .optimizer = Adam{.rate = 0.01},
                                              .input = Normalisation::unit});
    if (run.status != Status::complete || run.images != set.count()) throw Error("the training ended early: ", run.why);
  };
  epochs(state->set.part(0, 5 * train_batch));
  return {1, [state, epochs] { epochs(state->set); }};
}

std::vector<float> read_floats(const std::string& path, std::size_t count) {
  std::vector<float> floats(count);
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file || std::fread(floats.data(), sizeof(float), count, file) != count)
    throw Error(path, ": cannot be read, or holds fewer than ", long(count), " floats; bench/peers writes it");
  std::fclose(file);
  return floats;
}

/// `exchange`: the folder that holds the weights and the images of bench/peers, and takes the probabilities.
Workload inference(int count, int thread_count, const std::string& exchange) {
  struct State {
    Model<Net> model;
    std::vector<float> images = {}, result = {};
  };
  auto state = std::shared_ptr<State>(new State{Model<Net>(seed{1}, threads{thread_count})});
  const std::size_t size = std::size_t(count) * 28 * 28;
  if (exchange.empty()) {
    Random random{2, 0};
    for (std::size_t i = 0; i < size; i++) state->images.push_back(random.uniform());
  } else {
    load(state->model, exchange + "/digits.safetensors");
    state->images = read_floats(exchange + "/images." + std::to_string(count) + ".f32", size);
  }
  state->result.resize(std::size_t(count) * 10);
  const auto once = [state, count] {
    state->model.predict(Images{.floats = state->images.data(), .count = count}, state->result.data());
  };
  const int calls = count == 1 ? 2000 : 10;
  for (int i = 0; i < std::max(20, calls / 4); i++) once();
  if (!exchange.empty()) {
    const std::string path = exchange + "/strata.infer" + std::to_string(count) + ".f32";
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (!file || std::fwrite(state->result.data(), sizeof(float), state->result.size(), file) != state->result.size())
      throw Error(path, ": cannot be written");
    std::fclose(file);
  }
  return {calls, once};
}

Workload workload(const std::string& name, int thread_count, const std::string& exchange) {
  if (name == "train") return training(thread_count);
  if (name == "infer1") return inference(1, thread_count, exchange);
  if (name == "infer1024") return inference(1024, thread_count, exchange);
  throw Error("--serve ", name, ": there is no such workload; choose train, infer1 or infer1024");
}

double measure(const Workload& work) {
  const double started = now();
  for (int i = 0; i < work.calls; i++) work.once();
  return (now() - started) / work.calls;
}

long peak_kb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

void serve(const std::string& name, int thread_count, const std::string& exchange) {
  const Workload work = workload(name, thread_count, exchange);
  std::puts("ready");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("seconds %.9f\n", measure(work));
    std::fflush(stdout);
  }
  std::printf("peak_kb %ld\n", peak_kb());
}

void row(const char* title, const Workload& work, int rounds, double scale, const char* unit) {
  std::vector<double> seconds;
  for (int i = 0; i < rounds; i++) seconds.push_back(measure(work));
  std::sort(seconds.begin(), seconds.end());
  std::printf("%-46s %10.3f %-2s  (min %.3f, median of %d)\n", title, seconds[rounds / 2] / scale, unit, seconds[0] / scale,
              rounds);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  std::string name, exchange;
  int thread_count = Workers::hardware();
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (i + 1 == argc) throw Error(option, ": a value is missing behind it");
    if (option == "--serve") name = argv[i + 1];
    else if (option == "--threads") thread_count = std::atoi(argv[i + 1]);
    else if (option == "--exchange") exchange = argv[i + 1];
    else throw Error(option, ": there is no such option; there are --threads N, --serve WORKLOAD and --exchange DIR");
  }
  if (thread_count < 1) throw Error("--threads: at least 1");
  if (!name.empty()) return serve(name, thread_count, exchange), 0;
  std::printf("digits, %d threads where not said otherwise, vectors of %d floats\n", thread_count, simd::lanes);
  row("training epoch, 60,000 images, batch 1024", training(thread_count), 5, 1, "s");
  row("inference, batch 1, one thread", inference(1, 1, exchange), 15, 1e-6, "us");
  row("inference, batch 1024", inference(1024, thread_count, exchange), 15, 1e-3, "ms");
  std::printf("peak memory %.0f MB\n", double(peak_kb()) / 1024);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_models: %s\n", error.what());
  return 1;
}
