// SPDX-License-Identifier: MIT
// Your own activation, from a formula and its derivative, and your own blocks. The reference back end checks gradients.
#include <strata/data/dataset.hpp>
#include <strata/reference/check_gradients.hpp>
#include <strata/strata.hpp>

#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

using namespace strata;
using namespace strata::functions;

/// y = x s(x), where s(x) = 1 / (1 + exp(-x))   dy/dx = s(x) (1 + x - y)
struct swish {
  static constexpr const char* name = "swish";  // which files identify it by
  static constexpr auto needs = Needs::input;   // of df: x, not y
  template <class T>                            // float, double, and vectors of the CPU
  STRATA_DEVICE static T f(T x) {               // on a GPU too
    return x / (T(1.f) + exponential(-x));
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    const T s = T(1.f) / (T(1.f) + exponential(-x));
    return s * (T(1.f) + x - x * s);
  }
};
using Swish = Pointwise<swish>;

/// The same with a mistake in the derivative.
struct wrong_swish : swish {
  template <class T>
  STRATA_DEVICE static T df(T x) {
    return T(1.f) / (T(1.f) + exponential(-x));
  }
};

/// A block is an alias of layers.
template <int Channels>
using ConvSwish = Sequential<Conv<3, Channels, NoBias>, BatchNorm, Swish>;
/// y = body(x) + shortcut(x). Rows, columns and channels of the two must agree, or the network does not compile.
template <int Channels>
using Block = Residual<Sequential<ConvSwish<Channels>, Conv<3, Channels, NoBias>, BatchNorm>,
                       Sequential<Conv<1, Channels, NoBias>, BatchNorm>>;

using Net = Network<Image<16, 16, 1>, ConvSwish<8>, MaxPool<2>, Block<16>, Swish, GlobalAvgPool, Dense<4>, Softmax>;

/// Stripes in four directions, of any width, under noise.
data::Dataset draw(int count, std::uint64_t seed) {
  core::Random random{seed};
  std::vector<float> pixels;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < count; i++) {
    labels.push_back(std::int32_t(random.below(4)));
    const float angle = float(labels.back()) * 0.785398f + 0.3f * random.uniform();
    const float frequency = 0.7f + 0.6f * random.uniform(), phase = 6.283185f * random.uniform();
    for (int y = 0; y < 16; y++)
      for (int x = 0; x < 16; x++) {
        const float along = float(x) * std::cos(angle) + float(y) * std::sin(angle);
        pixels.push_back(std::sin(frequency * along + phase) + 5 * (random.uniform() - 0.5f));
      }
  }
  return data::Dataset({16, 16, 1}, std::move(pixels), std::move(labels));
}

template <class Layer>
void check(const char* name) {
  const reference::GradientCheck gradients = check_gradients<Layer>();
  std::printf("%s: %s\n", name, gradients ? "the gradients are right" : gradients.why.c_str());
}

int main() {
  check<Swish>("Swish");
  check<Block<4>>("Block<4>");
  check<Pointwise<wrong_swish>>("wrong_swish");

  Model<Net> model{{.seed = 1}};
  train(model, draw(1000, 1), {.epochs = 6, .batch = 32, .optimizer = Adam{.rate = training::cosine(0.01)}});
  std::printf("test ");
  print(evaluate(model, draw(500, 2)));
}
