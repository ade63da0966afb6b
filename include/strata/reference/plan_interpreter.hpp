// SPDX-License-Identifier: MIT
// What plan.hpp executes a plan with: where each value is kept, what happens before and after a node's images, and what
// is fused into a node. plan.hpp has what each op computes.
#pragma once

#include <strata/core/divide.hpp>
#include <strata/graph/op_traits.hpp>
#include <strata/graph/weight_view.hpp>
#include <strata/reference/batch_norm.hpp>
#include <strata/reference/channel_window.hpp>
#include <strata/reference/elementwise.hpp>
#include <strata/reference/group_norm.hpp>
#include <strata/reference/linear.hpp>
#include <strata/reference/maximum.hpp>
#include <strata/reference/pools.hpp>
#include <strata/reference/prelu.hpp>
#include <strata/reference/rearrange.hpp>
#include <strata/reference/resample.hpp>
#include <strata/reference/resize_taps.hpp>
#include <strata/reference/run.hpp>
#include <strata/reference/scale.hpp>

#include <limits>

namespace strata::reference {

class PlanInterpreter {
 public:
  using Input = graph::Input;
  using Op = graph::Op;
  using Node = graph::Node;

  PlanInterpreter(const PlanView& plan, Memory memory, Run& run)
      : plan_(plan), run_(run), planned_(memory == Memory::planned) {
    const double unwritten = std::numeric_limits<double>::quiet_NaN();
    moments_.resize(std::size_t(plan.count));
    for (int i = 0; i < plan.count; i++)
      if (plan.nodes[i].op == Op::loss)
        loss_scales_[plan.nodes[i].port] =
            core::loss_scale(run.options, term_of(plan.nodes[i]), run.images.count, labels_of(plan.nodes[i]),
                             plan.nodes[i].mid.pixels(), plan.nodes[i].mid.channels);
    by_group_ = planned_ && plan.layout.by_group;
    lanes_ = by_group_ ? plan.layout.lanes : run.images.count;
    if (planned_) {
      const int groups = core::ceil_divide(run.images.count, lanes_);
      fixed_.assign(std::size_t(plan.fixed), unwritten);
      frames_.assign(std::size_t(groups * lanes_ * plan.frame), unwritten);
      scratch_.assign(std::size_t(lanes_ * plan.scratch), unwritten);
      return;
    }
    values_.resize(std::size_t(plan.count));
    for (int i = 0; i < plan.count; i++)
      if (graph::extent(plan.nodes[i].op) != graph::Extent::none)
        values_[std::size_t(i)].assign(std::size_t(plan.nodes[i].out.size() * (is_batch(i) ? 1 : run.images.count)),
                                       unwritten);
  }

  void execute() {
    if (plan_.result >= 0 && plan_.nodes[plan_.result].op != Op::loss)
      run_.result.resize(std::size_t(run_.images.count * graph::result_floats(plan_)));
    for (int phase = 0, first = 0, last = 0; phase < plan_.phases; phase++, first = last) {
      while (last < plan_.count && plan_.phase[last] == phase) last++;
      for (int i = first; i < last; i++) begin(i);
      for (int group = 0; group < run_.images.count; group += lanes_) {
        scratch_.assign(scratch_.size(), std::numeric_limits<double>::quiet_NaN());
        for (int i = first; i < last; i++)
          for (int n = group; n < group + lanes_ && n < run_.images.count; n++) compute(i, n);
      }
      for (int i = first; i < last; i++) finish(i);
    }
  }

 private:
  bool is_batch(int i) const { return graph::extent(plan_.nodes[i].op) == graph::Extent::batch; }

  /// The value of node i for image n, or for the whole batch. Lanes of a group are consecutive.
  Map value(int i, int n) {
    const graph::Place& place = plan_.places[i];
    const Shape shape = plan_.nodes[i].out;
    if (!planned_) return {values_[std::size_t(i)].data() + (is_batch(i) ? 0 : n * shape.size()), shape};
    if (place.storage == graph::Storage::fixed) return {fixed_.data() + place.offset, shape};
    const int lane = n % lanes_;
    if (place.storage == graph::Storage::scratch)
      return {scratch_.data() + place.offset * lanes_ + lane * place.size, shape};
    if (!by_group_) return {frames_.data() + n * plan_.frame + place.offset, shape};
    return {frames_.data() + (n / lanes_ * plan_.frame + place.offset) * lanes_ + lane * place.size, shape};
  }
  const double* parameter(int offset) const { return offset < 0 ? nullptr : run_.parameters + offset; }
  double* gradient(int offset) const { return offset < 0 ? nullptr : run_.gradients + offset; }
  /// The node's own weights, in the layout of a layer of its shape, if it uses part of a layer's weights; else empty.
  Doubles part_of_weights(const Node& node) const {
    Doubles own(node.weight_part.inputs > 0 ? std::size_t(weights_of(node)) : 0);
    if (!own.empty())
      for_each_weight(node,
                      [&](long mine, long layer) { own[std::size_t(mine)] = run_.parameters[node.weights + layer]; });
    return own;
  }
  static long weights_of(const Node& node) {
    return long(graph::outer_channels(node)) * graph::inner_channels(node) * node.window.taps();
  }
  template <class Visit>
  static void for_each_weight(const Node& node, Visit visit) {
    const graph::WeightView view = graph::weight_view(node);
    long mine = 0;
    for (int a = 0; a < graph::outer_channels(node); a++)
      for (int b = 0; b < graph::inner_channels(node); b++)
        for (int tap = 0; tap < node.window.taps(); tap++) visit(mine++, view.at(a, b, tap));
  }
  double apply(const Node& node, double x) const {
    return node.epilogue.functor < 0 ? x : run_.functors[node.epilogue.functor].f(x);
  }

  /// Before the first image: initializes reductions.
  void begin(int i) {
    const Node& node = plan_.nodes[i];
    if (node.op == Op::batch_statistics) moments_[std::size_t(i)] = Moments(node.in.channels);
    if (node.op == Op::normalize_reductions) {
      const Map sums = value(i, 0);
      for (long e = 0; e < sums.size(); e++) sums[e] = 0;
    }
  }

  /// After the last image: finishes reductions and keeps the result.
  void finish(int i) {
    const Node& node = plan_.nodes[i];
    if (node.op == Op::batch_statistics && graph::keeps_statistics(node, run_.options.kept)) {
      running_statistics(run_.buffers + node.buffers, node.in.channels, node.epsilon, value(i, 0).data);
    } else if (node.op == Op::batch_statistics) {
      const Moments& moments = moments_[std::size_t(i)];
      inverse_deviations(moments, node.epsilon, value(i, 0).data);
      move_statistics(moments, run_.options.momentum < 0 ? node.momentum : run_.options.momentum,
                      run_.buffers + node.buffers);
    }
    if (node.op == Op::normalize_reductions) {
      const int channels = node.mid.channels;
      const Map sums = value(i, 0);
      for (int c = 0; c < channels && !node.frozen; c++) {
        gradient(node.bias)[c] += sums[c];
        gradient(node.weights)[c] += sums[channels + c];
      }
      for (long e = 0; e < sums.size() && graph::keeps_statistics(node, run_.options.kept); e++) sums[e] = 0;
    }
    if (!run_.result.empty() && graph::extent(node.op) == graph::Extent::image && !by_group_)
      for (int n = 0; n < run_.images.count; n++) keep_result(i, n);
  }
  /// Keeps the value of node i if it is the result of heads.
  void keep_result(int i, int n) {
    double* to = run_.result.data();
    for (int head = 0; head < graph::result_count(plan_); head++) {
      const int result = graph::result_of(plan_, head);
      const Shape shape = plan_.nodes[result].out;
      if (result == i) copy(value(i, n), {to + n * shape.size(), shape});
      to += run_.images.count * shape.size();
    }
  }

  /// Where the main operation of node i writes z, which the epilogue turns into y: to y if y is in the place of one of
  /// these inputs, else to `own`. Only a residual of resize_taps may be y itself and is still read after z: a kernel
  /// adds it to an element of z before it writes that element.
  Map before_epilogue(const Node& node, const Map* inputs, Map y, Doubles& own) const {
    for (int k = 0; k < node.inputs.count; k++) {
      if (node.op == Op::resize_taps && node.inputs.names[k] == Input::residual) continue;
      if (inputs[k].data == y.data && node.mid == y.shape) return y;
    }
    own.resize(std::size_t(node.mid.size()));
    return {own.data(), node.mid};
  }

  /// What follows the main operation inside a node: folded batch norm, residual, functor, pool. z has shape mid.
  void epilogue(const Node& node, int n, Map z, Map y) {
    if (node.folded.present) {
      const double *running = run_.buffers + node.folded.buffers, *scale = parameter(node.folded.scale),
                   *shift = parameter(node.folded.shift);
      const int channels =
          z.shape.channels / std::max(1, node.weight_part.taps);  // one scale per channel for all taps, no shift
      for (long e = 0; e < z.size(); e++) {
        const long c = e / z.shape.pixels() % channels;
        const double slope = (scale ? scale[c] : 1) / std::sqrt(running[channels + c] + node.folded.epsilon);
        z[e] = node.weight_part.taps > 0 ? slope * z[e] : slope * (z[e] - running[c]) + (shift ? shift[c] : 0);
      }
    }
    if (node.inputs.has(Input::residual)) add(value(node.inputs[Input::residual], n), z);
    for (long e = 0; e < z.size(); e++) z[e] = apply(node, z[e]);
    if (node.epilogue.pools) max_pool(node.epilogue.pool, z, y);
    else copy(z, y);
  }

  /// dz = unpool(dy) f'(z) of a normalize, with z recomputed from x.
  Doubles normalized_gradient(const Node& node, Map dy, Map x, const double* statistics) {
    Doubles z(std::size_t(x.size())), activated(z.size()), dz(z.size());
    normalize(statistics, parameter(node.weights), parameter(node.bias), x, {z.data(), x.shape});
    for (std::size_t e = 0; e < z.size(); e++) activated[e] = apply(node, z[e]);
    if (node.epilogue.pools)
      max_pool_gradient(node.epilogue.pool, dy, {activated.data(), x.shape}, {dz.data(), x.shape});
    else copy(dy, {dz.data(), x.shape});
    if (node.epilogue.functor >= 0)
      for (std::size_t e = 0; e < z.size(); e++) dz[e] *= run_.functors[node.epilogue.functor].slope(z[e]);
    return dz;
  }

  const Labels& labels_of(const Node& loss) const { return core::head_of(run_.labels, loss.port); }
  core::LossTerm term_of(const Node& loss) const { return core::loss_term(run_.options, labels_of(loss), loss.port); }

  static Shape enlarged(const Node& node) {
    return {node.in.height * node.factor, node.in.width * node.factor, node.in.channels};
  }

  /// scores = crop(resize(x)), of shape mid: what softmax and loss read.
  void resized_scores(const Node& node, Map x, Map scores) {
    Doubles full(std::size_t(enlarged(node).size()));
    resize(node.mode, node.factor, x, {full.data(), enlarged(node)});
    crop(node.offset_y, node.offset_x, {full.data(), enlarged(node)}, scores);
  }

  /// y = the gradient of the loss with respect to x; adds to the sums of the loss.
  void resized_loss(const Node& node, int n, Map x, Map y) {
    Doubles cropped(std::size_t(node.mid.size())), gradient(cropped.size()), full(std::size_t(enlarged(node).size()));
    const Map scores{cropped.data(), node.mid}, d_scores{gradient.data(), node.mid};
    resized_scores(node, x, scores);
    loss(term_of(node), labels_of(node), n, loss_scales_[node.port], scores, d_scores,
         node.port == 0 ? run_.sums : run_.more[node.port - 1]);
    crop_gradient(node.offset_y, node.offset_x, d_scores, {full.data(), enlarged(node)});
    resize_gradient(node.mode, node.factor, {full.data(), enlarged(node)}, y);
  }

  /// A node at one image, as its entry in the table computes it.
  struct At {
    PlanInterpreter& plan;
    int i, n;
    const Node& node;
    Map in[graph::max_inputs]{};      ///< x after the prologue
    Map y{}, z{};                     ///< the value; where the main operation writes, before the epilogue
    Doubles part{};                   ///< the node's own weights, if it uses part of a layer's
    const double* weights = nullptr;  ///< null: none

    Map input(graph::Input name) const { return node.inputs.has(name) ? in[node.inputs.index(name)] : Map{}; }
    Map x() const { return input(graph::Input::x); }
    Map dy() const { return input(graph::Input::dy); }
    Map group_statistics() const { return input(graph::Input::statistics); }
    const double* statistics() const { return input(graph::Input::statistics).data; }
    const double* bias() const { return plan.parameter(node.bias); }
    void finish() const { plan.epilogue(node, n, z, y); }
  };
  struct Table;
  void compute(int i, int n);

  const PlanView& plan_;
  Run& run_;
  bool planned_, by_group_ = false;
  int lanes_ = 1;
  double loss_scales_[graph::max_ports]{};
  std::vector<Moments> moments_;
  std::vector<Doubles> values_;
  Doubles fixed_, frames_, scratch_;
};

}  // namespace strata::reference
