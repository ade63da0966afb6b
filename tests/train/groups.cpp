// SPDX-License-Identifier: MIT
// Parts of a network with their own learning rates, frozen parts, and batch norms that keep their statistics, in whole
// trainings.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include <strata/cpu/lanes/training.hpp>
#include <strata/cpu/nhwc/training.hpp>
#include <strata/data/dataset.hpp>
#include <strata/reference/reference.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/trainer.hpp>

#include "../support/cpu_lanes.hpp"
#include "../support/cpu_nhwc.hpp"
#include "../support/old_checkpoint.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/tolerance.hpp"

namespace train_groups {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::graph;
using namespace strata::training;
using testing::Lanes;
using testing::Nhwc;
using testing::refuses;
using testing::relative_distance;
using testing::relative_error;

namespace {

template <int Channels>
using Block = Sequential<Named<"conv", Conv<3, Channels>>, Named<"norm", BatchNorm>, ReLU>;
using Net = Network<Image<8, 8, 1>, Named<"back", Block<4>>, Named<"back2", Sequential<Block<4>, MaxPool<2>>>,
                    Named<"head", Dense<3>>, Softmax>;

Dataset squares(int count, std::uint64_t of) {
  std::vector<std::uint8_t> bytes(std::size_t(count) * 64);
  std::vector<std::int32_t> labels(std::size_t(count), 0);
  Random random{of, 0};
  for (std::uint8_t& byte : bytes) byte = std::uint8_t(random.below(120));
  for (int i = 0; i < count; i++) {
    labels[std::size_t(i)] = i % 3;
    for (int p = 0; p < 9; p++) bytes[std::size_t(i * 64 + (p / 3 + 2 * (i % 3)) * 8 + p % 3 + 2)] += 100;
  }
  return Dataset({8, 8, 1}, std::move(bytes), std::move(labels));
}
struct Data {
  Dataset train = squares(60, 1), validation = squares(20, 2);
};
const Data& sets() {
  static const Data sets;
  return sets;
}

using Numbers = std::vector<float>;
using Tensors = std::vector<std::pair<std::string, Numbers>>;

/// The relative distance of tensor t.
double tensor_distance(const Tensors& given, const Tensors& expected, std::size_t t) {
  REQUIRE(given[t].second.size() == expected[t].second.size());
  return relative_distance(given[t].second.data(), expected[t].second.data(), long(expected[t].second.size()));
}

/// The name and the numbers of each tensor.
template <class M>
Tensors tensors_of(M& model) {
  Tensors out;
  for (const NamedTensor& tensor : model.tensors())
    out.emplace_back(tensor.name, Numbers(tensor.data, tensor.data + tensor.size()));
  return out;
}
/// The names of the tensors that differ in any bit.
std::vector<std::string> changed(const Tensors& before, const Tensors& after) {
  std::vector<std::string> out;
  for (std::size_t t = 0; t < before.size(); t++)
    if (std::memcmp(before[t].second.data(), after[t].second.data(), before[t].second.size() * sizeof(float)) != 0)
      out.push_back(before[t].first);
  return out;
}
bool begins(const std::string& name, const char* with) { return name.starts_with(with); }

/// A model whose running statistics differ from those of a new model.
template <class Backend = Nhwc>
Model<Net, Backend> pretrained(int workers = 1) {
  Model<Net, Backend> model{{.seed = 3, .threads = workers}};
  Random random{9, 0};
  for (const NamedTensor& tensor : model.tensors())
    if (tensor.name.ends_with("running_mean") || tensor.name.ends_with("running_var"))
      for (long i = 0; i < tensor.size(); i++)
        tensor.data[i] = random.uniform() + 0.5f * float(tensor.name.ends_with("running_var"));
  return model;
}

TrainOptions options_with(std::vector<Group> groups,
                          const Optimizer& optimizer = Sgd{.rate = 0.05, .momentum = 0.9, .l2 = 1e-3, .decay = 1e-3}) {
  return {.epochs = 2, .batch = 16, .optimizer = optimizer, .groups = std::move(groups)};
}

/// The names of the tensors that a training with these options changes in a pretrained model, apart from input.*.
std::vector<std::string> changes_of(const TrainOptions& options) {
  auto model = pretrained();
  const Tensors before = tensors_of(model);
  CHECK(train(model, sets(), options).status == Status::complete);
  std::vector<std::string> out = changed(before, tensors_of(model));
  std::erase_if(out, [](const std::string& name) { return begins(name, "input."); });
  return out;
}

}  // namespace

TEST_CASE("rate 0 freezes the group, whatever the optimizer, and nothing else") {
  for (const Optimizer& optimizer :
       {Optimizer(Sgd{.rate = 0.05, .momentum = 0.9, .l2 = 1e-3, .decay = 1e-3}), Optimizer(matlab_sgdm(0.05)),
        Optimizer(Adam{.rate = 0.01}), Optimizer(AdamW{.rate = 0.01, .decay = 0.1}),
        Optimizer(Lamb{.rate = 0.01, .decay = 0.1})}) {
    TrainOptions options = options_with({{.prefix = "back", .rate = 0}}, optimizer);
    const std::vector<std::string> names = changes_of(options);
    CHECK(names == std::vector<std::string>{"back2.0.conv.weight", "back2.0.conv.bias", "back2.0.norm.weight",
                                            "back2.0.norm.bias", "head.weight", "head.bias", "back.norm.running_mean",
                                            "back.norm.running_var", "back2.0.norm.running_mean",
                                            "back2.0.norm.running_var"});
  }
}

TEST_CASE("a prefix is whole parts of names, down to one tensor") {
  const auto frozen = [](const char* prefix) {
    std::vector<std::string> names = changes_of(options_with({{.prefix = prefix, .rate = 0}}));
    std::vector<std::string> out;
    auto model = pretrained();
    for (const auto& [name, numbers] : tensors_of(model))
      if (std::find(names.begin(), names.end(), name) == names.end() && !begins(name, "input.")) out.push_back(name);
    return out;
  };
  CHECK(frozen("back").size() == 4);
  CHECK(frozen("back.norm") == std::vector<std::string>{"back.norm.weight", "back.norm.bias"});
  CHECK(frozen("back2.0.conv.weight") == std::vector<std::string>{"back2.0.conv.weight"});
}

TEST_CASE("parts are frozen by their path, or all but some") {
  const std::vector<std::string> head = {"head.weight", "head.bias"};
  std::vector<std::string> all_but_back = {
      "back2.0.conv.weight", "back2.0.conv.bias", "back2.0.norm.weight",       "back2.0.norm.bias",
      "head.weight",         "head.bias",         "back2.0.norm.running_mean", "back2.0.norm.running_var"};
  CHECK(changes_of(options_with({frozen("back")})) == all_but_back);
  CHECK(changes_of(options_with({frozen("back"), frozen("back2")})) == head);
  CHECK(changes_of(options_with({frozen_except({"head"})}, Adam{.rate = 0.01})) == head);
  CHECK(changes_of(options_with({frozen_except({"back2", "head"})})) == all_but_back);
  CHECK(changes_of(options_with({frozen_except({"back2.0.conv", "head.bias"}), {.prefix = "head.bias", .rate = 2}})) ==
        std::vector<std::string>{"back2.0.conv.weight", "back2.0.conv.bias", "head.bias"});
  CHECK(changes_of(options_with({frozen("head")})).size() == 12);  // it has no statistics to keep
  CHECK(changes_of(options_with({{.prefix = "back2", .rate = 0, .except = {"back2.0.norm"}}})).size() == 12);
  TrainOptions whole = options_with({frozen_except({"head"})});
  whole.statistics = Statistics::population, whole.micro_batch = 7;
  CHECK(changes_of(whole) == head);
}

TEST_CASE("a frozen group leaves the optimizer's state alone") {
  auto model = pretrained();
  const auto learner = learner_of(model, 12, Adam{.rate = 0.05}, false, {{.prefix = "back2", .rate = 0}});
  learner->put();
  std::vector<std::int32_t> index(12);
  std::iota(index.begin(), index.end(), 0);
  const Batch batch = sets().train.batch(index.data(), 12);
  learner->stage(batch.images, batch.labels), learner->launch({}), learner->finish();
  CHECK(learner->update(0.05) == Updated::yes);
  learner->fetch();
  const Floats& state = learner->state();
  constexpr auto& net = lowered<Net>;
  bool moves = false;
  for (int t = 0; t < net.parameter_count; t++)
    for (int i = 0; i < net.parameters[t].size; i++) {
      const float first = state[std::size_t(net.parameters[t].offset + i)];
      if (begins(net.layers[net.parameters[t].layer].path, "back2.")) REQUIRE(first == 0);
      else moves = moves || first != 0;
    }
  CHECK(moves);
}

TEST_CASE("the gradients of what is frozen count in no norm") {
  TrainOptions options =
      options_with({{.prefix = "back", .rate = 0}, {.prefix = "back2", .rate = 0}}, Sgd{.rate = 1., .momentum = 0});
  options.epochs = 1, options.batch = 60, options.clip.norm = 1e-3;
  auto model = pretrained();
  const Tensors before = tensors_of(model);
  train(model, sets().train, options);
  const Tensors after = tensors_of(model);
  double moved = 0;
  for (std::size_t t = 0; t < before.size(); t++)
    if (begins(before[t].first, "head."))
      for (std::size_t i = 0; i < before[t].second.size(); i++)
        moved += std::pow(double(after[t].second[i]) - double(before[t].second[i]), 2);
  CHECK(relative_error(std::sqrt(moved), 1e-3) <= 1e-5);  // weights a thousand times larger than the move are rounded
}

TEST_CASE("a group at a tenth of the rate moves a tenth as far, also layer by layer") {
  for (const Optimizer& optimizer :
       {Optimizer(Sgd{.rate = 0.5, .momentum = 0}), Optimizer(Lamb{.rate = 0.5, .decay = 0})}) {
    const auto moved = [&](std::vector<Group> groups) {
      TrainOptions options = options_with(std::move(groups), optimizer);
      options.epochs = 1, options.batch = 60;
      auto model = pretrained();
      const Tensors before = tensors_of(model);
      train(model, sets().train, options);
      Tensors out = tensors_of(model);
      for (std::size_t t = 0; t < out.size(); t++)
        for (std::size_t i = 0; i < out[t].second.size(); i++) out[t].second[i] -= before[t].second[i];
      return out;
    };
    const Tensors all = moved({}), slow = moved({{.prefix = "back", .rate = 0.1}, {.prefix = "head", .rate = 2}});
    for (std::size_t t = 0; t < all.size(); t++) {
      if (begins(all[t].first, "input.") || all[t].first.find("running") != std::string::npos) continue;
      const double factor = begins(all[t].first, "back.") ? 0.1 : begins(all[t].first, "head.") ? 2 : 1;
      INFO(all[t].first);
      std::vector<double> expected(all[t].second.begin(), all[t].second.end());
      for (double& d : expected) d *= factor;
      CHECK(relative_distance(slow[t].second.data(), expected.data(), long(expected.size())) <= 1e-5);
    }
  }
}

TEST_CASE("kept statistics stay bit for bit on every back end, and inference uses them") {
  const auto run = []<class Backend>(Backend*, std::vector<Group> groups, Statistics statistics, int micro_batch) {
    auto model = pretrained<Backend>();
    const Tensors before = tensors_of(model);
    TrainOptions options = options_with(std::move(groups), Sgd{.rate = 0.02});
    options.statistics = statistics, options.micro_batch = micro_batch, options.epochs = 4;
    const Run run = train(model, sets(), options);
    CHECK(run.history.back().loss < run.history.front().loss);
    CHECK(evaluate(model, sets().validation).loss == run.validation.loss);
    std::vector<std::string> out;
    for (const std::string& name : changed(before, tensors_of(model)))
      if (name.find("running") != std::string::npos) out.push_back(name);
    return std::pair(out, tensors_of(model));
  };
  const std::vector<Group> both = {{.prefix = "back", .keeps_statistics = true},
                                   {.prefix = "back2", .rate = 0.5, .keeps_statistics = true}};
  const std::vector<Group> first = {{.prefix = "back", .rate = 0, .keeps_statistics = true}};
  const std::vector<std::string> others = {"back2.0.norm.running_mean", "back2.0.norm.running_var"};
  for (const Statistics statistics : {Statistics::moving, Statistics::population})
    for (const int micro_batch : {0, 7}) {
      const auto [none, by_node] = run(static_cast<Nhwc*>(nullptr), both, statistics, micro_batch);
      CHECK(none.empty());
      CHECK(run(static_cast<Nhwc*>(nullptr), first, statistics, micro_batch).first == others);
      const auto [in_lanes, by_group] = run(static_cast<Lanes*>(nullptr), both, statistics, micro_batch);
      CHECK(in_lanes.empty());
      CHECK(run(static_cast<Lanes*>(nullptr), first, statistics, micro_batch).first == others);
      const auto [naive, oracle] = run(static_cast<Reference*>(nullptr), both, statistics, micro_batch);
      CHECK(naive.empty());
      for (std::size_t t = 0; t < oracle.size(); t++)
        // Float against double, over the updates of four epochs.
        for (const Tensors* given : {&by_node, &by_group}) CHECK(tensor_distance(*given, oracle, t) <= 5e-6);
    }
}

TEST_CASE("where all statistics are kept, micro-batches are the batch") {
  const auto run = [](int micro_batch) {
    TrainOptions options =
        options_with({{.prefix = "back", .keeps_statistics = true}, {.prefix = "back2", .keeps_statistics = true}},
                     Sgd{.rate = 0.02});
    options.micro_batch = micro_batch;
    auto model = pretrained();
    train(model, sets().train, options);
    return tensors_of(model);
  };
  const Tensors whole = run(0), parts = run(5);
  for (std::size_t t = 0; t < whole.size(); t++) CHECK(tensor_distance(parts, whole, t) <= 5e-6);
}

TEST_CASE("the number of threads changes no bit") {
  const auto run = [](int workers) {
    auto model = pretrained(workers);
    TrainOptions options = options_with(
        {{.prefix = "back", .rate = 0.1, .keeps_statistics = true}, {.prefix = "head", .rate = 3}}, Lamb{.rate = 0.01});
    options.clip.norm = 0.5;
    train(model, sets().train, options);
    return tensors_of(model);
  };
  const Tensors one = run(1);
  CHECK(changed(one, run(3)).empty());
}

TEST_CASE("invalid groups are refused and leave the model as it was") {
  auto model = pretrained();
  const Tensors before = tensors_of(model);
  const auto says = [&](const std::vector<Group>& groups, const auto&... part) {
    const bool told = refuses([&] { train(model, sets(), options_with(groups)); }, "train: ", part...);
    return told && refuses([&] { learner_of(model, 4, Sgd{}, false, groups); }, "learner_of: ", part...);
  };
  CHECK(says({{.prefix = "trunk"}},
             "groups[0] has the prefix 'trunk', but no parameter's name begins with it: the first is "
             "'back.conv.weight'; give whole parts of names"));
  CHECK(says({{.prefix = "bac"}},
             "groups[0] has the prefix 'bac', but no parameter's name begins with it: the nearest "
             "is 'back'; give whole parts of names"));
  CHECK(says({frozen("back2.conv")}, "has the prefix 'back2.conv'", "the nearest is 'back.conv'"));
  CHECK(says({frozen_except({"head", "hed"})},
             "groups[0] ('') excepts 'hed', but none of its parameters' names begins with it: the nearest is 'head'"));
  CHECK(says({{.prefix = "back", .except = {"back2"}}}, "groups[0] ('back') excepts 'back2', but none of its"));
  CHECK(says({{.prefix = "back", .except = {"back"}}},
             "groups[0] has the prefix 'back', but no parameter's name begins"));
  CHECK(says({frozen_except({""})}, "excepts ''"));
  CHECK(says({{.prefix = "back."}}, "groups[0] has the prefix 'back.'"));
  CHECK(says({{.prefix = "input"}}, "groups[0] has the prefix 'input'"));  // no optimizer changes its numbers
  CHECK(says({{.prefix = "back.norm.running_mean"}}, "no parameter's name begins"));
  CHECK(says({{.prefix = "head"}, {.prefix = ""}},
             "groups[1] has an empty prefix; give the first parts of its tensors' names"));
  CHECK(says({{.prefix = "back"}, {.prefix = "back.norm", .rate = 2}},
             "groups[1] ('back.norm') and groups[0] ('back') both have the tensor 'back.norm.weight'; give groups that "
             "have no tensor in common"));
  CHECK(says({{.prefix = "back.norm"}, {.prefix = "back"}}, "both have the tensor 'back.norm.weight'"));
  CHECK(says({{.prefix = "back"}, {.prefix = "back"}}, "both have the tensor 'back.conv.weight'"));
  for (const double rate : {-1., -1e-30, double(NAN), double(INFINITY), 1e13, 1e-13})
    CHECK(says({{.prefix = "back", .rate = rate}}, "; give 0 or a number from 1e-12 to 1e12"));
  CHECK(says({{.prefix = "back", .rate = -0.5}}, "groups[0] ('back') has the rate -0.5"));
  CHECK(says({{.prefix = "head", .keeps_statistics = true}},
             "groups[0] ('head') keeps statistics but has no batch norm; leave keeps_statistics at false"));
  CHECK(says({{.prefix = "back.norm.weight", .keeps_statistics = true}}, "has no batch norm"));
  CHECK(says({{.prefix = "back", .rate = 0}, {.prefix = "back2", .rate = 0}, {.prefix = "head", .rate = 0}},
             "so nothing would be learned"));
  CHECK(changed(before, tensors_of(model)).empty());
}

TEST_CASE("a checkpoint is resumed with the groups it was written with, and only with those") {
  testing::TemporaryFolder folder;
  const std::vector<Group> groups = {{.prefix = "back", .rate = 0.1, .keeps_statistics = true},
                                     {.prefix = "head", .rate = 10}};
  const auto run = [&](int epochs, std::vector<Group> own, Resume resume) {
    auto model = pretrained();
    TrainOptions options = options_with(std::move(own));
    options.epochs = epochs, options.checkpoints = {.path = folder / "c", .resume = resume};
    train(model, sets(), options);
    return tensors_of(model);
  };
  const Tensors whole = run(4, groups, Resume::no);
  run(2, groups, Resume::no);
  for (const std::vector<Group>& other :
       {std::vector<Group>{{.prefix = "back", .rate = 0.1}, {.prefix = "head", .rate = 10}},
        std::vector<Group>{{.prefix = "back", .rate = 0.2, .keeps_statistics = true}, {.prefix = "head", .rate = 10}},
        std::vector<Group>{{.prefix = "back", .rate = 0.1, .keeps_statistics = true}}})
    CHECK(refuses([&] { run(4, other, Resume::yes); },
                  "was written with groups back at 0.1, statistics kept; head at 10, and this training has back at"));
  CHECK(refuses([&] { run(4, {}, Resume::yes); },
                "was written with groups back at 0.1, statistics kept; head at 10, and this training has none"));
  CHECK(changed(whole, run(4, groups, Resume::yes)).empty());
  run(2, {}, Resume::no);
  for (const Condition& condition : training::detail::conditions_of(options_with({}), 16))
    CHECK(condition.name != "groups");
  CHECK(refuses([&] { run(4, groups, Resume::yes); }, "was written without groups, and this training has back at 0.1"));
  run(4, {}, Resume::yes);
  run(2, {frozen_except({"head", "back2.0"})}, Resume::no);
  CHECK(refuses([&] { run(4, {frozen_except({"head"})}, Resume::yes); },
                "was written with groups all except head and back2.0 at 0, statistics kept, and this training has all "
                "except head at 0, statistics kept"));
}

}  // namespace train_groups
