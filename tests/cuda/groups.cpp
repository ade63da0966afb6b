// SPDX-License-Identifier: MIT
// Parts of a network with their own learning rates, frozen parts and kept statistics, on the device that stands in for
// a GPU.
#include <strata/cuda.hpp>

#include "../support/cuda/library.hpp"
#include "../support/cuda_backend.hpp"
#include "../support/digit_set.hpp"
#include "../support/temporary_folder.hpp"

namespace cuda_groups {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::graph;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net =
    Network<Image<28, 28, 1>, Named<"back", Sequential<Conv<3, 4, Stride<2>>, BatchNorm, ReLU, MaxPool<2>>>,
            Named<"middle", Sequential<Conv<3, 8>, BatchNorm, ReLU, Conv<3, 4>>>, Named<"head", Dense<10>>, Softmax>;
using Plain = CudaWith<Fp32>;
using Numbers = std::vector<float>;

const Dataset& images() {
  static const Dataset set = digit_set(80, 10);
  return set;
}

/// A model whose running statistics differ from those of a new model.
template <class Backend>
Model<Net, Backend> pretrained() {
  Model<Net, Backend> model{{.seed = 5, .threads = 1}};
  Random random{4, 0};
  for (const NamedTensor& tensor : model.tensors())
    if (tensor.name.find("running") != std::string::npos)
      for (long i = 0; i < tensor.size(); i++) tensor.data[i] = 0.5f + random.uniform();
  return model;
}

template <class Backend>
struct Trained {
  Model<Net, Backend> model = pretrained<Backend>();
  Numbers parameters{model.parameters().begin(), model.parameters().end()};  ///< before the training
  Numbers buffers{model.buffers().begin(), model.buffers().end()};

  explicit Trained(const TrainOptions& options) {
    Dataset set = images();
    CHECK(train(model, set, options).status == Status::complete);
  }
  /// Whether the training left the tensor unchanged, bit for bit.
  bool stayed(const std::string& name) {
    for (const auto& [table, count, before, after] :
         {std::tuple(lowered<Net>.parameters, lowered<Net>.parameter_count, parameters.data(),
                     model.parameters().data()),
          std::tuple(lowered<Net>.buffers, lowered<Net>.buffer_count, buffers.data(), model.buffers().data())})
      for (int t = 0; t < count; t++)
        if (tensor_name<Net>(table[t]).text == name)
          return std::memcmp(before + table[t].offset, after + table[t].offset,
                             std::size_t(table[t].size) * sizeof(float)) == 0;
    throw Error("no tensor ", name);
  }
};

TrainOptions options_with(std::vector<Group> groups, const Optimizer& optimizer) {
  return {.epochs = 1, .batch = 32, .optimizer = optimizer, .groups = std::move(groups)};
}

const std::vector<Group> usual = {{.prefix = "back", .rate = 0, .keeps_statistics = true},
                                  {.prefix = "middle", .rate = 0.25},
                                  {.prefix = "head", .rate = 2}};

}  // namespace

TEST_CASE("groups do on the device what they do on the host") {
  for (const Optimizer& optimizer :
       {Optimizer(Sgd{.rate = 0.05, .l2 = 1e-3}), Optimizer(matlab_sgdm(0.02)), Optimizer(Lamb{.rate = 0.01})})
    for (const int micro_batch : {0, 12})
      for (const Statistics statistics : {Statistics::moving, Statistics::population}) {
        INFO(std::string(optimizer.name), ", ", micro_batch);
        TrainOptions options = options_with(usual, optimizer);
        options.micro_batch = micro_batch, options.statistics = statistics, options.clip.norm = 2;
        Trained<Plain> gpu(options);
        Trained<Cpu> cpu(options);
        for (auto* stayed : {"back.0.weight", "back.0.bias", "back.1.weight", "back.1.bias", "back.1.running_mean",
                             "back.1.running_var"})
          CHECK(gpu.stayed(stayed));
        for (auto* moved : {"middle.0.weight", "middle.1.weight", "middle.1.running_mean", "middle.1.running_var",
                            "head.weight", "head.bias"})
          CHECK(!gpu.stayed(moved));
        const double bound = optimizer.slots == 2 ? 6e-3 : 2e-5;
        CHECK(distance(gpu.model.parameters().data(), cpu.model.parameters().data(), Model<Net>::parameter_floats) <
              bound);
        CHECK(distance(gpu.model.buffers().data(), cpu.model.buffers().data(), Model<Net>::buffer_floats) < bound);
      }
  check_no_violation();
}

TEST_CASE("all but a part is frozen bit for bit") {
  TrainOptions options = options_with({frozen_except({"head"})}, Adam{.rate = 0.01});
  options.statistics = Statistics::population;
  Trained<Plain> gpu(options);
  for (auto* stayed :
       {"back.0.weight", "back.0.bias", "back.1.weight", "back.1.bias", "back.1.running_mean", "back.1.running_var",
        "middle.0.weight", "middle.1.bias", "middle.1.running_mean", "middle.1.running_var", "middle.3.weight"})
    CHECK(gpu.stayed(stayed));
  for (auto* moved : {"head.weight", "head.bias"}) CHECK(!gpu.stayed(moved));
  check_no_violation();
}

TEST_CASE("kept statistics do not change in any precision, with or without fused sums") {
  const std::vector<Group> both = {{.prefix = "back", .keeps_statistics = true},
                                   {.prefix = "middle", .keeps_statistics = true}};
  const auto trained = [&](auto backend) {
    TrainOptions options = options_with(both, Sgd{.rate = 0.05});
    options.epochs = 3;
    Trained<decltype(backend)> given(options);
    for (auto* stayed : {"back.1.running_mean", "back.1.running_var", "middle.1.running_mean", "middle.1.running_var"})
      CHECK(given.stayed(stayed));
    return Numbers(given.model.parameters().begin(), given.model.parameters().end());
  };
  const Numbers expected = trained(Cpu{});
  const auto off = [&](const Numbers& given) { return distance(given.data(), expected.data(), long(expected.size())); };
  CHECK(off(trained(Plain{})) < 1e-4);
  CHECK(off(trained(CudaWith<Fp16>{})) < 1e-2);
  graphs_refused() = [](const cuda::GraphDescription& graph) {
    return graph.operations.size() > 1 ? "only bare graphs" : "";
  };
  CHECK(off(trained(CudaWith<Fp16>{})) < 1e-2);
  graphs_refused() = nullptr;
  check_no_violation();
}

TEST_CASE("a frozen group leaves the optimizer's state alone, and a training captures each step once") {
  auto model = pretrained<Plain>();
  const auto learner = learner_of(model, 16, Adam{.rate = 0.01}, false, usual);
  learner->put();
  std::vector<std::int32_t> index(16);
  for (int i = 0; i < 16; i++) index[std::size_t(i)] = i;
  Dataset set = images();
  const Batch batch = set.batch(index.data(), 16);
  device::clear_log();
  for (int step = 0; step < 3; step++) {
    learner->stage(batch.images, batch.labels), learner->launch({}), learner->finish();
    CHECK(learner->update(0.01) == Updated::yes);
  }
  CHECK(device::log().captures == 1);
  learner->fetch();
  const Floats& state = learner->state();
  bool moves = false;
  for (int t = 0; t < lowered<Net>.parameter_count; t++)
    for (int i = 0; i < lowered<Net>.parameters[t].size; i++) {
      const float first = state[std::size_t(lowered<Net>.parameters[t].offset + i)];
      if (std::string(tensor_name<Net>(lowered<Net>.parameters[t]).text).starts_with("back.")) REQUIRE(first == 0);
      else moves = moves || first != 0;
    }
  CHECK(moves);
  check_no_violation();
}

}  // namespace cuda_groups
