// SPDX-License-Identifier: MIT
#include "onednn.hpp"

#include <strata/core/arena.hpp>
#include <strata/core/clock.hpp>
#include <strata/core/error.hpp>
#include <strata/core/random.hpp>

#include <unistd.h>
#include <dnnl.hpp>

#include <algorithm>
#include <cstdlib>
#include <unordered_map>
#include <utility>

namespace strata::bench {

namespace {

using graph::Node;
using graph::Op;
using Format = dnnl::memory::format_tag;
using Descriptor = dnnl::memory::desc;
using dnnl::memory;

Descriptor any(memory::dims dims) { return {std::move(dims), memory::data_type::f32, Format::any}; }
Descriptor vector_of(int size) { return {{size}, memory::data_type::f32, Format::a}; }

/// The forward convolution that the node belongs to, as oneDNN describes it.
struct Problem {
  Shape x, y;
  Descriptor source, weights, bias, destination;
  memory::dims strides, dilations, before, after;

  Problem(const Node& node, int images) {
    const Window& w = node.window;
    const bool of_input = node.op == Op::convolution_input_gradient;
    x = of_input ? node.out : node.in;
    y = of_input ? node.in : node.op == Op::convolution ? node.mid : node.out;
    source = any({images, x.channels, x.height, x.width});
    weights = any({y.channels, x.channels, w.rows.kernel, w.columns.kernel});
    destination = any({images, y.channels, y.height, y.width});
    if (node.bias >= 0 || node.folded.present) bias = vector_of(y.channels);
    strides = {w.rows.stride, w.columns.stride};
    dilations = {w.rows.dilation - 1, w.columns.dilation - 1};  // oneDNN counts the gaps between taps
    before = {w.rows.before, w.columns.before};
    after = {w.rows.after, w.columns.after};
  }
};

/// A primitive, the tensors it reads and writes, and the name of its implementation.
struct Call {
  int node = 0;
  dnnl::primitive primitive;
  std::vector<std::pair<int, Descriptor>> layouts;  ///< by DNNL_ARG_...
  std::string kernel;
  std::unordered_map<int, memory> arguments = {};
};

constexpr auto automatic = dnnl::algorithm::convolution_auto;

dnnl::convolution_forward::primitive_desc forward(const Problem& p, dnnl::prop_kind kind,
                                                  const dnnl::primitive_attr& attributes, const dnnl::engine& engine) {
  return {{kind, automatic, p.source, p.weights, p.bias, p.destination, p.strides, p.dilations, p.before, p.after},
          attributes,
          engine};
}

Call call_of(const Node& node, int index, int images, bool training, const dnnl::engine& engine) {
  const Problem p(node, images);
  if (node.op == Op::convolution) {
    dnnl::post_ops post_ops;
    if (node.inputs.has(Input::residual)) post_ops.append_sum(1.f);
    if (node.epilogue.functor == graph::relu_functor)
      post_ops.append_eltwise(1.f, dnnl::algorithm::eltwise_relu, 0.f, 0.f);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(post_ops);
    const auto kind = training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
    const auto d = forward(p, kind, attributes, engine);
    Call call{index,
              dnnl::convolution_forward(d),
              {{DNNL_ARG_SRC, d.src_desc()}, {DNNL_ARG_WEIGHTS, d.weights_desc()}, {DNNL_ARG_DST, d.dst_desc()}},
              d.impl_info_str()};
    if (!p.bias.is_zero()) call.layouts.push_back({DNNL_ARG_BIAS, d.bias_desc()});
    return call;
  }
  const auto hint = forward(p, dnnl::prop_kind::forward_training, {}, engine);
  if (node.op == Op::convolution_input_gradient) {
    const dnnl::convolution_backward_data::primitive_desc d(
        {automatic, p.source, p.weights, p.destination, p.strides, p.dilations, p.before, p.after}, engine, hint);
    return {index,
            dnnl::convolution_backward_data(d),
            {{DNNL_ARG_DIFF_SRC, d.diff_src_desc()},
             {DNNL_ARG_WEIGHTS, d.weights_desc()},
             {DNNL_ARG_DIFF_DST, d.diff_dst_desc()}},
            d.impl_info_str()};
  }
  const dnnl::convolution_backward_weights::primitive_desc d(
      {automatic, p.source, p.weights, p.bias, p.destination, p.strides, p.dilations, p.before, p.after}, engine, hint);
  Call call{index,
            dnnl::convolution_backward_weights(d),
            {{DNNL_ARG_SRC, d.src_desc()},
             {DNNL_ARG_DIFF_WEIGHTS, d.diff_weights_desc()},
             {DNNL_ARG_DIFF_DST, d.diff_dst_desc()}},
            d.impl_info_str()};
  if (!p.bias.is_zero()) call.layouts.push_back({DNNL_ARG_DIFF_BIAS, d.diff_bias_desc()});
  return call;
}

bool is_convolution(Op op) {
  return op == Op::convolution || op == Op::convolution_input_gradient || op == Op::convolution_weight_gradient;
}

}  // namespace

/// All calls share a few blocks of memory, whose contents do not matter.
struct OneDnn::State {
  static constexpr int most = 4;  ///< arguments per call
  int nodes;
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  std::vector<Call> calls{};
  std::vector<Arena> blocks{};

  void run(const Call& call) {
    call.primitive.execute(stream, call.arguments);
    stream.wait();
  }
};

OneDnn::OneDnn(const Node* nodes, int count, int images, bool training) : state_(new State{count}) {
  for (int i = 0; i < count; i++)
    if (is_convolution(nodes[i].op)) state_->calls.push_back(call_of(nodes[i], i, images, training, state_->engine));
  for (std::size_t k = 0; k < State::most; k++) {
    std::size_t bytes = 0;
    for (const Call& call : state_->calls)
      if (k < call.layouts.size()) bytes = std::max(bytes, call.layouts[k].second.get_size());
    state_->blocks.emplace_back(bytes);
    Random random{k + 1, 0};
    for (std::size_t f = 0; f < bytes / sizeof(float); f++)
      state_->blocks[k].floats()[f] = 0.1f * (random.uniform() - 0.5f);
  }
  for (Call& call : state_->calls) {
    for (std::size_t k = 0; k < call.layouts.size(); k++)
      call.arguments.emplace(call.layouts[k].first,
                             memory(call.layouts[k].second, state_->engine, state_->blocks[k].floats()));
    state_->run(call);  // the first run generates its code
  }
}

OneDnn::~OneDnn() = default;

std::vector<double> OneDnn::round() {
  std::vector<double> seconds(std::size_t(state_->nodes));
  for (const Call& call : state_->calls) {
    const double start = clock_seconds();
    state_->run(call);
    seconds[std::size_t(call.node)] = clock_seconds() - start;
  }
  return seconds;
}

std::string OneDnn::kernel(int node) const {
  for (const Call& call : state_->calls)
    if (call.node == node) return call.kernel;
  return {};
}

void OneDnn::set_threads(int threads, char** argv) {
  const char* const variable = "OMP_NUM_THREADS";
  const std::string wanted = std::to_string(threads);
  const char* const set = std::getenv(variable);
  if (set && set == wanted) return;
  setenv(variable, wanted.c_str(), 1);
  execv("/proc/self/exe", argv);
  throw Error("--onednn: the program could not be started again with ", variable, "=", wanted, "; set it yourself");
}

std::string OneDnn::name() {
  const dnnl_version_t* const version = dnnl_version();
  return sentence("oneDNN ", version->major, ".", version->minor, ".", version->patch);
}

}  // namespace strata::bench
