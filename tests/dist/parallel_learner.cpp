// SPDX-License-Identifier: MIT
// Several stand-in devices that train one model.
#include <strata/cuda.hpp>
#include <strata/dist/data_parallel.hpp>

#include "../support/cuda/learner_fixture.hpp"

#include <doctest/doctest.h>
#include <strata/data/augment.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/sgd.hpp>
#include <strata/train/trainer.hpp>

#include "../support/digit_set.hpp"
#include "../support/free_port.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/tolerance.hpp"

#include <netinet/in.h>

#include <atomic>

namespace dist_parallel_learner {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::dist;
using namespace strata::graph;
using namespace strata::training;
using dist::part_of;
using testing::free_port;
using testing::LearnerFixture;
using testing::relative_error;

namespace {

using Plain = Network<Image<28, 28, 1>, Conv<3, 4>, ReLU, MaxPool<4>, Conv<3, 6>, ReLU, Dense<10>, Softmax>;
using Normed = Network<Image<28, 28, 1>, Conv<3, 4>, BatchNorm, ReLU, MaxPool<4>, AtRate<Real{0}, Dense<12>>, ReLU,
                       Dense<10>, Softmax>;

const Dataset& digits() {
  static const Dataset set = testing::digit_set(64, 3);
  return set;
}
/// The first samples of the set, or those of an index.
Batch batch_of(int count, const std::int32_t* index = nullptr) {
  static const std::vector<std::int32_t> in_order = [] {
    std::vector<std::int32_t> order(64);
    for (int i = 0; i < 64; i++) order[std::size_t(i)] = i;
    return order;
  }();
  return const_cast<Dataset&>(digits()).batch(index ? index : in_order.data(), count);
}

/// A step of device 0 alone on part of a batch.
template <class Net>
struct SingleDeviceStep {
  Floats gradients;
  StepResult result;
  SingleDeviceStep(LearnerFixture<Net>& fixture, int first, int count, double scale) {
    const auto learner = fixture.on_one(0);
    learner->put();
    std::vector<std::int32_t> index;
    for (int i = 0; i < count; i++) index.push_back(first + i);
    const Batch batch = batch_of(count, index.data());
    StepOptions options;
    options.loss_scale = scale;
    learner->stage(batch.images, batch.labels);
    learner->launch(options);
    result = learner->finish();
    gradients = learner->gradients();
  }
};

StepResult step(Learner& learner, const Batch& batch, StepOptions options = {}) {
  learner.stage(batch.images, batch.labels);
  learner.launch(options);
  return learner.finish();
}

bool same(const Floats& a, const Floats& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), 4 * a.size()) == 0;
}

double max_relative_difference(const Floats& a, const Floats& b) {
  double far = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); i++)
    far = std::max(far, double(std::abs(a[i] - b[i]))), size = std::max(size, double(std::abs(b[i])));
  return far / size;
}

/// The sum of the gradients of the ranks' parts, in the order of the ranks.
template <class Net>
Floats sum_of_parts(LearnerFixture<Net>& fixture, int images, int ranks) {
  Floats sum;
  for (int r = 0; r < ranks; r++) {
    const dist::Part part = part_of(images, r, ranks);
    if (part.count == 0) continue;
    const SingleDeviceStep<Net> alone(fixture, part.first, part.count, 1. / images);
    if (sum.empty()) sum = alone.gradients;
    else
      for (std::size_t i = 0; i < sum.size(); i++) sum[i] += alone.gradients[i];
  }
  return sum;
}

}  // namespace

TEST_CASE("a batch is cut evenly, in order, and the first ranks take the remainder") {
  for (int images = 1; images <= 20; images++)
    for (int ranks = 1; ranks <= 6; ranks++) {
      int next = 0;
      for (int r = 0; r < ranks; r++) {
        const dist::Part part = part_of(images, r, ranks);
        CHECK(part.first == next);
        CHECK(part.count >= images / ranks);
        CHECK(part.count <= (images + ranks - 1) / ranks);
        next += part.count;
      }
      CHECK(next == images);
      CHECK(part_of(images, 0, ranks).count == (images + ranks - 1) / ranks);
    }
}

TEST_CASE("two devices make the gradients of their parts' sum, which are those of the whole batch") {
  testing::start_machine(4);
  for (const int images : {32, 33}) {
    LearnerFixture<Plain> fixture(images);
    const auto learner = fixture.on({0, 1});
    CHECK(learner->size() == 2);
    learner->put();
    const StepResult result = step(*learner, batch_of(images));
    const Floats parts = sum_of_parts(fixture, images, 2);
    CHECK(same(fixture.members[0]->gradients(), parts));
    CHECK(same(fixture.members[1]->gradients(), parts));
    const SingleDeviceStep<Plain> whole(fixture, 0, images, 0);
    CHECK(max_relative_difference(parts, whole.gradients) < 1e-5);
    CHECK(result.counted == whole.result.counted);
    CHECK(result.correct == whole.result.correct);
    CHECK(result.weight == whole.result.weight);
    CHECK(relative_error(result.loss, whole.result.loss) <= 1e-7);
    CHECK(fixture.members[0]->images == (images + 1) / 2);
    CHECK(fixture.members[1]->images == images / 2);
  }
  CHECK(testing::device::log().violations.empty());
  CHECK(testing::nccl::living_communicators() == 0);
}

TEST_CASE("all devices capture in the same steps, although their parts of a batch are new at different ones") {
  testing::start_machine(4);
  LearnerFixture<Plain> fixture(8);
  const auto learner = fixture.on({0, 1});
  learner->put();
  long captures = testing::device::log().captures;
  for (const auto& [images, expected] : {std::pair{8, 2}, {8, 0}, {7, 2}, {7, 0}, {8, 2}, {7, 0}, {8, 0}}) {
    step(*learner, batch_of(images));
    CHECK(testing::device::log().captures - captures == expected);
    captures = testing::device::log().captures;
  }
  CHECK(testing::device::log().violations.empty());
}

TEST_CASE("each device plans its parts of all batches that are known beforehand") {
  testing::start_machine(4);
  std::atomic<long> planned = 0;  // by the thread of each device
  testing::graphs_refused() = [&](const cuda::GraphDescription&) { return planned++, ""; };
  LearnerFixture<Plain> fixture(8);
  fixture.lesson.sizes = {8, 5, 1};
  const auto learner = fixture.on({0, 1, 2});
  learner->put();
  const long at_start = planned;
  for (const int images : {8, 5, 1, 8}) step(*learner, batch_of(images));
  CHECK(at_start > 0);
  CHECK(planned == at_start);
  testing::graphs_refused() = nullptr;
  CHECK(testing::device::log().violations.empty());
}

TEST_CASE("eager devices make the sums of captured ones") {
  testing::start_machine(4);
  const auto learn = [](const char* eager) {
    ::setenv("STRATA_CUDA_EAGER", eager, 1);
    LearnerFixture<Plain> fixture(8);
    const auto learner = fixture.on({0, 1}, {}, 300);
    learner->put();
    for (const int images : {8, 7, 1}) {
      step(*learner, batch_of(images));
      CHECK(learner->update(0.01) == Updated::yes);
    }
    CHECK(same(fixture.members[0]->parameters(), fixture.members[1]->parameters()));
    return fixture.members[0]->parameters();
  };
  const Floats captured = learn("0");
  const long captures = testing::device::log().captures;
  CHECK(same(learn("1"), captured));
  CHECK(testing::device::log().captures == captures);
  ::unsetenv("STRATA_CUDA_EAGER");
  CHECK(testing::device::log().violations.empty());
}

TEST_CASE("groups hold on every device: with all statistics kept, two devices make the update of one") {
  testing::start_machine(4);
  constexpr auto& net = lowered<Normed>;
  Grouping grouping{std::vector<double>(std::size_t(net.parameter_count), 1.),
                    std::vector<unsigned char>(std::size_t(net.layer_count), 1)};
  grouping.rates.front() = 0, grouping.rates.back() = 0.25;
  const Floats before = LearnerFixture<Normed>(18).buffers;
  LearnerFixture<Normed> alone(18, Sgd{.rate = 0.1}), shared(18, Sgd{.rate = 0.1});
  const Floats parameters = alone.parameters;
  alone.lesson.grouping = shared.lesson.grouping = grouping;
  const auto one = alone.on_one(0);
  const auto two = shared.on({0, 1});
  for (Learner* const learner : {static_cast<Learner*>(one.get()), static_cast<Learner*>(two.get())}) {
    learner->put();
    step(*learner, batch_of(18));
    CHECK(learner->update(0.1) == Updated::yes);
    learner->fetch();
  }
  CHECK(max_relative_difference(shared.parameters, alone.parameters) < 1e-5);
  CHECK(same(shared.members[0]->parameters(), shared.members[1]->parameters()));
  for (const LearnerFixture<Normed>* const fixture : {&alone, &shared}) {
    CHECK(same(fixture->buffers, before));
    for (int i = 0; i < net.parameters[0].size; i++)
      CHECK(fixture->parameters[std::size_t(i)] == parameters[std::size_t(i)]);
    CHECK(!same(fixture->parameters, parameters));
  }
  CHECK(testing::device::log().violations.empty());
}

TEST_CASE("buckets of any size make the same sums, which begin before the backward pass ends") {
  testing::start_machine(4);
  LearnerFixture<Normed> fixture(12);
  const Floats parts = sum_of_parts(fixture, 12, 2);
  bool early = false;
  for (const long bucket : {1L, 1L, 1L, 1L, 1L, 1L, 100L, 100L, 5000L}) {
    const auto learner = fixture.on({0, 1}, {}, bucket);
    learner->put();
    testing::device::clear_log();
    for (int s = 0; s < 4; s++) {
      step(*learner, batch_of(12));
      CHECK(same(fixture.members[0]->gradients(), parts));
      CHECK(same(fixture.members[1]->gradients(), parts));
    }
    const auto& sequence = testing::device::log().sequence;
    const auto sum = std::find(sequence.begin(), sequence.end(), "ncclAllReduce");
    early |= bucket == 1 && std::find(sum, sequence.end(), "bias_gradient_parts") != sequence.end();
  }
  CHECK(early);
  CHECK(testing::device::log().violations.empty());
}

TEST_CASE("updates are the same on every device, bit for bit") {
  testing::start_machine(4);
  LearnerFixture<Plain> fixture(30, Adam{.rate = 0.01}, {.norm = 0.5});
  const auto learner = fixture.on({2, 0, 1});
  learner->put();
  std::vector<std::int32_t> order(64);
  for (int s = 0; s < 4; s++) {
    for (int i = 0; i < 64; i++) order[std::size_t(i)] = (i * 7 + s * 13) % 64;
    step(*learner, batch_of(s == 2 ? 16 : 30, order.data()));
    if (s == 1) learner->scale_gradients(0.5);
    CHECK(learner->update(0.01) == Updated::yes);
    CHECK(same(fixture.members[2]->parameters(), fixture.members[0]->parameters()));
    CHECK(same(fixture.members[2]->parameters(), fixture.members[1]->parameters()));
  }
  CHECK_FALSE(same(fixture.members[2]->parameters(), fixture.parameters));
  learner->fetch();
  CHECK(same(fixture.members[2]->parameters(), fixture.parameters));
  CHECK(learner->standing().steps == 4);
  CHECK(testing::device::log().violations.empty());
}

TEST_CASE("changes stay with their images") {
  testing::start_machine(4);
  using Map = Network<Image<8, 6, 3>, Conv<3, 5>, ReLU, Conv<3, 4>, PixelSoftmax>;
  constexpr int pictures = 7, size = 8 * 6 * 3, pixels = 8 * 6;
  std::vector<std::uint8_t> images(pictures * size), labels(pictures * pixels), changed_images, changed_labels;
  Random random{5, 0};
  for (std::uint8_t& v : images) v = std::uint8_t(random.below(256));
  for (std::uint8_t& v : labels) v = std::uint8_t(random.below(4));
  std::vector<ImageTransform> transforms;
  const std::int32_t order[] = {6, 2, 0, 5, 1, 4, 3};
  for (const std::int32_t i : order) {
    transforms.push_back(
        draw_transform({.reflect = true, .translate = 2, .scale_low = 0.6, .scale_high = 1.6, .brightness = 0.1}, 8, 6,
                       9, std::uint64_t(i)));
    transforms.back().outside = {std::uint8_t(90 + i), 60, 30};
    std::vector<std::uint8_t> image(size), map(pixels);
    apply_transform(transforms.back(), 8, 6, images.data() + i * size, labels.data() + i * pixels, image.data(),
                    map.data());
    changed_images.insert(changed_images.end(), image.begin(), image.end()),
        changed_labels.insert(changed_labels.end(), map.begin(), map.end());
  }
  const auto counted = [](const std::vector<std::uint8_t>& from) {
    std::vector<std::int32_t> out;
    for (const std::uint8_t label : from) out.push_back(label == void_label ? -1 : label);
    return out;
  };
  const std::vector<std::int32_t> raw = counted(labels), shown = counted(changed_labels);
  for (const int count : {7, 2}) {
    LearnerFixture<Map> fixture(7);
    const auto learner = fixture.on({0, 1, 2});
    REQUIRE(learner->transforms_images());
    learner->put();
    const StepResult expected =
        step(*learner, {{.bytes = changed_images.data(), .count = count}, {shown.data(), nullptr}});
    const Floats gradients = fixture.members[1]->gradients();
    const StepResult result =
        step(*learner, {{.bytes = images.data(), .index = order, .count = count, .transforms = transforms.data()},
                        {raw.data(), order}});
    CHECK(same(fixture.members[1]->gradients(), gradients));
    CHECK(result.loss == expected.loss);
    CHECK(result.counted == expected.counted);
    CHECK(result.counted < count * pixels);
  }
  LearnerFixture<Plain> digits(4);
  CHECK_FALSE(digits.on({0, 1})->transforms_images());
  CHECK(testing::device::log().violations.empty());
}

TEST_CASE("a device for which no image is left adds nothing") {
  testing::start_machine(4);
  LearnerFixture<Normed> fixture(8);
  const auto learner = fixture.on({0, 1, 2, 3});
  learner->put();
  const StepResult result = step(*learner, batch_of(2));
  CHECK(result.counted == 2);
  CHECK(same(fixture.members[3]->gradients(), sum_of_parts(fixture, 2, 4)));
  CHECK(learner->update(0.01) == Updated::yes);
  CHECK(same(fixture.members[0]->parameters(), fixture.members[3]->parameters()));
}

TEST_CASE("several sources and heads: gradients and sums are those of one device, also where a device has no image") {
  testing::start_machine(4);
  using Policy = Network<strata::Inputs<Source<"picture", Image<4, 4, 2>>, Source<"tone", Image<1, 1, 3>>>, Conv<3, 4>,
                         ReLU, GlobalAvgPool, Concat<Identity, From<"tone">>,
                         Outputs<Head<"class", Dense<3>, Softmax>, Head<"values", Dense<2>>>>;
  constexpr int most = 7;
  Random random{3, 0};
  std::vector<float> tones(most * 3), values(most * 2);
  std::vector<std::uint8_t> pictures(most * 32);
  for (float& x : tones) x = random.uniform();
  for (float& x : values) x = random.uniform();
  for (std::uint8_t& x : pictures) x = std::uint8_t(random.below(3));
  const std::int32_t classes[] = {0, 2, -1, 1, 1, 0, 2}, order[] = {6, 2, 0, 5, 1, 4, 3};
  LossTerm terms[2];
  terms[0].divisor = terms[1].divisor = LossTerm::Divisor::counted;
  terms[1].function = &squared_loss, terms[1].factor = 0.5;
  for (const int count : {7, 2}) {
    const Images of_tones{.floats = tones.data(), .index = order, .count = count};
    const Labels of_values{.index = order, .floats = values.data()};
    const Batch batch{{.bytes = pictures.data(), .index = order, .count = count, .more = &of_tones},
                      {.values = classes, .index = order, .more = &of_values}};
    LearnerFixture<Policy> fixture(count);
    fixture.lesson.losses = {terms[0], terms[1]}, fixture.lesson.float_targets = 2;
    StepResult of_one, of_all;
    const auto alone = fixture.on_one(0);
    alone->put();
    const StepResult expected = step(*alone, batch, {.losses = terms, .more = &of_one});
    const Floats gradients = alone->gradients();
    const auto learner = fixture.on({0, 1, 2});
    learner->put();
    const StepResult result = step(*learner, batch, {.losses = terms, .more = &of_all});
    for (int device = 0; device < 3; device++)
      CHECK(max_relative_difference(fixture.members[device]->gradients(), gradients) < 1e-5);
    CHECK(result.counted == expected.counted);
    CHECK(relative_error(result.loss, expected.loss) <= 1e-6);
    CHECK(of_all.counted == 2 * count);
    CHECK(relative_error(of_all.loss, of_one.loss) <= 1e-6);
    CHECK(fixture.members[2]->images == (count == 7 ? 2 : 1));
  }
  CHECK(testing::device::log().violations.empty());
}

TEST_CASE("a step's numbers are those of the whole batch; dropout differs from rank to rank") {
  testing::start_machine(4);
  LearnerFixture<Plain> fixture(20);
  const auto learner = fixture.on({0, 1});
  learner->put();
  StepOptions options;
  options.seed = 77;
  step(*learner, batch_of(20), options);
  const Floats mean = fixture.members[1]->gradients();
  CHECK(fixture.members[0]->options.seed == 77);
  CHECK(fixture.members[1]->options.seed != 77);
  const auto times = [](Floats numbers, float factor) {
    for (float& x : numbers) x *= factor;
    return numbers;
  };
  options.loss_scale = 0.25;
  step(*learner, batch_of(20), options);
  CHECK(max_relative_difference(fixture.members[1]->gradients(), times(mean, 0.25f * 20)) < 1e-6);
  std::vector<float> weights(10, 1.f);
  weights[3] = 5;
  options.class_weights = weights.data();
  step(*learner, batch_of(20), options);
  const Floats weighted = fixture.members[0]->gradients();
  options.loss_scale = 0, options.divide_by_weights = true;
  step(*learner, batch_of(20), options);
  CHECK(max_relative_difference(fixture.members[0]->gradients(), times(weighted, 4.f / 28)) < 1e-6);
}

TEST_CASE("running statistics are those of rank 0, and a forward-only step sums no gradients") {
  testing::start_machine(4);
  LearnerFixture<Normed> fixture(16);
  const auto learner = fixture.on({1, 0});
  learner->put();
  StepOptions forward;
  forward.backward = false;
  const std::size_t before = testing::nccl::collectives().size();
  const StepResult result = step(*learner, batch_of(16), forward);
  CHECK(result.counted == 16);
  CHECK(testing::nccl::collectives().size() == before + 2);  // the sums of the loss
  learner->fetch();
  CHECK(same(fixture.buffers, fixture.members[1]->buffers()));
  CHECK_FALSE(same(fixture.buffers, fixture.members[0]->buffers()));
}

TEST_CASE("one device needs no other") {
  testing::start_machine(4);
  LearnerFixture<Plain> fixture(12);
  const auto learner = fixture.on({3});
  learner->put();
  step(*learner, batch_of(12));
  CHECK(same(fixture.members[3]->gradients(), SingleDeviceStep<Plain>(fixture, 0, 12, 0).gradients));
  CHECK(testing::nccl::living_communicators() == 0);
  CHECK(testing::nccl::collectives().empty());
}

TEST_CASE("the next batch may be staged while a step runs") {
  testing::start_machine(4);
  LearnerFixture<Plain> fixture(10);
  const auto learner = fixture.on({0, 1});
  REQUIRE(learner->stages_ahead());
  learner->put();
  std::vector<std::int32_t> order(64);
  for (int i = 0; i < 64; i++) order[std::size_t(i)] = i;
  const Batch first = batch_of(10, order.data());
  learner->stage(first.images, first.labels);
  learner->launch({});
  const Batch second = batch_of(4, order.data() + 10);
  learner->stage(second.images, second.labels);
  CHECK(learner->finish().counted == 10);
  learner->launch({});
  CHECK(learner->finish().counted == 4);
}

TEST_CASE("the next update may be launched before the last is known; every device knows the same") {
  testing::start_machine(4);
  LearnerFixture<Plain> ahead(20), in_turn(20);
  const auto one = ahead.on({0, 1}), other = in_turn.on({2, 3});
  REQUIRE(one->runs_ahead());
  one->put(), other->put();
  std::vector<StepResult> results, expected;
  for (int s = 0; s < 4; s++) {
    const Batch batch = batch_of(s == 2 ? 13 : 20);
    one->stage(batch.images, batch.labels);
    one->launch_update({}, 1, 0.01, s == 3);
    if (s > 0) {
      const StepAndUpdate before = one->finish_update();
      results.push_back(before.result);
      CHECK_FALSE(before.stops);
    }
    expected.push_back(step(*other, batch));
    CHECK(other->update(0.01) == Updated::yes);
  }
  const StepAndUpdate last = one->finish_update();
  results.push_back(last.result);
  CHECK(last.updated == Updated::yes);
  CHECK(last.stops);
  for (std::size_t s = 0; s < 4; s++) CHECK(results[s].loss == expected[s].loss);
  CHECK(one->standing().steps == 4);
  CHECK(same(ahead.members[0]->parameters(), in_turn.members[2]->parameters()));
  CHECK(same(ahead.members[1]->parameters(), ahead.members[0]->parameters()));
  CHECK(testing::device::log().violations.empty());
}

TEST_CASE("a process without an image is given one, and shares cover a batch") {
  testing::start_machine(4);
  LearnerFixture<Plain> fixture(8);
  const auto learner = fixture.on({0, 1});
  CHECK(learner->share(9).first == 0);
  CHECK(learner->share(9).count == 9);
  CHECK(learner->share(0).count == 0);
}

TEST_CASE("processes meet, take their parts and stay the same") {
  testing::start_machine(4);
  const std::string port = free_port();
  LearnerFixture<Normed> fixtures[] = {LearnerFixture<Normed>(21), LearnerFixture<Normed>(21)};
  const std::vector<int> devices[] = {{0, 2}, {3}};
  std::string why[2];
  StepResult results[2];
  Floats gradients[2], expected = sum_of_parts(fixtures[0], 21, 3);
  Floats averages[2] = {Floats(fixtures[0].parameters.size()), Floats(fixtures[1].parameters.size())};
  Floats average_buffers[2] = {Floats(fixtures[0].buffers.size()), Floats(fixtures[1].buffers.size())};
  for (int p = 0; p < 2; p++)
    fixtures[p].lesson.average_parameters = averages[p].data(),
    fixtures[p].lesson.average_buffers = average_buffers[p].data();
  const Dataset& set = digits();
  std::vector<std::thread> processes;
  for (int p = 0; p < 2; p++)
    processes.emplace_back([&, p] {
      try {
        dist::World world;
        world.processes = 2, world.rank = p, world.host = "127.0.0.1", world.port = port;
        const auto learner = fixtures[p].on(devices[p], world);
        if (learner->size() != 3) throw Error("the world has ", learner->size(), " devices");
        learner->put();
        const training::Share share = learner->share(21);
        if (share.first != (p == 0 ? 0 : 14) || share.count != (p == 0 ? 14 : 7)) throw Error("a wrong share");
        std::vector<std::int32_t> own;
        for (int i = 0; i < share.count; i++) own.push_back(share.first + i);
        const Batch batch = const_cast<Dataset&>(set).batch(own.data(), share.count);
        learner->stage_share(batch.images, batch.labels, 21);
        learner->launch({});
        results[p] = learner->finish();
        gradients[p] = fixtures[p].members[devices[p][0]]->gradients();
        if (learner->update(0.01) != Updated::yes) throw Error("no update");
        learner->average(1);
        learner->fetch();
        if (learner->keeps_files() != (p == 0)) throw Error("the wrong process writes");
        if (learner->any(false) || !learner->any(p == 1)) throw Error("processes do not know of each other");
      } catch (const Error& error) {
        why[p] = error.what();
      }
    });
  for (std::thread& p : processes) p.join();
  CHECK(why[0] == "");
  CHECK(why[1] == "");
  CHECK(results[0].counted == 21);
  CHECK(results[1].counted == 21);
  CHECK(results[0].loss == results[1].loss);
  CHECK(same(gradients[0], expected));
  CHECK(same(gradients[1], expected));
  CHECK(same(fixtures[0].parameters, fixtures[1].parameters));
  CHECK(same(fixtures[0].buffers, fixtures[1].buffers));  // those of rank 0
  for (int p = 0; p < 2; p++) {
    CHECK(same(averages[p], fixtures[0].parameters));
    CHECK(same(average_buffers[p], fixtures[0].buffers));
  }
  CHECK(testing::device::log().violations.empty());
}

TEST_CASE("processes that start from different numbers are told so") {
  testing::start_machine(4);
  const std::string port = free_port();
  LearnerFixture<Plain> fixtures[] = {LearnerFixture<Plain>(8), LearnerFixture<Plain>(8)};
  fixtures[1].parameters[5] += 1e-3f;
  std::string why[2];
  std::vector<std::thread> processes;
  for (int p = 0; p < 2; p++)
    processes.emplace_back([&, p] {
      dist::World world;
      world.processes = 2, world.rank = p, world.host = "127.0.0.1", world.port = port;
      try {
        fixtures[p].on({p}, world)->put();
      } catch (const Error& error) {
        why[p] = error.what();
      }
    });
  for (std::thread& p : processes) p.join();
  for (const std::string& w : why)
    CHECK(
        w ==
        "dist: the devices do not all start from the parameters of process 0; give all processes the same seed, weights and checkpoint");
}

// --- through train(), as a user calls it

namespace {

using OnDevices = CudaWith<DataParallel, Fp32>;
static_assert(std::is_same_v<OnDevices::Sharing, DataParallel>);
static_assert(std::is_void_v<CudaWith<Bf16, strata::Recompute<Again::nothing>>::Sharing>);
static_assert(OnDevices::options == CudaWith<Fp32>::options);

template <class Net, class Backend>
Run trained(Model<Net, Backend>& model, const TrainOptions& options) {
  Dataset set = testing::digit_set(60, 5);
  return train(model, set, options);
}

}  // namespace

TEST_CASE("a training on two devices ends where one on a single device does") {
  testing::start_machine(4);
  ::setenv("STRATA_CUDA_DEVICES", "0,1", 1);
  const TrainOptions options{.epochs = 4, .batch = 16, .optimizer = Sgd{.rate = 0.05}};
  Model<Plain> one{{.seed = 3, .threads = 1}};
  Model<Plain, OnDevices> two{{.seed = 3, .threads = 1}};
  const Run of_one = trained(one, options), of_two = trained(two, options);
  CHECK(of_two.status == Status::complete);
  CHECK(of_two.history.size() == of_one.history.size());
  for (std::size_t i = 0; i < of_one.history.size(); i++)
    CHECK(relative_error(of_two.history[i].loss, of_one.history[i].loss) <= 5e-6);
  CHECK(of_two.history.back().loss < of_two.history.front().loss);
  Floats a(one.parameters().begin(), one.parameters().end()), b(two.parameters().begin(), two.parameters().end());
  CHECK(max_relative_difference(b, a) <= 5e-6);
}

TEST_CASE("micro-batches on two devices sum to the batch") {
  testing::start_machine(4);
  ::setenv("STRATA_CUDA_DEVICES", "0,1", 1);
  TrainOptions options{.epochs = 2, .batch = 20, .optimizer = Sgd{.rate = 0.05}};
  Model<Plain, OnDevices> whole{{.seed = 3, .threads = 1}}, parts{{.seed = 3, .threads = 1}};
  trained(whole, options);
  options.micro_batch = 6;
  trained(parts, options);
  Floats a(whole.parameters().begin(), whole.parameters().end()),
      b(parts.parameters().begin(), parts.parameters().end());
  CHECK(max_relative_difference(b, a) < 1e-4);
}

TEST_CASE("in half precision every device skips the same updates") {
  testing::start_machine(4);
  ::setenv("STRATA_CUDA_DEVICES", "2,3", 1);
  Model<Normed, CudaWith<Fp16, DataParallel>> model{{.seed = 3, .threads = 1}};
  Dataset set = testing::digit_set(60, 5);
  const Run run = train(model, set, {.epochs = 2, .batch = 20, .optimizer = Sgd{.rate = 0.05}, .loss = {.scale = 4}});
  CHECK(run.status == Status::complete);
  CHECK(run.history.back().loss < run.history.front().loss);
  CHECK(testing::device::log().violations.empty());
}

namespace {

/// A training that keeps its best model ends like one that ends with that iteration.
void check_keeps_best() {
  struct {
    Dataset train = testing::digit_set(60, 5), validation = testing::digit_set(30, 6);
  } data;
  TrainOptions options{.epochs = 8,
                       .batch = 60,
                       .optimizer = Sgd{.rate = 2},
                       .keep = Keep::best_loss,
                       .statistics = Statistics::population};
  Model<Normed, OnDevices> kept{{.seed = 3, .threads = 1}}, ended{{.seed = 3, .threads = 1}};
  const Run run = train(kept, data, options);
  REQUIRE(run.kept_iteration >= 1);
  REQUIRE(run.kept_iteration < 8);
  options.keep = Keep::last, options.epochs = int(run.kept_iteration);
  train(ended, data, options);
  const auto numbers = [](auto& model) { return Floats(model.parameters().begin(), model.parameters().end()); };
  const auto buffers = [](auto& model) { return Floats(model.buffers().begin(), model.buffers().end()); };
  CHECK(same(numbers(kept), numbers(ended)));
  CHECK(same(buffers(kept), buffers(ended)));
  CHECK(testing::device::log().violations.empty());
}

/// A training that is stopped and resumes from its checkpoint ends like one that is not stopped.
template <class Backend>
void check_resumes(TrainOptions options) {
  const testing::TemporaryFolder folder;
  Model<Normed, Backend> whole{{.seed = 3, .threads = 1}}, halves{{.seed = 3, .threads = 1}},
      later{{.seed = 3, .threads = 1}};
  const auto numbers = [](auto& model) { return Floats(model.parameters().begin(), model.parameters().end()); };
  const Floats before = numbers(whole);
  CHECK(trained(whole, options).status == Status::complete);
  options.checkpoints = {.path = folder / "half", .every_epochs = 1};
  std::atomic<bool> stop{true};
  options.stop = &stop;
  CHECK(trained(halves, options).status == Status::interrupted);
  stop = false;
  options.checkpoints.resume = Resume::yes;
  CHECK(trained(later, options).status == Status::complete);
  CHECK_FALSE(same(numbers(whole), before));
  CHECK(same(numbers(whole), numbers(later)));
  CHECK(testing::device::log().violations.empty());
}

}  // namespace

TEST_CASE("in half precision the loss factor is resumed too") {
  testing::start_machine(4);
  ::setenv("STRATA_CUDA_DEVICES", "2,3", 1);
  TrainOptions options{.epochs = 3, .batch = 16, .optimizer = Adam{.rate = 0.01}};
  options.loss.reduction = Loss::Reduction::sum;
  options.loss.class_weights.assign(10, 16.f);  // the first updates are out of range
  check_resumes<CudaWith<Fp16, DataParallel>>(options);
}

TEST_CASE("a training on two devices ends with its best model, whose statistics of the training set rank 0 makes") {
  testing::start_machine(4);
  ::setenv("STRATA_CUDA_DEVICES", "0,2", 1);
  check_keeps_best();
}

TEST_CASE("a training on two devices resumes from its checkpoint as if never stopped") {
  testing::start_machine(4);
  ::setenv("STRATA_CUDA_DEVICES", "1,3", 1);
  check_resumes<OnDevices>({.epochs = 4, .batch = 16, .optimizer = Adam{.rate = 0.01}});
  check_resumes<OnDevices>({.epochs = 4,
                            .batch = 16,
                            .optimizer = Adam{.rate = 0.01},
                            .average = EqualAverage{.every = 3},
                            .statistics = Statistics::population});
}

}  // namespace dist_parallel_learner
