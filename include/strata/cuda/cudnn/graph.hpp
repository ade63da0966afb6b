// SPDX-License-Identifier: MIT
// A description as a graph of cuDNN's front end: tensor i has uid i, operations keep their order, sums are fp32. A
// weight gradient that is wider than its operands becomes two operations, with a tensor of another uid between them.
#pragma once

#include <strata/cuda/cudnn/load.hpp>
#include <strata/cuda/runtime/description.hpp>

#include <memory>
#include <string>
#include <vector>

namespace strata::cuda::cudnn {

using Graph = fe::graph::Graph;

constexpr fe::DataType_t data_type(Element e) {
  return e == Element::fp32   ? fe::DataType_t::FLOAT
         : e == Element::fp16 ? fe::DataType_t::HALF
                              : fe::DataType_t::BFLOAT16;
}

/// Writes one description. Passing an invalid description is a programming error and throws Error.
class GraphWriter {
 public:
  explicit GraphWriter(const GraphDescription& description)
      : description_(description), graph_(std::make_shared<Graph>()), tensors_(description.tensors.size()) {
    graph_->set_compute_data_type(fe::DataType_t::FLOAT)
        .set_intermediate_data_type(fe::DataType_t::FLOAT)
        .set_io_data_type(fe::DataType_t::FLOAT);
    for (const GraphOperation& o : description_.operations) write(o);
    if (fe::error_t status = graph_->validate(); status.is_bad())
      throw Error("cuDNN's front end rejects the graph: ", one_line(status.get_message()), "; correct its description");
  }

  std::shared_ptr<Graph> graph() const { return graph_; }

 private:
  using Tensor = std::shared_ptr<fe::graph::Tensor_attributes>;

  static std::vector<int64_t> list(const std::array<long, 2>& a) { return {a[0], a[1]}; }
  static std::vector<int64_t> list(const std::array<long, 4>& a) { return {a[0], a[1], a[2], a[3]}; }

  void describe(fe::graph::Tensor_attributes& tensor, int i) const {
    const GraphTensor& t = description_.tensors[std::size_t(i)];
    tensor.set_name("t" + std::to_string(i)).set_uid(i).set_dim(list(t.dims)).set_stride(list(t.strides));
    tensor.set_data_type(data_type(t.element)).set_is_virtual(t.flow == Flow::internal);
  }

  const GraphTensor& at(int i) const {
    if (i < 0 || i >= int(description_.tensors.size()))
      throw Error("an operation of a cuDNN graph names tensor ", i, ", but the graph has ", description_.tensors.size(),
                  "; correct its description");
    return description_.tensors[std::size_t(i)];
  }

  Tensor read(int i) {
    Tensor& tensor = tensors_[std::size_t(&at(i) - description_.tensors.data())];
    if (!tensor) {
      if (at(i).flow != Flow::input)
        throw Error("tensor ", i,
                    " of a cuDNN graph is read before an operation writes it; put the operations in order");
      fe::graph::Tensor_attributes input;
      describe(input, i);
      tensor = graph_->tensor(input);
    }
    return tensor;
  }

  void define(int i, const Tensor& tensor) {
    if (at(i).flow == Flow::input || tensors_[std::size_t(i)])
      throw Error("tensor ", i,
                  " of a cuDNN graph is written twice or is an input; give each operation its own output tensor");
    describe(*tensor, i);
    tensors_[std::size_t(i)] = tensor;
  }

  template <class Attributes>
  static Attributes window(const GraphOperation& o) {
    Attributes a;
    a.set_pre_padding(list(o.pad_before)).set_post_padding(list(o.pad_after));
    a.set_stride(list(o.stride)).set_dilation(list(o.dilation));
    return a;
  }
  static fe::graph::Pointwise_attributes pointwise(fe::PointwiseMode_t mode) {
    return fe::graph::Pointwise_attributes().set_mode(mode);
  }

  void write(const GraphOperation& o) {
    using Mode = fe::PointwiseMode_t;
    const Tensor x = read(o.x);
    switch (o.op) {
      case GraphOp::convolution:
        return define(o.y, graph_->conv_fprop(x, read(o.w), window<fe::graph::Conv_fprop_attributes>(o)));
      case GraphOp::input_gradient:
        return define(o.y, graph_->conv_dgrad(x, read(o.w), window<fe::graph::Conv_dgrad_attributes>(o)));
      case GraphOp::weight_gradient: {  // the front end takes dy first
        const Tensor dw = graph_->conv_wgrad(read(o.w), x, window<fe::graph::Conv_wgrad_attributes>(o));
        if (at(o.y).element == at(o.x).element) return define(o.y, dw);
        // cuDNN stores a convolution's result in the element type of its operands; only another operation can widen it.
        dw->set_dim(list(at(o.y).dims)).set_stride(list(at(o.y).strides)).set_data_type(fe::DataType_t::FLOAT);
        return define(o.y, graph_->pointwise(dw, pointwise(Mode::IDENTITY)));
      }
      case GraphOp::add: return define(o.y, graph_->pointwise(x, read(o.w), pointwise(Mode::ADD)));
      case GraphOp::subtract: return define(o.y, graph_->pointwise(x, read(o.w), pointwise(Mode::SUB)));
      case GraphOp::multiply: return define(o.y, graph_->pointwise(x, read(o.w), pointwise(Mode::MUL)));
      case GraphOp::relu: return define(o.y, graph_->pointwise(x, pointwise(Mode::RELU_FWD)));
      case GraphOp::relu_gradient: return define(o.y, graph_->pointwise(x, read(o.w), pointwise(Mode::RELU_BWD)));
      case GraphOp::statistics: {
        const auto sums = graph_->genstats(x, fe::graph::Genstats_attributes());
        define(o.y, sums[0]);
        return define(o.y2, sums[1]);
      }
      case GraphOp::reductions: {
        const auto sums = graph_->dbn_weight(x, read(o.w), read(o.mean), read(o.inverse_deviation), read(o.scale),
                                             fe::graph::DBN_weight_attributes());
        define(o.y, sums[0]);
        define(o.y2, sums[1]);
        for (std::size_t i = 0; i < o.coefficients.size(); i++) define(o.coefficients[i], sums[i + 2]);
        return;
      }
    }
  }

  const GraphDescription& description_;
  std::shared_ptr<Graph> graph_;
  std::vector<Tensor> tensors_;
};

/// Whether the graph multiplies fp32 tensors; Compute then decides their precision.
inline bool multiplies_fp32(const GraphDescription& d) {
  for (const GraphOperation& o : d.operations)
    if ((o.op == GraphOp::convolution || o.op == GraphOp::input_gradient || o.op == GraphOp::weight_gradient) &&
        d.tensors[std::size_t(o.x)].element == Element::fp32 && d.tensors[std::size_t(o.w)].element == Element::fp32)
      return true;
  return false;
}

}  // namespace strata::cuda::cudnn
