// SPDX-License-Identifier: MIT
// Images per second that one thread changes at random: digits, CIFAR's size and ImageNet's, by option.
#include <strata/data/augmented.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <numeric>

using namespace strata;
using namespace strata::data;

namespace {

void change(benchmark::State& state, Shape shape, const Augmentation& augmentation) {
  const int count = int(std::max(8L, 1'000'000 / shape.size()));
  std::vector<std::uint8_t> bytes(std::size_t(count) * std::size_t(shape.size()));
  for (std::size_t i = 0; i < bytes.size(); i++)  // smooth, as photographs are, with some noise
    bytes[i] = std::uint8_t(128 + 90 * std::sin(double(i) / 100 + double(i % 3)) + double(core::mix(1, i) % 16));
  Augmented set(Dataset(shape, std::move(bytes), std::vector<std::int32_t>(std::size_t(count), 0)),
                {.augmentation = augmentation, .classes = 10, .threads = 0});
  std::vector<std::int32_t> order(std::size_t(count), 0);
  std::iota(order.begin(), order.end(), 0);
  std::uint64_t seed = 0;
  for (auto _ : state) {
    set.begin_epoch(order.data(), count, seed++);
    benchmark::DoNotOptimize(set.batch(order.data(), count));
  }
  state.SetItemsProcessed(state.iterations() * count);
}

const int registered = [] {
  struct Option {
    const char* name;
    Augmentation augmentation;
  };
  const Option options[] = {{"reflect and translate", {.reflect = true, .translate = 2}},
                            {"crop", {.crop_low = 0.08}},
                            {"rotate", {.rotate = 15}},
                            {"color", {.brightness = 0.2, .contrast = 0.2, .saturation = 0.2, .hue = 0.05}},
                            {"cutout", {.cutout = 8}},
                            {"mixup", {.mixup = 0.2}},
                            {"all",
                             {.reflect = true,
                              .brightness = 0.2,
                              .contrast = 0.2,
                              .crop_low = 0.08,
                              .rotate = 15,
                              .saturation = 0.2,
                              .hue = 0.05,
                              .cutout = 8,
                              .mixup = 0.2}}};
  for (const Shape shape : {Shape{28, 28, 1}, Shape{32, 32, 3}, Shape{224, 224, 3}})
    for (const Option& option : options) {
      if (shape.channels == 1 && option.augmentation.colors()) continue;
      const std::string name = "augmentation/" + std::to_string(shape.height) + "x" + std::to_string(shape.width) +
                               "x" + std::to_string(shape.channels) + "/" + option.name;
      benchmark::RegisterBenchmark(name.c_str(), change, shape, option.augmentation);
    }
  return 0;
}();

}  // namespace
