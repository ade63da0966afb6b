// SPDX-License-Identifier: MIT
// A training gives the same bits in every order of work that streams and events permit, and the next batch is copied
// while a step runs.
#include <strata/cuda.hpp>

#include "../support/cuda/own_machine.hpp"
#include "../support/cuda_backend.hpp"
#include "../support/digit_set.hpp"
#include "../support/temporary_folder.hpp"

namespace cuda_orders {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::graph;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net = Digits<4, 4, 8>;

const device::Setup orders[] = {{.order = device::Order::lazy},
                                {.order = device::Order::others_first},
                                {.order = device::Order::shuffled, .seed = 1},
                                {.order = device::Order::shuffled, .seed = 2},
                                {.order = device::Order::shuffled, .seed = 3}};

struct Data {
  Dataset train = digit_set(42, 10), validation = digit_set(20, 11);
};

void add(std::string& bits, const void* data, std::size_t bytes) { bits.append(static_cast<const char*>(data), bytes); }

/// Trains with validations and with a checkpoint after every update, which downloads numbers while the next batch is
/// uploaded.
template <class Backend>
void train_on(Model<Net, Backend>& model, const TrainOptions& options, std::string& bits) {
  Data data;
  const Run run = train(model, data, options);
  add(bits, model.parameters().data(), model.parameters().size_bytes());
  add(bits, model.buffers().data(), model.buffers().size_bytes());
  for (const Record& r : run.history)
    for (const double number : {r.loss, r.train_accuracy, r.validation_loss.value_or(-1)})
      add(bits, &number, sizeof number);
}

/// The results of a training, and of one that is stopped and resumed after its third update, as bytes; or what went
/// wrong.
template <class Backend>
std::string bits_of_training(const device::Setup& order, const TrainOptions& given) {
  return on_own_machine(order, [&] {
    const TemporaryFolder folder;
    TrainOptions options = given;
    options.checkpoints = {.path = folder / "checkpoint", .every_iterations = 1};
    std::string bits;
    std::atomic<bool> stop = false;
    auto watch = [&](const Progress& p) { stop = p.event == Event::iteration && p.run.iterations == 3; };
    TrainOptions first = options;
    first.stop = &stop, first.observer = observe(watch);
    Model<Net, Backend> through{{.seed = 1, .threads = 1}}, stopped{{.seed = 1, .threads = 1}},
        resumed{{.seed = 1, .threads = 1}};
    train_on(through, options, bits);
    train_on(stopped, first, bits);
    options.checkpoints.resume = Resume::yes;
    train_on(resumed, options, bits);
    const Floats given = resumed.predict(digit_set(50, 12).images());
    add(bits, given.data(), sizeof(float) * given.size());
    if (const auto& violations = device::log().violations; !violations.empty()) throw Error(violations.front());
    return bits;
  });
}

template <class Backend>
void check_orders(const TrainOptions& options) {
  const std::string expected = bits_of_training<Backend>(orders[0], options);
  REQUIRE(expected.size() > 3 * sizeof(float) * Model<Net>::parameter_floats);
  for (std::size_t i = 1; i < std::size(orders); i++) {
    INFO("order ", i);
    CHECK(bits_of_training<Backend>(orders[i], options) == expected);
  }
}

TrainOptions some_steps(const Optimizer& optimizer) {
  TrainOptions options;
  options.epochs = 3, options.batch = 16, options.optimizer = optimizer;
  options.validation.every = 2;
  return options;
}

/// Samples that record how far the device was when the training loop requested each batch.
class RecordingSet {
 public:
  struct Moment {
    long steps_launched, kernels_ran;
  };
  explicit RecordingSet(int count) : set_(digit_set(count, 10)) {}
  int count() const { return set_.count(); }
  Batch batch(const std::int32_t* index, int n) {
    moments.push_back(moment());
    return set_.batch(index, n);
  }
  static Moment moment() {
    const device::Log log = device::logged();
    long sum = 0;
    for (const auto& [name, times] : log.ran) sum += times;
    return {log.graph_launches, sum};
  }
  static long kernels() { return moment().kernels_ran; }
  std::vector<Moment> moments;

 private:
  Dataset set_;
};

}  // namespace

TEST_CASE("a training gives the same bits in every order") {
  check_orders<CudaWith<Fp32>>(some_steps(Adam{.rate = 1e-3}));
}

TEST_CASE("in fp16, in micro-batches") {
  TrainOptions options = some_steps(Lamb{.rate = 1e-3});
  options.micro_batch = 6;
  check_orders<CudaWith<Fp16>>(options);
}

TEST_CASE("with gradients that are clipped and images in another order each epoch") {
  TrainOptions options = some_steps(Sgd{.rate = 0.05});
  options.clip.norm = 0.5, options.shuffle = Shuffle::every_epoch;
  check_orders<CudaWith<Bf16>>(options);
}

TEST_CASE("the loop asks for the next batch, and launches its step, before the end of the step before") {
  CHECK(on_own_machine({.order = device::Order::lazy}, [] {
          Model<Net, CudaWith<Fp32>> model{{.seed = 1, .threads = 1}};
          RecordingSet set(48);
          TrainOptions options{.epochs = 1, .batch = 16, .optimizer = Sgd{.rate = 0.05}, .input = Normalization::none};
          std::vector<RecordingSet::Moment> recorded;
          auto watch = [&](const Progress& p) {
            if (p.event == Event::iteration) recorded.push_back(RecordingSet::moment());
          };
          options.observer = observe(watch);
          train(model, set, options);
          if (set.moments.size() != 3) throw Error(set.moments.size(), " batches");
          // A device that does nothing before the host waits has not begun the step that was launched.
          const long each = RecordingSet::kernels() / 3;
          for (long n = 0; n < 3; n++) {
            const RecordingSet::Moment& moment = set.moments[std::size_t(n)];
            if (moment.steps_launched != n) throw Error("batch ", n, " after ", moment.steps_launched, " steps");
            if (const long done = n > 0 ? n - 1 : 0; moment.kernels_ran > done * each)
              throw Error("step ", done, " was waited for");
            const RecordingSet::Moment& after = recorded[std::size_t(n)];
            if (after.steps_launched != std::min(n + 2, 3L))
              throw Error("step ", n, " was known after ", after.steps_launched, " steps");
            if (after.kernels_ran != (n + 1) * each) throw Error("step ", n + 1, " was waited for");
          }
        }) == "");
}

TEST_CASE("a batch is copied to the device while the step before runs") {
  CHECK(on_own_machine({.order = device::Order::lazy}, [] {
          Model<Net, CudaWith<Fp32>> model{{.seed = 1, .threads = 1}};
          const std::unique_ptr<Learner> learner = learner_of(model, 16, Sgd{});
          const cuda::Device gpu = dynamic_cast<cuda::CudaLearner&>(*learner).session().device();
          Dataset set = digit_set(64, 10);
          std::vector<std::int32_t> order(64);
          for (int i = 0; i < 64; i++) order[std::size_t(i)] = i;
          const auto stage = [&](int n) {
            const Batch batch = set.batch(order.data() + 16 * n, 16);
            learner->stage(batch.images, batch.labels);
          };
          learner->put();
          stage(0);
          for (int n = 0; n < 3; n++) {
            learner->launch({});
            const long kernels = RecordingSet::kernels(), bytes = device::log().bytes_to_device;
            stage(n + 1);
            cuda::synchronize(gpu.copy_stream());
            if (RecordingSet::kernels() != kernels) throw Error("the copy of batch ", n + 1, " waited for step ", n);
            if (device::log().bytes_to_device - bytes < 16 * (784 + 1)) throw Error("batch ", n + 1, " was not copied");
            if (cudaStreamQuery(gpu.stream()) != cudaErrorNotReady) throw Error("step ", n, " is done");
            if (learner->finish().counted != 16) throw Error("step ", n, " counted other labels");
            if (RecordingSet::kernels() == kernels) throw Error("step ", n, " did nothing");
            learner->update(0.05);
          }
          learner->launch({});
          learner->finish();
        }) == "");
}

}  // namespace cuda_orders
