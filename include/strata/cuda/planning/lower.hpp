// SPDX-License-Identifier: MIT
// The planned graph as work for the device: for each node the forms in which it can be computed, the most fused first.
// The builder uses the first form whose graphs all have a plan on the device. The last form of every node needs only a
// bare convolution. Forms for which no known device has a plan are left out: cuDNN 9 sums what it stores only in fp16,
// scales the input of a product in TF32 and fp16, and scales that of a weight gradient only in fp16 and with ReLU.
#pragma once

#include <strata/cuda/planning/form.hpp>
#include <strata/cuda/planning/linear_shapes.hpp>
#include <strata/graph/plan.hpp>

namespace strata::cuda {

inline constexpr graph::Layout layout{.lanes = 1, .by_group = false, .align = 16};

/// A view of a plan, of any capacity.
struct PlanView {
  const Node* nodes = nullptr;
  const graph::Place* places = nullptr;
  int count = 0, result = -1;
  long frame = 0, fixed = 0;
  graph::OtherResults others{};
};

template <int Capacity>
constexpr PlanView view(const graph::Plan<Capacity>& plan) {
  return {plan.nodes, plan.places, plan.count, plan.result, plan.frame, plan.fixed, plan.others};
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
      Segment s{i, sums_of(i), {}};
      if (s.sums >= 0) done[std::size_t(s.sums)] = true;
      forms_of(s);
      segments.push_back(std::move(s));
    }
    return segments;
  }

 private:
  using Input = graph::Input;
  using Where = Operand::Where;

  /// How the product gets its first input: as it is, from scratch after a kernel, or transformed inside the graph.
  enum class Before : unsigned char { as_is, by_kernel, in_graph };
  /// What a form does inside its graph.
  struct Fusions {
    Before before = Before::as_is;
    bool epilogue = false;  ///< bias, residual, ReLU, or a gradient's join; else a kernel does it after the graph. Any
                            ///< other functor is a kernel over the value
    bool sums = false;      ///< those of the segment
  };

  const Node& node(int i) const { return plan_.nodes[i]; }
  Element element() const { return precision_.element; }
  long bytes(Shape s) const { return rounded_bytes(batch_ * s.size() * bytes_of(element())); }

  // --- which forms there are
  /// The node that sums the value of node i and can be fused with it, since its other inputs exist by then; -1: none.
  int sums_of(int i) const {
    const Op op = node(i).op;
    if (!multiplies_weights(op) || is_weight_gradient(op) || op == Op::dense_input_gradient) return -1;
    for (int j = i + 1; j < plan_.count; j++) {
      const Node& n = node(j);
      if (is_input_gradient(op)) {
        const bool own = n.op == Op::normalize_reductions && n.inputs[Input::dy] == i &&
                         n.epilogue.functor == graph::relu_functor && !n.epilogue.pools;
        if (own && !node(i).inputs.has(Input::mask) && n.inputs[Input::x] < i && n.inputs[Input::statistics] < i &&
            n.in.channels % 4 == 0)
          return j;
      } else if (n.op == Op::batch_statistics && n.inputs[Input::x] == i) {
        return j;
      }
    }
    return -1;
  }

  void forms_of(Segment& s) const {
    const Node& n = node(s.node);
    if (!multiplies_weights(n.op)) s.forms.push_back({{kernel(Work::node, s.node)}, 0});
    else if (is_weight_gradient(n.op)) weight_gradients(s);
    else products(s);
  }

  /// Convolutions and gradients of their inputs.
  void products(Segment& s) const {
    const Node& n = node(s.node);
    const bool changes = n.prologue.kind != graph::Prologue::none;
    const Before last = changes ? Before::by_kernel : Before::as_is;
    const bool sums = s.sums >= 0 && element() == Element::fp16;
    const auto both = [&](Before before) {
      if (sums) s.forms.push_back(product(s, {before, true, true}));
      if (!n.epilogue.pools) s.forms.push_back(product(s, {before, true, false}));
    };
    if (changes && element() != Element::bf16) both(Before::in_graph);
    both(last);
    if (needs_epilogue(n)) s.forms.push_back(product(s, {last, false, false}));
  }

  void weight_gradients(Segment& s) const {
    const graph::Prologue::Kind prologue = node(s.node).prologue.kind;
    if (prologue == graph::Prologue::affine_relu && element() == Element::fp16)
      s.forms.push_back(weight_gradient(s.node, Before::in_graph, true));
    const Before before = prologue == graph::Prologue::none ? Before::as_is : Before::by_kernel;
    s.forms.push_back(weight_gradient(s.node, before, false));
    // cuDNN writes fp32 sums of 16-bit products only where the channels on both sides fill its tiles.
    if (element() != Element::fp32) s.forms.push_back(weight_gradient(s.node, before, true));
  }

  bool has_bias(const Node& n) const { return n.bias >= 0 || (n.folded.present && n.weight_part.taps == 0); }
  bool needs_epilogue(const Node& n) const {
    const bool adds = n.inputs.has(Input::residual);
    if (is_input_gradient(n.op)) return adds || n.inputs.has(Input::mask);
    return adds || has_bias(n) || n.epilogue.functor != graph::no_functor || n.epilogue.pools;
  }
  static bool has_custom_functor(const Node& n) {
    return n.epilogue.functor != graph::no_functor && n.epilogue.functor != graph::relu_functor;
  }

  // --- tensors
  GraphTensor map(Shape s, Flow flow) const {
    return channels_innermost(batch_, s.channels, s.height, s.width, element(), flow);
  }
  static GraphTensor channels(long count, Flow flow, Element e = Element::fp32) {
    return channels_innermost(1, count, 1, 1, e, flow);
  }
  static GraphTensor weights(const LinearShapes& s, Element e, Flow flow) {
    return channels_innermost(s.y.channels, s.weight_inner, s.window.rows.kernel, s.window.columns.kernel, e, flow);
  }

  /// A graph under construction, with the operands that its tensors are bound to.
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
    /// Makes the result of the last operation an output of the graph.
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
  static GraphOperation sliding(GraphOp op, const core::Window& w) {
    GraphOperation o;
    o.op = op;
    o.pad_before = {w.rows.before, w.columns.before};
    // What a transposed convolution adds to its output (OutputPad) is less than a stride, so cuDNN needs not know of
    // it.
    o.pad_after = {std::max(w.rows.after, 0), std::max(w.columns.after, 0)};
    o.stride = {w.rows.stride, w.columns.stride}, o.dilation = {w.rows.dilation, w.columns.dilation};
    return o;
  }
  int then(Draft& d, GraphOp op, int x, int w, Shape s) const {
    const int y = d.internal(map(s, Flow::internal));
    GraphOperation o;
    o.op = op, o.x = x, o.w = w, o.y = y;
    d.operation(o);
    return y;
  }

  // --- before the product
  /// Adds the kernel that the prologue needs before the graph, and its scratch.
  void prepare(Form& form, int i, Shape s, Before before) const {
    if (before == Before::as_is) return;
    const bool whole = before == Before::by_kernel;
    form.pieces.push_back(kernel(whole ? Work::prologue : Work::coefficients, i, {Where::value, node(i).inputs.first()},
                                 {Where::scratch, i, 0}));
    form.scratch_bytes = whole ? bytes(s) : 2 * rounded_bytes(4L * s.channels);
  }

  /// Adds the tensor of the node's first input to the graph.
  int first_input(Draft& d, int i, Shape s, Before before) const {
    const Node& n = node(i);
    if (before == Before::by_kernel) return d.bind(map(s, Flow::input), {Where::scratch, i, 0});
    int x = d.bind(map(s, Flow::input), {Where::value, n.inputs.first()});
    if (before == Before::as_is) return x;
    const GraphTensor numbers = channels(s.channels, Flow::input, prologue_element(element()));
    const int factor = d.bind(numbers, {Where::scratch, i, 0});
    const int offset = d.bind(numbers, {Where::scratch, i, rounded_bytes(4L * s.channels)});
    x = then(d, GraphOp::multiply, x, factor, s);
    x = then(d, GraphOp::add, x, offset, s);
    return n.prologue.kind == graph::Prologue::affine_relu ? then(d, GraphOp::relu, x, -1, s) : x;
  }

  // --- after the product
  int epilogue(Draft& d, int i, int y, Shape s) const {
    const Node& n = node(i);
    const auto input = [&](Input name) { return d.bind(map(s, Flow::input), {Where::value, n.inputs[name]}); };
    const bool backward = is_input_gradient(n.op);
    if (!backward && has_bias(n))
      y = then(d, GraphOp::add, y, d.bind(channels(s.channels, Flow::input), {Where::bias, i}), s);
    if (n.inputs.has(Input::residual)) y = then(d, GraphOp::add, y, input(Input::residual), s);
    if (n.inputs.has(Input::mask)) y = then(d, GraphOp::relu_gradient, y, input(Input::mask), s);
    return n.epilogue.functor == graph::relu_functor ? then(d, GraphOp::relu, y, -1, s) : y;
  }

  /// The tensors of a batch norm that its reductions read.
  struct Norm {
    int x, mean, inverse_deviation, scale;
  };
  /// y masked by the ReLU after the batch norm of `reductions`. Fills `norm`; product() then adds the reductions.
  int mask_by_norm(Draft& d, int reductions, int y, Shape s, Norm& norm) const {
    const Node& n = node(reductions);
    const GraphTensor numbers = channels(s.channels, Flow::input);
    norm.x = d.bind(map(s, Flow::input), {Where::value, n.inputs[Input::x]});
    norm.mean = d.bind(numbers, {Where::value, n.inputs[Input::statistics]});
    norm.inverse_deviation = d.bind(numbers, {Where::value, n.inputs[Input::statistics], 4L * s.channels});
    norm.scale = d.bind(numbers, {Where::parameter, reductions, n.weights});
    const int shift = d.bind(numbers, {Where::parameter, reductions, n.bias});
    int z = then(d, GraphOp::subtract, norm.x, norm.mean, s);  // cuDNN supports only this order of operations
    z = then(d, GraphOp::multiply, z, norm.inverse_deviation, s);
    z = then(d, GraphOp::multiply, z, norm.scale, s);
    z = then(d, GraphOp::add, z, shift, s);
    return then(d, GraphOp::relu_gradient, y, z, s);
  }

  /// The form of a convolution or of the gradient of its input.
  Form product(const Segment& s, Fusions fusions) const {
    const int i = s.node;
    const Node& n = node(i);
    const LinearShapes l = linear_shapes(n);
    const bool backward = is_input_gradient(n.op), adjoint = backward != is_transposed(n.op);
    const Shape from = adjoint ? l.y : l.x, to = adjoint ? l.x : l.y;
    Form form;
    prepare(form, i, from, fusions.before);
    Draft d = draft(i);
    const int x = first_input(d, i, from, fusions.before);
    const int w = d.bind(weights(l, element(), Flow::input), {Where::weights, i});
    int y = d.internal(map(to, Flow::internal));
    GraphOperation o = sliding(adjoint ? GraphOp::input_gradient : GraphOp::convolution, l.window);
    o.x = x, o.w = w, o.y = y;
    d.operation(o);

    Operand result{Where::value, i};
    const bool by_kernel = !fusions.epilogue && needs_epilogue(n);
    if (fusions.epilogue) y = epilogue(d, i, y, to);
    if (by_kernel && n.epilogue.pools) {
      result = {Where::scratch, i, form.scratch_bytes};
      form.scratch_bytes += bytes(to);
    }
    Norm norm{};
    if (fusions.sums && backward) y = mask_by_norm(d, s.sums, y, to, norm);
    d.store(y, result, element());
    Operand sums, squares;
    if (fusions.sums) {
      GraphOperation g;
      g.x = y;
      if (backward) {
        g.op = GraphOp::reductions, g.w = norm.x;
        g.mean = norm.mean, g.inverse_deviation = norm.inverse_deviation, g.scale = norm.scale;
        sums = {Where::value, s.sums, 4L * to.channels}, squares = {Where::value, s.sums};
        for (int& c : g.coefficients) {
          c = d.bind(channels(to.channels, Flow::output), {Where::scratch, i, form.scratch_bytes});
          form.scratch_bytes += rounded_bytes(4L * to.channels);
        }
      } else {
        g.op = GraphOp::statistics;
        sums = {Where::scratch, i, form.scratch_bytes};
        squares = {Where::scratch, i, sums.offset + rounded_bytes(4L * to.channels)};
        form.scratch_bytes += 2 * rounded_bytes(4L * to.channels);
      }
      g.y = d.bind(channels(to.channels, Flow::output), sums);
      g.y2 = d.bind(channels(to.channels, Flow::output), squares);
      d.operation(g);
    }
    form.pieces.push_back(std::move(d.piece));
    if (fusions.epilogue && has_custom_functor(n)) form.pieces.push_back(kernel(Work::functor, i));
    if (by_kernel) form.pieces.push_back(kernel(backward ? Work::join : Work::epilogue, i, result, {Where::value, i}));
    if (fusions.sums && backward) form.pieces.push_back(kernel(Work::keep_reductions, s.sums));
    else if (fusions.sums) form.pieces.push_back(kernel(Work::finish_statistics, s.sums, sums, {Where::value, s.sums}));
    else if (s.sums >= 0) form.pieces.push_back(kernel(Work::node, s.sums));
    return form;
  }

  /// widens: cuDNN writes the gradient in the precision's element type, and a kernel then converts it to fp32.
  Form weight_gradient(int i, Before before, bool widens) const {
    const Node& n = node(i);
    const LinearShapes l = linear_shapes(n);
    const Shape first = is_transposed(n.op) ? l.y : l.x;  // of the node's first input, which is the layer's
    const int dy = n.inputs[Input::dy];
    Form form;
    prepare(form, i, first, before);
    Draft d = draft(i);
    const int input = first_input(d, i, first, before);
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

  const PlanView& plan_;
  int batch_;
  Precision precision_;
};

inline std::vector<Segment> lower(const PlanView& plan, int batch, Precision precision) {
  return Lowering(plan, batch, precision).run();
}

}  // namespace strata::cuda
