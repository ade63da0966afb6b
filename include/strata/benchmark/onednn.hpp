// SPDX-License-Identifier: MIT
// oneDNN as a rival. Needs oneDNN 2 (libdnnl-dev).
#pragma once

#include <strata/benchmark/rival.hpp>
#include <strata/core/arena.hpp>
#include <strata/core/error.hpp>
#include <strata/core/random.hpp>

#include <dnnl.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace strata::benchmarks {

namespace detail::onednn {

using graph::Node;
using graph::Op;
using Format = dnnl::memory::format_tag;
using Descriptor = dnnl::memory::desc;
using dnnl::memory;

inline Descriptor any(const memory::dims& dims) { return {dims, memory::data_type::f32, Format::any}; }
inline Descriptor vector_of(int size) { return {{size}, memory::data_type::f32, Format::a}; }

/// The forward convolution that the node belongs to, as oneDNN describes it.
struct Problem {
  Shape x, y;
  Descriptor source, weights, bias, destination;
  memory::dims strides, dilations, before, after;

  Problem(const Node& node, int images) {
    const core::Window& w = node.window;
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
struct Primitive {
  dnnl::primitive primitive;
  std::vector<std::pair<int, Descriptor>> layouts;  ///< by DNNL_ARG_...
  std::string kernel;
  std::unordered_map<int, memory> arguments = {};
};

inline constexpr auto automatic = dnnl::algorithm::convolution_auto;

inline dnnl::convolution_forward::primitive_desc forward(const Problem& p, dnnl::prop_kind kind,
                                                         const dnnl::primitive_attr& attributes,
                                                         const dnnl::engine& engine) {
  return {{kind, automatic, p.source, p.weights, p.bias, p.destination, p.strides, p.dilations, p.before, p.after},
          attributes,
          engine};
}

inline Primitive primitive_of(const Node& node, int images, bool training, const dnnl::engine& engine) {
  const Problem p(node, images);
  if (node.op == Op::convolution) {
    dnnl::post_ops post_ops;
    if (node.inputs.has(graph::Input::residual)) post_ops.append_sum(1.f);
    if (node.epilogue.functor == graph::relu_functor)
      post_ops.append_eltwise(1.f, dnnl::algorithm::eltwise_relu, 0.f, 0.f);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(post_ops);
    const auto kind = training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
    const auto d = forward(p, kind, attributes, engine);
    Primitive call{dnnl::convolution_forward(d),
                   {{DNNL_ARG_SRC, d.src_desc()}, {DNNL_ARG_WEIGHTS, d.weights_desc()}, {DNNL_ARG_DST, d.dst_desc()}},
                   d.impl_info_str()};
    if (!p.bias.is_zero()) call.layouts.emplace_back(DNNL_ARG_BIAS, d.bias_desc());
    return call;
  }
  const auto hint = forward(p, dnnl::prop_kind::forward_training, {}, engine);
  if (node.op == Op::convolution_input_gradient) {
    const dnnl::convolution_backward_data::primitive_desc d(
        {automatic, p.source, p.weights, p.destination, p.strides, p.dilations, p.before, p.after}, engine, hint);
    return {dnnl::convolution_backward_data(d),
            {{DNNL_ARG_DIFF_SRC, d.diff_src_desc()},
             {DNNL_ARG_WEIGHTS, d.weights_desc()},
             {DNNL_ARG_DIFF_DST, d.diff_dst_desc()}},
            d.impl_info_str()};
  }
  const dnnl::convolution_backward_weights::primitive_desc d(
      {automatic, p.source, p.weights, p.bias, p.destination, p.strides, p.dilations, p.before, p.after}, engine, hint);
  Primitive call{dnnl::convolution_backward_weights(d),
                 {{DNNL_ARG_SRC, d.src_desc()},
                  {DNNL_ARG_DIFF_WEIGHTS, d.diff_weights_desc()},
                  {DNNL_ARG_DIFF_DST, d.diff_dst_desc()}},
                 d.impl_info_str()};
  if (!p.bias.is_zero()) call.layouts.emplace_back(DNNL_ARG_DIFF_BIAS, d.diff_bias_desc());
  return call;
}

inline bool is_convolution(Op op) {
  return op == Op::convolution || op == Op::convolution_input_gradient || op == Op::convolution_weight_gradient;
}

}  // namespace detail::onednn

/// oneDNN's kernels. It chooses the algorithm and the layouts, and all tensors are in those layouts before the clock
/// starts: no reorder is timed. A forward convolution has the node's bias, residual and ReLU, but never its pool.
class OneDnn final : public Rival {
 public:
  /// Makes a primitive for every convolution, input gradient and weight gradient among the nodes.
  OneDnn(const graph::Node* nodes, int count, int images, bool training) : at_(std::size_t(count), -1) {
    for (int i = 0; i < count; i++) {
      if (!detail::onednn::is_convolution(nodes[i].op)) continue;
      at_[std::size_t(i)] = int(calls_.size());
      calls_.push_back(detail::onednn::primitive_of(nodes[i], images, training, engine_));
    }
    for (std::size_t k = 0; k < most_arguments; k++) {
      std::size_t bytes = 0;
      for (const Primitive& call : calls_)
        if (k < call.layouts.size()) bytes = std::max(bytes, call.layouts[k].second.get_size());
      blocks_.emplace_back(bytes);
      core::Random random{k + 1, 0};
      for (std::size_t f = 0; f < bytes / sizeof(float); f++) blocks_[k].floats()[f] = 0.1f * (random.uniform() - 0.5f);
    }
    for (Primitive& call : calls_) {
      for (std::size_t k = 0; k < call.layouts.size(); k++)
        call.arguments.emplace(call.layouts[k].first,
                               dnnl::memory(call.layouts[k].second, engine_, blocks_[k].floats()));
      run(call);  // the first run generates its code
    }
  }

  void run(int node) override { run(calls_[std::size_t(at_[std::size_t(node)])]); }
  std::string kernel(int node) const override { return calls_[std::size_t(at_[std::size_t(node)])].kernel; }

 private:
  using Primitive = detail::onednn::Primitive;
  static constexpr std::size_t most_arguments = 4;

  void run(const Primitive& call) {
    call.primitive.execute(stream_, call.arguments);
    stream_.wait();
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::vector<Primitive> calls_{};
  std::vector<int> at_;                ///< of each node, in calls_; -1: it is not a convolution
  std::vector<core::Arena> blocks_{};  ///< shared by all calls; their contents do not matter
};

/// oneDNN as a library, with the version that the program is linked with.
inline RivalLibrary onednn_library() {
  const dnnl_version_t* const version = dnnl_version();
  return {.name = core::sentence("oneDNN ", version->major, ".", version->minor, ".", version->patch),
          .has = [](const graph::Node& node) { return detail::onednn::is_convolution(node.op); },
          .make = [](const graph::Node* nodes, int count, int images, bool training) -> std::unique_ptr<Rival> {
            return std::make_unique<OneDnn>(nodes, count, images, training);
          }};
}

}  // namespace strata::benchmarks
