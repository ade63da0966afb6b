// SPDX-License-Identifier: MIT
// Training on your own arrays: images and labels in, a weights file out. 2_own_arrays [WEIGHTS.safetensors]
#include <strata/io/weights.hpp>
#include <strata/strata.hpp>
#include <strata/xtensor.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace strata;

template <int Channels>
using Block = Sequential<Conv<3, Channels>, BatchNorm, ReLU, MaxPool<2>>;
using Net = Network<Image<24, 24, 1>, Block<8>, Block<16>, Block<32>, GlobalAvgPool, Dense<4>, Softmax>;

struct Drawings {
  xt::xtensor<std::uint8_t, 4> images;  // drawings x rows x columns x channels
  xt::xtensor<int, 1> labels;
};

/// Gray shapes of any size at any place, on noise.
Drawings draw(int count, std::uint64_t seed) {
  const std::size_t n = std::size_t(count);
  Drawings out{xt::empty<std::uint8_t>({n, 24ul, 24ul, 1ul}), xt::empty<int>({n})};
  core::Random random{seed};
  for (int i = 0; i < count; i++) {
    const int shape = int(random.below(4)), r = 5 + int(random.below(4));
    const int cx = r + int(random.below(24 - 2 * r)), cy = r + int(random.below(24 - 2 * r));
    out.labels(i) = shape;
    for (int y = 0; y < 24; y++)
      for (int x = 0; x < 24; x++) {
        const int dx = std::abs(x - cx), dy = std::abs(y - cy), square = dx * dx + dy * dy;
        const bool inside = shape == 0   ? square < r * r
                            : shape == 1 ? dx < r && dy < r
                            : shape == 2 ? square < r * r && square > r * r / 3
                                         : dx < r && dy < r && (dx < 2 || dy < 2);
        out.images(i, y, x, 0) = std::uint8_t((inside ? 100 : 0) + random.below(120));
      }
  }
  return out;
}

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "shapes.safetensors";
  const Drawings train_drawings = draw(2000, 1), validation_drawings = draw(300, 2), test_drawings = draw(600, 3);
  struct {
    ArraySet train, validation;  // views: the arrays stay where they are
  } data{{train_drawings.images, train_drawings.labels, Net::input},
         {validation_drawings.images, validation_drawings.labels, Net::input}};

  Model<Net> model{{.seed = 1}};
  model.classes({"disk", "square", "ring", "cross"});
  const auto report = [](const training::Progress& progress) {
    if (progress.event == training::Event::epoch)
      std::printf("epoch %2d: loss %.3f, validation %.3f\n", progress.record->epoch, progress.run.train_loss,
                  progress.run.validation.loss);
  };
  const training::Run run = train(model, data,
                                  {.epochs = 12,
                                   .batch = 32,
                                   .optimizer = Adam{.rate = training::cosine(0.01)},
                                   .validation = {.patience = 4},  // ends after four validations without a lower loss
                                   .keep = Keep::best_loss,
                                   .observer = observe(report)});
  std::printf("kept the model after iteration %ld of %ld\n", run.kept_iteration, run.iterations);

  const auto result = evaluate(model, ArraySet(test_drawings.images, test_drawings.labels, Net::input));
  std::printf("test ");
  print(result);
  for (int c = 0; c < 4; c++)
    std::printf("%6.1f %% of class %s found\n", 100 * result.confusion.accuracy(c),
                model.classes()[std::size_t(c)].c_str());

  save(model, path);
  Model<Net> loaded;
  load(loaded, path, {.verify = 1e-4f});
  const xt::xtensor<int, 3> classes = classify(loaded, test_drawings.images);  // [drawings][1][1]
  int right = 0;
  for (std::size_t i = 0; i < classes.shape(0); i++) right += classes(i, 0, 0) == test_drawings.labels(i);
  std::printf("loaded: %d of %zu right\n", right, classes.shape(0));
  std::printf("the first is a %s\n", loaded.classes()[std::size_t(classes(0, 0, 0))].c_str());
}
