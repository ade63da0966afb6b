// SPDX-License-Identifier: MIT
// Model<Net, Cuda> on the device that stands in for a GPU: trained as on the CPU, its step captured once, its numbers
// kept on it.
#include <strata/cuda.hpp>

#include "../support/cuda/library.hpp"
#include "../support/cuda_backend.hpp"
#include "../support/digit_set.hpp"
#include "../support/temporary_folder.hpp"

namespace cuda_model {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::graph;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net = Digits<8, 16, 32>;
using Plain = CudaWith<Fp32>;

TrainOptions three_steps(const Optimizer& optimizer) {
  TrainOptions options;
  options.epochs = 1, options.batch = 32, options.optimizer = optimizer;
  return options;
}

/// 80 images: two updates of 32, one of 16. With this seed no maximum of a pool is close to a tie; with others,
/// rounding of the first weights alone picks another pixel, and all weights differ in the third digit.
const Dataset& images() {
  static const Dataset set = digit_set(80, 10);
  return set;
}

template <class Backend>
Run train_on(Model<Net, Backend>& model, const TrainOptions& options) {
  Dataset set = images();
  return train(model, set, options);
}

template <class A, class B>
double difference(const Model<Net, A>& a, const Model<Net, B>& b) {
  return std::max(distance(a.parameters().data(), b.parameters().data(), Model<Net, A>::parameter_floats),
                  distance(a.buffers().data(), b.buffers().data(), Model<Net, A>::buffer_floats));
}

}  // namespace

TEST_CASE("three updates of digits by every optimizer are those of the CPU") {
  const Optimizer optimizers[] = {Sgd{.rate = 0.05, .l2 = 1e-3},
                                  Sgd{.rate = 0.05, .nesterov = true, .form = Form::torch},
                                  Adam{.rate = 1e-3},
                                  AdamW{.rate = 1e-3},
                                  Lamb{.rate = 1e-2},
                                  RMSprop{.rate = 1e-3, .epsilon = 1e-2, .momentum = 0.5, .centered = true}};
  for (const Optimizer& optimizer : optimizers) {
    INFO(std::string(optimizer.name));
    Model<Net> cpu{{.seed = 5, .threads = 1}};
    Model<Net, Plain> gpu{{.seed = 5, .threads = 1}};
    const double before = difference(cpu, gpu);
    CHECK(before == 0);
    const Run on_cpu = train_on(cpu, three_steps(optimizer)), on_gpu = train_on(gpu, three_steps(optimizer));
    REQUIRE(on_gpu.history.size() == 3);
    for (std::size_t i = 0; i < 3; i++)
      CHECK(on_gpu.history[i].loss == doctest::Approx(on_cpu.history[i].loss).epsilon(1e-4));
    // Adam divides a gradient by its own size: where that is rounding alone, three steps of 1e-3 may go either way.
    CHECK(difference(cpu, gpu) < (optimizer.slots == 2 ? 6e-3 : 2e-5));
    CHECK(relative_distance(gpu.predict(images().images()).data(), cpu.predict(images().images()).data(), 800) < 2e-2);
  }
  check_no_violation();
}

TEST_CASE("averages of models are those of the CPU") {
  struct {
    Dataset train = images(), validation = digit_set(30, 11);
  } sets;
  for (const Average& average : {Average(ExponentialAverage{.decay = 0.6}), Average(EqualAverage{.every = 2})})
    for (const int micro_batch : {0, 12}) {
      TrainOptions options = three_steps(Sgd{.rate = 0.05});
      options.epochs = 2, options.micro_batch = micro_batch, options.average = average, options.validation.every = 2;
      if (average.kind == Average::Kind::equal) options.statistics = Statistics::population;
      Model<Net> cpu{{.seed = 5, .threads = 1}};
      Model<Net, Plain> gpu{{.seed = 5, .threads = 1}};
      const Run on_cpu = train(cpu, sets, options), on_gpu = train(gpu, sets, options);
      CHECK(on_gpu.averaged == on_cpu.averaged);
      CHECK(difference(cpu, gpu) < 2e-5);
      for (std::size_t i = 1; i < 6; i += 2)
        CHECK(*on_gpu.history[i].validation_loss == doctest::Approx(*on_cpu.history[i].validation_loss).epsilon(1e-4));
    }
  check_no_violation();
}

TEST_CASE("a step is captured once for each number of images and replayed from then on") {
  Model<Net, Plain> gpu{{.seed = 1, .threads = 1}};
  TrainOptions options = three_steps(Sgd{.rate = 0.05});
  options.epochs = 4;
  device::clear_log();
  const Run run = train_on(gpu, options);
  CHECK(run.iterations == 12);
  CHECK(device::log().captures == 2);  // for 32 and for 16 images
  CHECK(device::log().instantiations == 2);
  CHECK(device::log().graph_launches == 12);
  check_no_violation();
}

TEST_CASE("every number of images that a training will step on is planned at its start") {
  long planned = 0;
  graphs_refused() = [&](const cuda::GraphDescription&) { return planned++, ""; };
  for (const auto& [batch, micro_batch, statistics] : {std::tuple{32, 0, Statistics::moving},
                                                       {32, 9, Statistics::moving},
                                                       {24, 10, Statistics::population},
                                                       {100, 0, Statistics::moving},
                                                       {100, 33, Statistics::moving}}) {
    const std::string sizes = sentence(batch, " images in parts of ", micro_batch);
    INFO(sizes);
    TrainOptions options = three_steps(Sgd{.rate = 0.05});
    options.epochs = 2, options.batch = batch, options.micro_batch = micro_batch, options.statistics = statistics;
    long at_start = -1;
    auto watch = [&](const Progress& p) {
      if (p.event == Event::start) at_start = planned;
    };
    options.observer = observe(watch);
    Model<Net, Plain> model{{.seed = 1, .threads = 1}};
    train_on(model, options);
    CHECK(at_start > 0);
    CHECK(planned == at_start);
  }
  graphs_refused() = nullptr;
  check_no_violation();
}

TEST_CASE("micro-batches sum to the batch") {
  using Simple =
      Network<Image<28, 28, 1>, Conv<3, 4>, ReLU, Dense<10>, Softmax>;  // without batch norm the sums are the same
  Model<Simple, Plain> a{{.seed = 2, .threads = 1}}, b{{.seed = 2, .threads = 1}};
  Dataset set = images();
  TrainOptions options = three_steps(Sgd{.rate = 0.1});
  train(a, set, options);
  options.micro_batch = 9;
  train(b, set, options);
  CHECK(distance(a.parameters().data(), b.parameters().data(), Model<Simple>::parameter_floats) < 1e-5);
  check_no_violation();
}

TEST_CASE("without any fused graph the results are the same") {
  Model<Net, Plain> fused{{.seed = 3, .threads = 1}};
  train_on(fused, three_steps(Sgd{.rate = 0.05}));
  graphs_refused() = [](const cuda::GraphDescription& graph) {
    return graph.operations.size() > 1 ? "only bare graphs" : "";
  };
  Model<Net, Plain> bare{{.seed = 3, .threads = 1}};
  train_on(bare, three_steps(Sgd{.rate = 0.05}));
  const Floats of_bare = bare.predict(images().images());
  graphs_refused() = nullptr;
  CHECK(difference(fused, bare) < 1e-5);
  CHECK(relative_distance(of_bare.data(), fused.predict(images().images()).data(), 800) < 1e-4);
  check_no_violation();
}

TEST_CASE("stopped and resumed on the device: every bit as if never stopped") {
  const TemporaryFolder folder;
  TrainOptions options = three_steps(Adam{.rate = 1e-3});
  options.epochs = 3;
  Model<Net, Plain> through{{.seed = 4, .threads = 1}};
  train_on(through, options);
  options.checkpoints.path = folder / "checkpoint";
  options.checkpoints.every_epochs = 1;
  TrainOptions first = options;
  std::atomic<bool> stop = false;
  first.stop = &stop;
  auto watch = [&](const Progress& p) {
    if (p.event == Event::iteration && p.run.iterations == 4) stop = true;
  };
  first.observer = observe(watch);
  Model<Net, Plain> model{{.seed = 4, .threads = 1}};
  CHECK(train_on(model, first).status == Status::interrupted);
  options.checkpoints.resume = Resume::yes;
  Model<Net, Plain> resumed{{.seed = 4, .threads = 1}};
  CHECK(train_on(resumed, options).status == Status::complete);
  CHECK(difference(through, resumed) == 0);
}

TEST_CASE("the best model is that of the device, and so are its statistics of the training set") {
  struct {
    Dataset train = images(), validation = digit_set(40, 11);
  } data;
  for (const Statistics statistics : {Statistics::moving, Statistics::population}) {
    TrainOptions options = three_steps(Adam{.rate = 0.05});
    options.epochs = 6, options.batch = 80, options.statistics = statistics;  // one update per epoch
    options.keep = Keep::best_loss;
    Model<Net, Plain> kept{{.seed = 4, .threads = 1}}, ended{{.seed = 4, .threads = 1}};
    const Run run = train(kept, data, options);
    REQUIRE(run.kept_iteration >= 1);
    REQUIRE(run.kept_iteration < 6);
    options.keep = Keep::last, options.epochs = int(run.kept_iteration);
    train(ended, data, options);
    CHECK(difference(kept, ended) == 0);
    CHECK(evaluate(kept, data.validation).loss == run.validation.loss);
  }
}

TEST_CASE("half precision learns; parameters stay fp32") {
  const auto learn = [](auto backend, double bound) {
    Model<Net, decltype(backend)> model{{.seed = 6, .threads = 1}};
    TrainOptions options = three_steps(Adam{.rate = 5e-3});
    options.epochs = 8;
    const Run run = train_on(model, options);
    CHECK(run.status == Status::complete);
    CHECK(run.train_loss < run.history.front().loss / 4);
    Model<Net> cpu{{.seed = 6, .threads = 1}};
    std::ranges::copy(model.parameters(), cpu.parameters().begin());
    std::ranges::copy(model.buffers(), cpu.buffers().begin());
    CHECK(distance(model.predict(images().images()).data(), cpu.predict(images().images()).data(), 800) < bound);
  };
  learn(CudaWith<Tf32>{}, 2e-2);
  learn(CudaWith<Fp16>{}, 2e-2);
  learn(CudaWith<Bf16>{}, 1e-1);
  check_no_violation();
}

TEST_CASE("weight gradients that cuDNN computes in bf16 only are widened") {
  const auto loss = [] {
    Model<Net, CudaWith<Bf16>> model{{.seed = 6, .threads = 1}};
    return train_on(model, three_steps(Sgd{.rate = 0.05})).train_loss;
  };
  const double summed_to_fp32 = loss();
  long widened = 0;
  graphs_refused() = [&](const cuda::GraphDescription& graph) {
    const cuda::GraphOperation& last = graph.operations.back();
    const bool refused =
        last.op == cuda::GraphOp::weight_gradient && graph.tensors[std::size_t(last.y)].element == cuda::Element::fp32;
    widened += refused;
    return refused ? "not in fp32" : "";
  };
  CHECK(loss() == doctest::Approx(summed_to_fp32).epsilon(5e-3));
  CHECK(widened >= 4);  // three convolutions and a dense layer
  graphs_refused() = nullptr;
  check_no_violation();
}

TEST_CASE("the whole network as one kernel is the network") {
  Model<Net, Cuda> one_kernel{{.seed = 7, .threads = 1}};
  Model<Net> cpu{{.seed = 7, .threads = 1}};
  device::clear_log();
  const Floats given = one_kernel.predict(images().images());
  CHECK(device::log().launches == 1);
  const Floats expected = cpu.predict(images().images());
  CHECK(distance(given.data(), expected.data(), 800) < forward_bound);
  check_no_violation();
}

TEST_CASE("the whole network as one kernel, of a network with a result for each pixel") {
  using Map = Network<Image<12, 20, 3>, Conv<3, 8>, BatchNorm, ReLU, Conv<3, 11>, PixelSoftmax>;
  Model<Map, Cuda> one_kernel{{.seed = 7, .threads = 1}};
  Model<Map> cpu{{.seed = 7, .threads = 1}};
  Floats pictures(5 * 12 * 20 * 3);
  Random random{3, 0};
  for (float& v : pictures) v = random.uniform();
  const Images views{.floats = pictures.data(), .count = 5};
  device::clear_log();
  const Floats given = one_kernel.predict(views);
  CHECK(device::log().launches == 1);
  CHECK(distance(given.data(), cpu.predict(views).data(), long(given.size())) < forward_bound);
  check_no_violation();
}

TEST_CASE("a model leaves nothing on the device") {
  const long before = device::living_allocations(), handles = device::living_handles();
  {
    Model<Net, Plain> model{{.seed = 8, .threads = 1}};
    train_on(model, three_steps(Adam{}));
    model.predict(images().images());
    CHECK(device::living_allocations() > before);
  }
  CHECK(device::living_allocations() == before);
  CHECK(device::living_handles() == handles);
}

}  // namespace cuda_model
