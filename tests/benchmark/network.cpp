// SPDX-License-Identifier: MIT
// Small networks as the subjects of every kind of measurement. What is measured must be what a model computes.
#include <strata/benchmark.hpp>
#include <strata/benchmark/case_names.hpp>
#include <strata/benchmark/measure.hpp>
#include <strata/benchmark/network_list.hpp>
#include <strata/benchmark/node_alone.hpp>
#include <strata/benchmark/node_roof.hpp>
#include <strata/benchmark/tune.hpp>
#include <strata/cpu/cpu.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::benchmarks;
using namespace strata::testing;

namespace {

/// Residuals and batch norms, which nodes compute in place.
using Small = Network<Image<12, 12, 3>, Conv<3, 16>, BatchNorm, ReLU, MaxPool<2>,
                      Residual<Sequential<Conv<3, 16>, BatchNorm>>, ReLU, Dropout<>, Dense<4>, Softmax>;
using Scores = Network<Image<4, 4, 1>, Dense<2>>;
/// Two sources and three heads.
using Policy = Network<strata::Inputs<Source<"picture", Image<6, 6, 2>>, Source<"tone", Image<1, 1, 2>>>, Conv<3, 8>,
                       ReLU, GlobalAvgPool, Concat<Identity, From<"tone">>,
                       Outputs<Head<"class", Dense<3>, Softmax>, Head<"values", Dense<2>>,
                               OnlyInTraining<Head<"aux", Dense<3>, Softmax>>>>;

STRATA_BENCHMARK(Small, Reference);
STRATA_BENCHMARK_NAMED("no softmax", Scores);
STRATA_BENCHMARK(Policy, Reference);

const Subject& infers = *find("Small/inference")[0];
const Subject& trains = *find("Small/training")[0];

/// The same subject, always by node.
Subject by_nodes(Subject subject) {
  subject.groups = nullptr;
  return subject;
}

/// Gradients of a step that a back end computes.
template <class Training>
std::vector<float> gradients_of(const benchmarks::Inputs& inputs, int images, core::Workers& workers) {
  Training program(images, workers);
  core::Floats buffers = inputs.buffers;
  std::vector<float> gradients(inputs.parameters.size());
  program.step(inputs.parameters.data(), buffers.data(), inputs.images(), inputs.labels(), gradients.data(),
               inputs.options());
  return gradients;
}

bool are_equal(const core::Floats& a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

TEST_CASE("a declaration adds a network's uses under its spelled name") {
  REQUIRE(subjects().size() == 5);
  CHECK(find("Small").size() == 2);
  CHECK(find("no softmax").size() == 1);
  CHECK(find("no softmax")[0]->name() == "no softmax/inference");
  CHECK(infers.macs == macs<Small>);
  CHECK(infers.parameter_floats == parameters<Small>);
  CHECK(infers.in_lanes(1024) == cpu::prefers_lanes<Small>());
  CHECK(!infers.in_lanes(1));
  CHECK(refuses([] { find("Large"); }, "there is no network 'Large'; choose one of Small/inference, Small/training"));
  CHECK_NOTHROW(check_names());
  add(subjects().front());
  CHECK(refuses([] { check_names(); }, "two networks are named 'Small'; give one of them another name"));
  subjects().pop_back();
  const std::string list = network_list(subjects());
  CHECK(list.find("Small/training") != list.npos);
  CHECK(list.find("lanes, nhwc, reference, Reference") != list.npos);
}

TEST_CASE("cases: every node, and the whole on every back end") {
  std::set<std::string> names;
  for (const NetworkCase& c : cases_of(subjects(), {32}, {1, 2})) CHECK(names.insert(name_of(c)).second);
  for (const char* name :
       {"Small/inference/whole/lanes/batch:32/threads:1", "Small/training/whole/nhwc/batch:32/threads:2",
        "Small/training/whole/Reference/batch:32/threads:1",
        "no softmax/inference/node:0 input input/batch:32/threads:2"})
    CHECK_MESSAGE(names.count(name) == 1, name);
  for (const Subject& subject : subjects()) {
    const auto nodes = std::count_if(names.begin(), names.end(), [&](const std::string& name) {
      return name.starts_with(subject.name() + "/node:") && name.ends_with("threads:2");
    });
    CHECK(nodes == subject.node_count(32));
  }
  const RivalLibrary rival{.name = "other 1.0",
                           .has = [](const graph::Node& node) { return node.op == graph::Op::convolution; },
                           .make = [](const graph::Node*, int, int, bool) { return std::unique_ptr<Rival>(); }};
  int by_rival = 0;
  for (const NetworkCase& c : cases_of(subjects(), {32}, {1, 2}, rival)) {
    if (c.rival.empty()) continue;
    by_rival++;
    CHECK(c.threads == 2);
    CHECK(name_of(c).find("/other 1.0/batch:32") != std::string::npos);
  }
  CHECK(by_rival >= 4);
}

TEST_CASE("names on a page lack what all have in common") {
  std::vector<std::string> names{"A/training/node:1 dense 0/batch:8/threads:2",
                                 "A/training/node:2 loss/x 1/batch:8/threads:2"};
  CHECK(shorten(names) == "A/training/batch:8/threads:2");
  CHECK(names == std::vector<std::string>{"node:1 dense 0", "node:2 loss/x 1"});
  names = {"A/training/node:1 dense 0/batch:8/threads:2", "B/training/node:1 dense 0/batch:8/threads:2"};
  CHECK(shorten(names) == "batch:8/threads:2");
  CHECK(names == std::vector<std::string>{"A/training/node:1 dense 0", "B/training/node:1 dense 0"});
  names = {"A/training/node:1 dense 0/batch:8/threads:2", "A/training/node:1 dense 0/batch:1/threads:2"};
  CHECK(shorten(names) == "A/training");
  CHECK(names == std::vector<std::string>{"node:1 dense 0/batch:8/threads:2", "node:1 dense 0/batch:1/threads:2"});
}

template <class Net>
void check_inference(const Subject& infers) {
  core::Workers workers(2);
  for (const int images : {1, 40}) {
    const benchmarks::Inputs inputs(infers, images);
    Model<Net> model{{.workers = &workers}};
    std::copy(inputs.parameters.begin(), inputs.parameters.end(), model.parameters().data());
    std::copy(inputs.buffers.begin(), inputs.buffers.end(), model.buffers().data());
    const core::Floats expected = model.predict(inputs.images());
    benchmarks::Times times(infers.node_count(images));
    if (infers.in_lanes(images)) {
      benchmarks::detail::ClockedGroups groups(infers, inputs, images, workers);
      benchmarks::detail::inference_step(groups);
      CHECK(are_equal(expected, groups.result));
    }
    clocked_step(infers, inputs, images, workers)(times);
    CHECK(times.whole > 0);
    CHECK(*std::min_element(times.run.begin(), times.run.end()) >= 0);
    for (const std::string& backend : backends_of(infers, images)) {
      const Call call = whole_network(infers, backend, inputs, images, workers);
      call(), call();
    }
  }
}

TEST_CASE("clocked steps compute what a model predicts") {
  check_inference<Small>(infers);
  check_inference<Policy>(*find("Policy/inference")[0]);
}

template <class Net>
void check_training(const Subject& trains) {
  const int images = 20;
  core::Workers workers(2);
  const benchmarks::Inputs inputs(trains, images);
  const Subject nodes_only = by_nodes(trains);
  benchmarks::detail::NodeOfImages nodes(nodes_only, inputs, images, workers);
  for (int i = 0; i < nodes_only.node_count(images); i++) nodes.prepare(i), nodes.run(3), nodes.prepare(i);
  nodes.prepare(0);  // leaves the last one
  const auto expected = gradients_of<cpu::nhwc::Training<Net>>(inputs, images, workers);
  CHECK(are_equal(nodes.program().gradients, expected));
  nodes.prepare(nodes_only.node_count(images) - 1);  // not in order
  CHECK(are_equal(nodes.program().gradients, expected));

  if (!trains.groups) return;
  benchmarks::detail::ClockedGroups step(trains, inputs, images, workers);
  benchmarks::detail::training_step(step);
  CHECK(are_equal(step.gradients, gradients_of<cpu::lanes::Training<Net>>(inputs, images, workers)));
  CHECK(step.sums.loss > 0);
  benchmarks::detail::NodeOfGroups groups(trains, inputs, images, workers);
  for (int i = 0; i < trains.groups->count; i++) groups.prepare(i), groups.run(2);
}

TEST_CASE("nodes that ran alone, many times each, leave the gradients of a step") {
  check_training<Small>(trains);
  check_training<Policy>(*find("Policy/training")[0]);
}

TEST_CASE("training steps of every back end run, and keep the parameters") {
  core::Workers workers(1);
  for (const Subject* subject : {&trains, find("Policy/training")[0]}) {
    const benchmarks::Inputs inputs(*subject, 4);
    const core::Floats before = inputs.parameters;
    for (const std::string& backend : backends_of(*subject, 4)) {
      const Call call = whole_network(*subject, backend, inputs, 4, workers);
      call(), call();
    }
    CHECK(before == inputs.parameters);
  }
}

TEST_CASE("work: products and traffic that follow from the shapes") {
  const Subject nodes = by_nodes(infers);
  const auto convolution = [&](int nth) {
    int i = 0;
    for (; nodes.nodes->nodes[i].op != graph::Op::convolution || nth-- > 0; i++) {
    }
    return i;
  };
  const Work first = work_of(nodes, convolution(0), 2);
  CHECK(first.effective == 2 * 12 * 12 * 16 * 27);
  CHECK(first.actual <= first.effective);  // some taps read padding
  const Work second = work_of(nodes, convolution(1), 2);
  CHECK(second.effective == 2 * 6 * 6 * 16 * 144);
  CHECK(second.bytes >= 4 * (9 * 16 * 16 + 2 * 2 * 6 * 6 * 16));

  const Peaks peaks{.gflops = 100, .memory = 10};
  const NodeRoof by_memory = roof_of(peaks, {.effective = 1e6, .actual = 1e6, .bytes = 1e9});
  CHECK(by_memory.roof.seconds == doctest::Approx(0.1));
  CHECK(by_memory.bytes == 1e9);
  const NodeRoof by_products = roof_of(peaks, {.effective = 1e9, .actual = 1e9, .bytes = 1e3});
  CHECK(by_products.roof.seconds == doctest::Approx(0.02));
  const NodeRoof own = roof_of(peaks, {.bytes = 1e9, .own_bytes = 9e8, .own_room = 1e3});
  CHECK(own.roof.seconds == doctest::Approx(0.09));
  double effective = 0;
  for (int i = 0; i < nodes.nodes->count; i++) effective += work_of(nodes, i, 3).effective;
  CHECK(whole_work(*nodes.nodes, 3, false, peaks).work.effective == effective);
}

TEST_CASE("a table has a row for every node, and sums") {
  Report report = measure(infers, {.images = 40, .threads = 1, .rounds = 3});
  CHECK(int(report.rows.size()) == infers.node_count(40));
  CHECK(report.whole > 0);
  CHECK(report.peaks.gflops > 0);
  const std::string text = print(report, false), markdown = print(report, true);
  CHECK(text.starts_with("Small/inference, batch 40, 1 thread, median of 3\nstep "));
  CHECK(text.find("12x12x3 > 6x6x16 3x3 pool 2") != text.npos);
  CHECK(markdown.starts_with("### Small/inference, batch 40"));
  CHECK(markdown.find("<details><summary>every node</summary>") != markdown.npos);
  report.rows[0].layer = "a, \"b\"";
  const std::string csv = csv_of(report);
  CHECK(csv.starts_with(
      "node,op,layer,shape,algorithm,run_seconds,pack_seconds,effective_flop,actual_flop,least_bytes,"));
  CHECK(csv.find(",\"a, \"\"b\"\"\",") != csv.npos);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == int(report.rows.size()) + 1);
}

TEST_CASE("--tune runs both algorithms of each 3x3 convolution, by node and in lanes") {
  for (const Subject& subject : {trains, by_nodes(trains)}) {
    const std::vector<Choice> choices = measure_choices(subject, {.images = 40, .threads = 1, .rounds = 3});
    REQUIRE(!choices.empty());
    for (const Choice& choice : choices) CHECK((choice.direct > 0 && choice.winograd > 0));
    const std::string text = print(choices, false);
    CHECK(text.find(" choices lose more than 3%") != text.npos);
  }
  CHECK(refuses([] { measure_choices(infers, {.images = 1, .threads = 1, .rounds = 1}); },
                "--tune: Small/inference with a batch of 1 runs kernels of fixed shape"));
}
