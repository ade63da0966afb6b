// SPDX-License-Identifier: MIT
// Both algorithms for every 3x3 convolution, next to the one that the library's cost model chose.
#pragma once

#include <strata/benchmark/clocked_step.hpp>
#include <strata/benchmark/measure.hpp>
#include <strata/benchmark/spread.hpp>
#include <strata/benchmark/work.hpp>
#include <strata/core/error.hpp>
#include <strata/report/table.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace strata::benchmarks {

/// A convolution that both algorithms compute. Medians in seconds, packing of weights included.
struct Choice {
  std::string op, layer;
  Work work;  ///< as chosen
  double direct = 0, winograd = 0;

  bool took_winograd() const { return work.algorithm == "Winograd"; }
  /// How much longer the chosen algorithm took than the other: 0.1 is 10%; negative: the choice was right.
  double loss() const { return took_winograd() ? winograd / direct - 1 : direct / winograd - 1; }
};

namespace detail {

/// A plan that is known at run time only, as the passes that choose read it.
struct PlanView {
  static constexpr int capacity = 1024;
  const graph::Node* nodes;
  const graph::Place* places;
  const int* phase;
  int count;
};

/// A subject whose program has one algorithm for all convolutions that leave the choice.
class Altered {
 public:
  Altered(const Subject& from, int images, graph::Products products) : subject_(from) {
    const int count = from.node_count(images);
    if (count > PlanView::capacity)
      throw Error("--tune: ", from.name(), " has ", count, " nodes; --tune can handle at most ", PlanView::capacity);
    nodes_.assign(from.plan(images), from.plan(images) + count);
    for (graph::Node& node : nodes_)
      if (node.products == graph::Products::fewest) node.products = products;
    if (from.in_lanes(images)) alter_groups(products);
    else alter_nodes();
  }
  Altered(const Altered&) = delete;
  Altered& operator=(const Altered&) = delete;

  const Subject& subject() const { return subject_; }
  /// Whether node i runs Winograd's algorithm.
  bool is_winograd(int i) const {
    return subject_.groups == &groups_ ? groups_.algorithms[i] == cpu::lanes::Algorithm::winograd
                                       : program_.algorithms[i] == cpu::nhwc::Algorithm::winograd;
  }

 private:
  void alter_nodes() {
    program_ = *subject_.nodes;
    const PlanView plan{nodes_.data(), program_.places, nullptr, program_.count};
    const auto chosen = cpu::nhwc::choose(plan);
    const auto offsets = cpu::nhwc::offsets_of(plan, chosen, !subject_.training);
    algorithms_.assign(chosen.of, chosen.of + program_.count);
    packed_.assign(offsets.packed, offsets.packed + program_.count);
    program_.nodes = nodes_.data(), program_.algorithms = algorithms_.data(), program_.packed = packed_.data();
    program_.packed_floats = offsets.packed_floats, program_.folded_floats = offsets.folded_floats;
    program_.partial_floats = offsets.partial_floats, program_.workspace = offsets.workspace;
    subject_.nodes = &program_;
  }

  void alter_groups(graph::Products products) {
    groups_ = *subject_.groups;
    const PlanView plan{nodes_.data(), groups_.places, groups_.phase, groups_.count};
    chosen_ = std::make_unique<Chosen>(cpu::lanes::choose(plan));
    offsets_ = std::make_unique<Offsets>(cpu::lanes::offsets_of(plan, *chosen_));
    groups_.nodes = nodes_.data(), groups_.algorithms = chosen_->of;
    groups_.run = products == graph::Products::direct ? subject_.direct_runs : subject_.winograd_runs;
    groups_.pack = offsets_->pack;
    groups_.packed = offsets_->packed, groups_.packed_sizes = offsets_->packed_sizes;
    groups_.partial = offsets_->partial, groups_.partial_sizes = offsets_->partial_sizes;
    groups_.packed_floats = offsets_->packed_floats, groups_.folded_floats = offsets_->folded_floats;
    groups_.partial_floats = offsets_->partial_floats, groups_.workspace = offsets_->workspace;
    subject_.groups = &groups_;
  }

  using Chosen = cpu::Choices<cpu::lanes::Algorithm, PlanView::capacity>;
  using Offsets = cpu::lanes::Offsets<PlanView::capacity>;

  Subject subject_;
  std::vector<graph::Node> nodes_;
  std::vector<cpu::nhwc::Algorithm> algorithms_;
  std::vector<long> packed_;
  cpu::nhwc::Program program_;
  cpu::lanes::Program groups_;
  std::unique_ptr<Chosen> chosen_;
  std::unique_ptr<Offsets> offsets_;
};

/// Runs the steps in turn, round by round; rounds: 0: as MeasureOptions::rounds. Returns the median seconds
/// [step][node].
inline std::vector<std::vector<double>> medians_of(const std::vector<Step>& steps, int nodes, int rounds) {
  std::vector<std::vector<std::vector<double>>> all(steps.size(), std::vector<std::vector<double>>(std::size_t(nodes)));
  Times times(nodes);
  for (const Step& step : steps) step(times);  // warms up: touches the memory
  steps.front()(times);
  rounds = rounds_of(rounds, times.whole);
  for (int k = 0; k < rounds; k++)
    for (std::size_t s = 0; s < steps.size(); s++) {
      steps[s](times);
      for (std::size_t i = 0; i < all[s].size(); i++) all[s][i].push_back(times.run[i] + times.pack[i]);
    }
  std::vector<std::vector<double>> medians;
  for (auto& of_step : all) {
    medians.emplace_back();
    for (auto& of_node : of_step) medians.back().push_back(spread_of(std::move(of_node)).median);
  }
  return medians;
}

}  // namespace detail

/// Runs the subject by direct sums and by Winograd's tiles in turn. Throws Error where it runs kernels of fixed shape,
/// which leave no choice.
inline std::vector<Choice> measure_choices(const Subject& subject, const MeasureOptions& options) {
  const int images = options.images, count = subject.node_count(images);
  for (int i = 0; !subject.in_lanes(images) && i < count; i++)
    if (cpu::nhwc::traits(subject.nodes->algorithms[i]).fixed_shape)
      throw Error("--tune: ", subject.name(), " with a batch of ", images,
                  " runs kernels of fixed shape, which have no ", "choice of algorithm",
                  subject.groups ? "; give --batch " + core::decimal(subject.groups_from) + " or more" : "");
  core::Workers workers(options.threads);
  const Inputs inputs(subject, images);
  const detail::Altered direct(subject, images, graph::Products::direct),
      winograd(subject, images, graph::Products::winograd);
  const auto seconds = detail::medians_of({clocked_step(direct.subject(), inputs, images, workers),
                                           clocked_step(winograd.subject(), inputs, images, workers)},
                                          count, options.rounds);
  std::vector<Choice> choices;
  for (int i = 0; i < count; i++) {
    if (!winograd.is_winograd(i)) continue;  // only one algorithm is possible
    const graph::Node& node = subject.plan(images)[i];
    choices.push_back({graph::name(node.op), subject.layers[node.layer].path, work_of(subject, i, images),
                       seconds[0][std::size_t(i)], seconds[1][std::size_t(i)]});
  }
  return choices;
}

/// The choices, those that were wrong by more than the noise of a few percent, and what they cost in all.
inline std::string print(const std::vector<Choice>& choices, bool markdown) {
  constexpr double noise = 0.03;
  report::Table table;
  for (const char* title : {"layer", "op", "shape"}) table.columns.push_back({title, title, false});
  for (const char* title : {"direct ms", "Winograd ms"}) table.columns.push_back({title, title});
  table.columns.push_back({"chosen", "chosen", false});
  table.columns.push_back({"loses", "loses"});
  double taken = 0, best = 0;
  int wrong = 0;
  const auto milliseconds = [](double seconds) { return core::fixed(seconds * 1e3, 3); };
  for (const Choice& c : choices) {
    taken += c.took_winograd() ? c.winograd : c.direct;
    best += std::min(c.direct, c.winograd);
    wrong += c.loss() > noise;
    table.rows.push_back({c.layer, c.op, c.work.shape, milliseconds(c.direct), milliseconds(c.winograd),
                          c.took_winograd() ? "Winograd" : "direct",
                          c.loss() > noise ? detail::percent(c.loss()) : std::string()});
  }
  table.note = core::sentence(wrong, " of ", choices.size(), " choices lose more than ", detail::percent(noise),
                              "; all as chosen ", milliseconds(taken), " ms, with the better algorithm for each ",
                              milliseconds(best), " ms");
  return markdown ? report::markdown_of(table) : report::text_of(table);
}

}  // namespace strata::benchmarks
