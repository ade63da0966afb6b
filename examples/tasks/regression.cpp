// SPDX-License-Identifier: MIT
// Regression: the frequency and the amplitude of a tone in noise. Some amplitudes are not known.
#include <strata/strata.hpp>

#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

using namespace strata;

template <int Channels>
using Block = Sequential<Conv1d<5, Channels>, BatchNorm, ReLU, MaxPool1d<2>>;
using Net = Network<Signal<64, 1>, Block<8>, Block<16>, Block<16>, Dense<32>, ReLU, Dense<2>>;

/// 64 samples of a tone each; the targets are its cycles in them and its amplitude, or NaN where that is unknown.
Dataset draw(int count, std::uint64_t seed, double known) {
  std::vector<float> samples, targets;
  core::Random random{seed};
  const auto between = [&](double low, double high) { return low + (high - low) * double(random.uniform()); };
  for (int i = 0; i < count; i++) {
    const double cycles = between(1, 8), amplitude = between(0.5, 2), phase = between(0, 6.283);
    for (int k = 0; k < 64; k++)
      samples.push_back(float(amplitude * std::sin(phase + cycles * k * 6.283 / 64) + between(-0.2, 0.2)));
    targets.push_back(float(cycles));
    targets.push_back(between(0, 1) < known ? float(amplitude) : std::numeric_limits<float>::quiet_NaN());
  }
  return Dataset(Net::input, std::move(samples), std::move(targets), 2);
}

int main() {
  struct {
    Dataset train, validation;
  } data{draw(3000, 1, 0.5), draw(400, 2, 1)};
  Model<Net> model{{.seed = 1}};
  const auto run = train(model, data,
                         {.epochs = 20,
                          .batch = 32,
                          .optimizer = Adam{.rate = training::cosine(0.01)},
                          .loss = Huber{.delta = 0.5, .class_weights = {1, 4}},  // amplitudes vary less than cycles
                          .keep = Keep::best_loss});
  std::printf("kept the model after iteration %ld: R2 %.3f\n", run.kept_iteration, run.validation.errors.r2());
  std::printf("validation: ");
  print(evaluate(model, data.validation, {.loss = MeanAbsoluteError{}}));

  const auto output = model.predict({.floats = data.validation.floats(0), .count = 1});
  std::printf("%.2f cycles of amplitude %.2f are taken for %.2f of %.2f\n", double(data.validation.targets(0)[0]),
              double(data.validation.targets(0)[1]), double(output[0]), double(output[1]));
}
