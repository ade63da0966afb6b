// SPDX-License-Identifier: MIT
// The planned graph as work for the device: for each node the forms in which it can be computed, the most fused first. A form
// is a row of pieces, each a cuDNN graph or an own kernel; whoever builds them takes the first form whose graphs all have a
// plan on the device. The last form of every node asks for nothing but a bare convolution.
//
// Every linear layer is a convolution here: a dense layer is 1x1 over H W C channels, as its weights are stored [o][H W][C];
// a transposed convolution is the gradient of a convolution's input.
#pragma once

#include <strata/cuda/description.hpp>
#include <strata/graph/plan.hpp>

#include <algorithm>
#include <span>

namespace strata::cuda {

using graph::Node;
using graph::Op;

inline constexpr graph::Layout layout{.lanes = 1, .by_group = false, .align = 16};

/// A plan without its capacity.
struct PlanView {
  const Node* nodes = nullptr;
  const graph::Place* places = nullptr;
  int count = 0, result = -1;
  long frame = 0, fixed = 0;
};

template <int Capacity>
constexpr PlanView view(const graph::Plan<Capacity>& plan) {
  return {plan.nodes, plan.places, plan.count, plan.result, plan.frame, plan.fixed};
}

/// Memory that a tensor of a graph is bound to.
struct Operand {
  enum class Where : unsigned char {
    nothing,
    value,     ///< of node `node`
    weights,   ///< of node `node`, in the element of the precision, folded in inference
    bias,      ///< of node `node`, fp32, folded in inference
    gradient,  ///< of the parameter at `offset`
    scratch,   ///< bytes from `offset` of the form's scratch
  };
  Where where = Where::nothing;
  int node = -1;
  long offset = 0;
  bool operator==(const Operand&) const = default;
};

/// Own kernels beside the nodes' own.
enum class Work : unsigned char {
  graph,              ///< none: the piece is a cuDNN graph
  node,               ///< the whole node by its own kernel
  coefficients,       ///< scratch: scale[C], shift[C] of the node's prologue, fp32
  prologue,           ///< scratch: the node's first input behind its prologue
  epilogue,           ///< value = pool(functor(source + bias + residual))
  finish_statistics,  ///< batch value and running statistics of node `node` from sums[C], squares[C]
  bias_gradient,      ///< gradient of the node's bias: sum of dy over N, H, W
  widen_gradient      ///< gradient of the node's weights, fp32, from scratch, where it is in the element of the precision
};

struct Piece {
  Work work = Work::graph;
  int node = -1;
  GraphDescription graph{};
  std::vector<Operand> operands{};  ///< of the graph's tensors
  Operand from{}, to{};             ///< of own kernels that read or write scratch
};

struct Form {
  std::vector<Piece> pieces;
  long scratch_bytes = 0;  ///< beside the workspace of cuDNN and of own kernels
};

/// A node, or a convolution together with the statistics of its value.
struct Segment {
  int node = -1, statistics = -1;
  std::vector<Form> forms;
};

/// Bytes, so that everything behind them is aligned as cuDNN likes it.
constexpr long rounded_bytes(long bytes) { return (bytes + 255) / 256 * 256; }

/// What cuDNN computes: products of two tensors, one of them weights.
constexpr bool multiplies_weights(Op op) {
  switch (op) {
    case Op::convolution:
    case Op::depthwise_convolution:
    case Op::transposed_convolution:
    case Op::dense:
    case Op::convolution_input_gradient:
    case Op::depthwise_convolution_input_gradient:
    case Op::transposed_convolution_input_gradient:
    case Op::dense_input_gradient:
    case Op::convolution_weight_gradient:
    case Op::depthwise_convolution_weight_gradient:
    case Op::transposed_convolution_weight_gradient:
    case Op::dense_weight_gradient: return true;
    default: return false;
  }
}
constexpr bool is_weight_gradient(Op op) {
  return op == Op::convolution_weight_gradient || op == Op::depthwise_convolution_weight_gradient ||
         op == Op::transposed_convolution_weight_gradient || op == Op::dense_weight_gradient;
}
constexpr bool is_input_gradient(Op op) {
  return op == Op::convolution_input_gradient || op == Op::depthwise_convolution_input_gradient ||
         op == Op::transposed_convolution_input_gradient || op == Op::dense_input_gradient;
}
constexpr bool is_dense(Op op) { return op == Op::dense || op == Op::dense_input_gradient || op == Op::dense_weight_gradient; }
constexpr bool is_depthwise(Op op) {
  return op == Op::depthwise_convolution || op == Op::depthwise_convolution_input_gradient ||
         op == Op::depthwise_convolution_weight_gradient;
}
constexpr bool is_transposed(Op op) {
  return op == Op::transposed_convolution || op == Op::transposed_convolution_input_gradient ||
         op == Op::transposed_convolution_weight_gradient;
}

/// The convolution in a linear node: its input and output maps and its weights, whichever of them the node makes.
struct LinearShapes {
  Shape x, y;             ///< of the convolution: y = x * w
  Window window;
  long weight_inner = 0;  ///< channels of x that one weight meets
};

constexpr LinearShapes linear_shapes(const Node& node) {
  Shape from = node.in, to = is_weight_gradient(node.op) || is_input_gradient(node.op) ? node.out : node.mid;
  if (is_input_gradient(node.op)) std::swap(from, to);  // the layer's input, the layer's output
  LinearShapes s{from, to, node.window, from.channels};
  if (is_dense(node.op)) {
    s.x = {1, 1, int(from.size())}, s.y = {1, 1, to.channels}, s.window = Window{};
    s.weight_inner = from.size();
  }
  if (is_depthwise(node.op)) s.weight_inner = 1;
  if (is_transposed(node.op)) {
    std::swap(s.x, s.y);
    s.weight_inner = to.channels;
  }
  return s;
}

/// How the weights of a linear node are stored: PyTorch's [outer][inner][taps] as [outer][taps][inner].
struct WeightOrder {
  long offset = 0;
  int outer = 0, inner = 0, taps = 1;
  constexpr long size() const { return long(outer) * inner * taps; }
  constexpr bool operator==(const WeightOrder&) const = default;
};

constexpr WeightOrder weight_order(const Node& node) {
  const LinearShapes s = linear_shapes(node);
  if (is_dense(node.op)) {
    const Shape x = is_input_gradient(node.op) ? node.out : node.in;
    return {node.weights, s.y.channels, x.channels, x.pixels()};
  }
  return {node.weights, s.y.channels, int(s.weight_inner), s.window.taps()};
}

/// Writes the forms of one plan.
class Lowering {
 public:
  Lowering(const PlanView& plan, int batch, Precision precision) : plan_(plan), batch_(batch), precision_(precision) {}

  std::vector<Segment> run() {
    std::vector<Segment> segments;
    std::vector<bool> done(std::size_t(plan_.count), false);
    for (int i = 0; i < plan_.count; i++) {
      if (done[std::size_t(i)]) continue;
      Segment s{i, statistics_of(i), {}};
      if (s.statistics >= 0) done[std::size_t(s.statistics)] = true;
      forms_of(s);
      segments.push_back(std::move(s));
    }
    return segments;
  }

 private:
  using Where = Operand::Where;

  const Node& node(int i) const { return plan_.nodes[i]; }
  Element element() const { return precision_.element; }
  long bytes(Shape s) const { return rounded_bytes(batch_ * s.size() * bytes_of(element())); }

  /// The statistics of a convolution's value.
  int statistics_of(int i) const {
    if (!multiplies_weights(node(i).op) || is_weight_gradient(node(i).op) || is_input_gradient(node(i).op)) return -1;
    for (int j = i + 1; j < plan_.count; j++)
      if (node(j).op == Op::batch_statistics && node(j).inputs[0] == i) return j;
    return -1;
  }

  GraphTensor map(Shape s, Flow flow) const {
    return channels_innermost(batch_, s.channels, s.height, s.width, element(), flow);
  }
  static GraphTensor channels(long count, Flow flow) { return channels_innermost(1, count, 1, 1, Element::fp32, flow); }
  static GraphTensor weights(const LinearShapes& s, Element e, Flow flow) {
    return channels_innermost(s.y.channels, s.weight_inner, s.window.kernel_height, s.window.kernel_width, e, flow);
  }

  /// A graph under construction, with what its tensors are bound to.
  struct Draft {
    Piece piece;
    int bind(const GraphTensor& tensor, const Operand& operand) {
      piece.operands.push_back(operand);
      return piece.graph.add(tensor);
    }
    int internal(GraphTensor tensor) {
      tensor.flow = Flow::internal;
      tensor.element = Element::fp32;  // nothing is rounded between operations
      return bind(tensor, {});
    }
    void operation(const GraphOperation& op) { piece.graph.operations.push_back(op); }
    /// The tensor that the last operation made leaves the graph.
    void store(int tensor, const Operand& operand, Element e) {
      piece.graph.tensors[std::size_t(tensor)].flow = Flow::output;
      piece.graph.tensors[std::size_t(tensor)].element = e;
      piece.operands[std::size_t(tensor)] = operand;
    }
  };
  Draft draft(int i) const {
    Draft d;
    d.piece.node = i;
    d.piece.graph.compute = precision_.compute;
    return d;
  }
  static Piece kernel(Work work, int node, Operand from = {}, Operand to = {}) {
    Piece p;
    p.work = work, p.node = node, p.from = from, p.to = to;
    return p;
  }
  static GraphOperation sliding(GraphOp op, const Window& w) {
    GraphOperation o;
    o.op = op;
    o.pad_before = {w.pad_top, w.pad_left}, o.pad_after = {w.pad_bottom, w.pad_right};
    o.stride = {w.stride_height, w.stride_width}, o.dilation = {w.dilation_height, w.dilation_width};
    return o;
  }

  /// What stands before the product: the first input as it is, made by a kernel in scratch, or changed inside the graph.
  enum class Before : unsigned char { as_it_is, by_kernel, in_graph };

  /// Adds the tensor of the node's first input to the graph. coefficients: where scale and shift lie.
  int first_input(Draft& d, int i, Shape s, Before before, long scratch) const {
    const Node& n = node(i);
    if (before == Before::by_kernel) return d.bind(map(s, Flow::input), {Where::scratch, i, scratch});
    int x = d.bind(map(s, Flow::input), {Where::value, n.inputs[0]});
    if (before == Before::as_it_is) return x;
    const long shift = scratch + rounded_bytes(4L * s.channels);
    const int factor = d.bind(channels(s.channels, Flow::input), {Where::scratch, i, scratch});
    const int offset = d.bind(channels(s.channels, Flow::input), {Where::scratch, i, shift});
    x = then(d, GraphOp::multiply, x, factor, s);
    x = then(d, GraphOp::add, x, offset, s);
    return n.prologue == graph::Prologue::affine_relu ? then(d, GraphOp::relu, x, -1, s) : x;
  }
  int then(Draft& d, GraphOp op, int x, int w, Shape s) const {
    const int y = d.internal(map(s, Flow::internal));
    GraphOperation o;
    o.op = op, o.x = x, o.w = w, o.y = y;
    d.operation(o);
    return y;
  }

  void forms_of(Segment& s) const {
    const Node& n = node(s.node);
    if (!multiplies_weights(n.op)) {
      s.forms.push_back({{kernel(Work::node, s.node)}, 0});
      return;
    }
    const bool changes = n.prologue != graph::Prologue::none;
    const Before wishes[] = {changes ? Before::in_graph : Before::as_it_is, Before::by_kernel};
    for (const Before before : std::span(wishes, changes ? 2 : 1)) {
      if (is_weight_gradient(n.op)) {
        s.forms.push_back(weight_gradient(s.node, before, false));
        // cuDNN sums 16-bit products to fp32 only where the channels on both sides fill its tiles.
        if (element() != Element::fp32 && before != Before::in_graph) s.forms.push_back(weight_gradient(s.node, before, true));
      }
      else if (is_input_gradient(n.op)) s.forms.push_back(product(s, before, false, false));
      else {
        if (s.statistics >= 0) s.forms.push_back(product(s, before, true, true));
        if (ends_in_graph(n)) s.forms.push_back(product(s, before, true, false));
      }
    }
    const bool forward = !is_weight_gradient(n.op) && !is_input_gradient(n.op);
    if (forward && needs_epilogue(n)) s.forms.push_back(product(s, wishes[changes], false, false));
  }

  bool has_bias(const Node& n) const { return n.bias >= 0 || (n.folds && n.weight_taps == 0); }
  bool needs_epilogue(const Node& n) const {
    return has_bias(n) || n.adds || n.functor != graph::no_functor || n.pools;
  }
  /// Whether cuDNN may do all that follows the product.
  bool ends_in_graph(const Node& n) const {
    return !n.pools && (n.functor == graph::no_functor || n.functor == graph::relu_functor);
  }

  /// A convolution or the gradient of its input. epilogue: bias, residual and ReLU in the graph, else by a kernel behind it.
  Form product(const Segment& s, Before before, bool epilogue, bool statistics) const {
    const int i = s.node;
    const Node& n = node(i);
    const LinearShapes l = linear_shapes(n);
    const bool backward = is_input_gradient(n.op), adjoint = backward != is_transposed(n.op);
    const Shape from = adjoint ? l.y : l.x, to = adjoint ? l.x : l.y;
    Form form;
    prepare(form, i, from, before);
    Draft d = draft(i);
    const int x = first_input(d, i, from, before, 0);
    const int w = d.bind(weights(l, element(), Flow::input), {Where::weights, i});
    int y = d.internal(map(to, Flow::internal));
    GraphOperation o = sliding(adjoint ? GraphOp::input_gradient : GraphOp::convolution, l.window);
    o.x = x, o.w = w, o.y = y;
    d.operation(o);

    const bool finishes = !backward && needs_epilogue(n);
    Operand result{Where::value, i};
    if (finishes && epilogue) {
      if (has_bias(n)) y = then(d, GraphOp::add, y, d.bind(channels(to.channels, Flow::input), {Where::bias, i}), to);
      if (n.adds) y = then(d, GraphOp::add, y, d.bind(map(to, Flow::input), {Where::value, n.inputs[n.input_count - 1]}), to);
      if (n.functor == graph::relu_functor) y = then(d, GraphOp::relu, y, -1, to);
    } else if (finishes && n.pools) {
      result = {Where::scratch, i, form.scratch_bytes};
      form.scratch_bytes += bytes(to);
    }
    d.store(y, result, element());
    Operand sums;
    if (statistics) {
      sums = {Where::scratch, i, form.scratch_bytes};
      const long squares = sums.offset + rounded_bytes(4L * to.channels);
      form.scratch_bytes = squares + rounded_bytes(4L * to.channels);
      GraphOperation g;
      g.op = GraphOp::statistics, g.x = y;
      g.y = d.bind(channels(to.channels, Flow::output), sums);
      g.y2 = d.bind(channels(to.channels, Flow::output), {Where::scratch, i, squares});
      d.operation(g);
    }
    form.pieces.push_back(std::move(d.piece));
    if (finishes && !epilogue) form.pieces.push_back(kernel(Work::epilogue, i, result, {Where::value, i}));
    if (statistics) form.pieces.push_back(kernel(Work::finish_statistics, s.statistics, sums, {Where::value, s.statistics}));
    else if (s.statistics >= 0) form.pieces.push_back(kernel(Work::node, s.statistics));
    return form;
  }

  /// widens: cuDNN's gradient is in the element of the precision, and made fp32 behind it.
  Form weight_gradient(int i, Before before, bool widens) const {
    const Node& n = node(i);
    const LinearShapes l = linear_shapes(n);
    const Shape first = is_transposed(n.op) ? l.y : l.x;  // of the node's first input, the layer's
    const int dy = n.inputs[1];
    Form form;
    prepare(form, i, first, before);
    Draft d = draft(i);
    const int input = first_input(d, i, first, before, 0);
    const int gradient = d.bind(map(is_transposed(n.op) ? l.x : l.y, Flow::input), {Where::value, dy});
    Operand result{Where::gradient, i, n.weights};
    if (widens) {
      result = {Where::scratch, i, form.scratch_bytes};
      form.scratch_bytes += rounded_bytes(weight_order(n).size() * bytes_of(element()));
    }
    const int dw = d.bind(weights(l, widens ? element() : Element::fp32, Flow::output), result);
    GraphOperation o = sliding(GraphOp::weight_gradient, l.window);
    o.x = is_transposed(n.op) ? gradient : input, o.w = is_transposed(n.op) ? input : gradient, o.y = dw;
    d.operation(o);
    form.pieces.push_back(std::move(d.piece));
    if (widens) form.pieces.push_back(kernel(Work::widen_gradient, i, result, {Where::gradient, i, n.weights}));
    if (n.bias >= 0) form.pieces.push_back(kernel(Work::bias_gradient, i));
    return form;
  }

  /// The kernel that the prologue needs before the graph, and its scratch.
  void prepare(Form& form, int i, Shape s, Before before) const {
    if (before == Before::as_it_is) return;
    const bool whole = before == Before::by_kernel;
    form.pieces.push_back(kernel(whole ? Work::prologue : Work::coefficients, i, {Where::value, node(i).inputs[0]}, {Where::scratch, i, 0}));
    form.scratch_bytes = whole ? bytes(s) : 2 * rounded_bytes(4L * s.channels);
  }

  const PlanView& plan_;
  int batch_;
  Precision precision_;
};

inline std::vector<Segment> lower(const PlanView& plan, int batch, Precision precision) {
  return Lowering(plan, batch, precision).run();
}

}  // namespace strata::cuda
