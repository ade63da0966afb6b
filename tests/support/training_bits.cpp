// SPDX-License-Identifier: MIT
// Trains and uses three networks, and returns the bits of all results. Compiled twice into one program: with
// strata::kernels, and, with the namespace under another name, from headers alone.
#include "training_bits.hpp"

#include <strata/data/dataset.hpp>
#include <strata/strata.hpp>

#include <bit>
#include <vector>

#include "digit_set.hpp"

using namespace strata;

namespace {

/// In lanes: with the kernels that the library has instances of, and with others.
using InLanes = Digits<4, 8, 16>;
using InLanesToo = Network<Image<28, 28, 1>, Conv<3, 8, Stride<2>>, BatchNorm, GELU, AvgPool<2>, Dropout<0.25>,
                           Conv<3, 16>, Sigmoid, MaxPool<7>, Dense<10>, Softmax>;
/// Node by node, with Winograd's convolutions.
using ByNode = Network<Image<28, 28, 1>, Conv<3, 32, Stride<2>>, BatchNorm, ReLU, DepthwiseConv<3>,
                       Residual<Sequential<Conv<3, 32>, BatchNorm, ReLU, Conv<3, 32>, BatchNorm>>, Tanh, MaxPool<2>,
                       Scale<Identity, Sequential<GlobalAvgPool, Conv<1, 32>, Sigmoid>>, Dense<10>, Softmax>;

void add(std::vector<std::uint64_t>& out, const float* numbers, std::size_t count) {
  for (std::size_t i = 0; i < count; i++) out.push_back(std::bit_cast<std::uint32_t>(numbers[i]));
}

template <class Net>
void train_and_use(std::vector<std::uint64_t>& out, const training::Optimizer& optimizer, const training::Clip& clip) {
  const data::Dataset digits = testing::digit_set(80, 3);
  struct {
    data::Dataset train, validation;
  } sets{digits.part(0, 60), digits.part(60, 20)};
  Model<Net> model{{.seed = 5, .threads = 2}};
  const training::Run run = train(model, sets,
                                  {.epochs = 2,
                                   .batch = 25,
                                   .micro_batch = 20,
                                   .optimizer = optimizer,
                                   .clip = clip,
                                   .input = training::Normalization::zscore});
  for (const training::Record& record : run.history) out.push_back(std::bit_cast<std::uint64_t>(record.loss));
  const core::Floats all = model.predict(digits.images());
  add(out, all.data(), all.size());
  const core::Floats one = model.predict(digits.part(7, 1).images());
  add(out, one.data(), one.size());
  const metrics::Evaluation evaluation = evaluate(model, sets.validation);
  out.push_back(std::bit_cast<std::uint64_t>(evaluation.loss));
  for (const core::NamedTensor& tensor : model.tensors()) add(out, tensor.data, std::size_t(tensor.size()));
}

}  // namespace

std::vector<std::uint64_t> STRATA_TRAINING_BITS() {
  std::vector<std::uint64_t> out;
  train_and_use<InLanes>(out, Adam{.rate = training::cosine(0.01)}, {});
  train_and_use<InLanesToo>(out, Lamb{.rate = 0.01}, {.norm = 1});
  train_and_use<ByNode>(out, Sgd{.rate = training::piecewise(0.01, 0.5, 1), .nesterov = true}, {.value = 0.1});
  return out;
}
