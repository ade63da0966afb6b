// SPDX-License-Identifier: MIT
#include "graph_executor.hpp"

#include <strata/core/error.hpp>
#include <strata/cuda/runtime/element.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace strata::testing {

using namespace cuda;

namespace {

using Dims = std::array<long, 4>;
enum { N, C, H, W };
using Floats = std::vector<float>;  ///< [N][H][W][C]
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Rows = Eigen::Map<Matrix, 0, Eigen::OuterStride<>>;

long size(const Dims& d) { return d[N] * d[C] * d[H] * d[W]; }
Dims packed_strides(const Dims& d) { return {d[H] * d[W] * d[C], 1, d[W] * d[C], d[C]}; }

/// Calls visit(offset) for each element, in the order of Floats.
template <class Visit>
void for_each_offset(const Dims& d, const Dims& strides, Visit visit) {
  for (long n = 0; n < d[N]; n++)
    for (long h = 0; h < d[H]; h++)
      for (long w = 0; w < d[W]; w++) {
        const long at = n * strides[N] + h * strides[H] + w * strides[W];
        for (long c = 0; c < d[C]; c++) visit(at + c * strides[C]);
      }
}

Floats load(const GraphTensor& t, const void* data) {
  Floats out(std::size_t(size(t.dims)));
  with_element(t.element, [&](auto zero) {
    const auto* from = static_cast<const decltype(zero)*>(data);
    float* to = out.data();
    for_each_offset(t.dims, t.strides, [&](long at) { *to++ = to_float(from[at]); });
  });
  return out;
}

void store(const GraphTensor& t, const Floats& values, void* data) {
  with_element(t.element, [&](auto zero) {
    auto* to = static_cast<decltype(zero)*>(data);
    const float* from = values.data();
    for_each_offset(t.dims, t.strides, [&](long at) { assign(to[at], *from++); });
  });
}

void round_to(Element e, Floats& values) {
  if (e == Element::fp32) return;
  with_element(e, [&](auto stored) {
    for (float& v : values) {
      assign(stored, v);
      v = to_float(stored);
    }
  });
}

/// A convolution as products of matrices: for each row of y and each tap, the pixels of y and the pixels of x that the
/// tap connects are the rows of two matrices, and the tap's weights are a third. product(x, w, y) adds one product to
/// one of the three.
template <class Product>
void for_each_product(const GraphOperation& o, const Dims& xd, const Dims& wd, const Dims& yd, float* x, float* w,
                      float* y, Product product) {
  const long groups = xd[C] / wd[C], in = wd[C], out = wd[N] / groups;
  const auto ceil_div = [](long a, long b) { return a <= 0 ? 0 : (a + b - 1) / b; };
  for (long n = 0; n < yd[N]; n++)
    for (long oy = 0; oy < yd[H]; oy++)
      for (long r = 0; r < wd[H]; r++) {
        const long iy = oy * o.stride[0] - o.pad_before[0] + r * o.dilation[0];
        if (iy < 0 || iy >= xd[H]) continue;
        for (long s = 0; s < wd[W]; s++) {
          const long shift = s * o.dilation[1] - o.pad_before[1];  // input column = output column * stride + shift
          const long begin = ceil_div(-shift, o.stride[1]), end = std::min(yd[W], ceil_div(xd[W] - shift, o.stride[1]));
          if (begin >= end) continue;
          float* at_x = x + ((n * xd[H] + iy) * xd[W] + begin * o.stride[1] + shift) * xd[C];
          float* at_y = y + ((n * yd[H] + oy) * yd[W] + begin) * yd[C];
          float* at_w = w + (r * wd[W] + s) * in;
          for (long g = 0; g < groups; g++) {
            Rows xs(at_x + g * in, end - begin, in, Eigen::OuterStride<>(o.stride[1] * xd[C]));
            Rows ys(at_y + g * out, end - begin, out, Eigen::OuterStride<>(yd[C]));
            Rows ws(at_w + g * out * wd[H] * wd[W] * in, out, in, Eigen::OuterStride<>(wd[H] * wd[W] * in));
            product(xs, ws, ys);
          }
        }
      }
}

class Execution {
 public:
  Execution(const GraphDescription& graph, void* const* tensors) : graph_(graph), values_(graph.tensors.size()) {
    for (std::size_t i = 0; i < graph.tensors.size(); i++)
      if (graph.tensors[i].flow == Flow::input && tensors[i]) values_[i] = load(graph.tensors[i], tensors[i]);
    for (const GraphOperation& o : graph.operations) run(o);
    for (std::size_t i = 0; i < graph.tensors.size(); i++)
      if (graph.tensors[i].flow == Flow::output) store(graph.tensors[i], values_[i], tensors[i]);
  }

 private:
  const GraphTensor& tensor(int i) const { return graph_.tensors[std::size_t(i)]; }
  Floats& values(int i) { return values_[std::size_t(i)]; }

  void run(const GraphOperation& o) {
    for (const int made : outputs_of(o))
      if (made >= 0) values(made).assign(std::size_t(size(tensor(made).dims)), 0.0f);
    switch (o.op) {
      case GraphOp::convolution:
        multiply(o, o.x, o.w, o.y, [](const Rows& x, const Rows& w, Rows& y) { y.noalias() += x * w.transpose(); });
        break;
      case GraphOp::input_gradient:
        multiply(o, o.y, o.w, o.x, [](Rows& dx, const Rows& w, const Rows& dy) { dx.noalias() += dy * w; });
        break;
      case GraphOp::weight_gradient:
        multiply(o, o.x, o.y, o.w, [](const Rows& x, Rows& dw, const Rows& dy) { dw.noalias() += dy.transpose() * x; });
        break;
      case GraphOp::add: pointwise(o, [](float x, float w) { return x + w; }); break;
      case GraphOp::subtract: pointwise(o, [](float x, float w) { return x - w; }); break;
      case GraphOp::multiply: pointwise(o, [](float x, float w) { return x * w; }); break;
      case GraphOp::relu:
        std::transform(values(o.x).begin(), values(o.x).end(), values(o.y).begin(),
                       [](float x) { return x < 0 ? 0.0f : x; });
        break;
      case GraphOp::relu_gradient:
        pointwise(o, [](float dy, float v) { return std::isnan(v) ? v : v > 0 ? dy : 0.0f; });
        break;
      case GraphOp::statistics: statistics(o); break;
      case GraphOp::reductions: reductions(o);
    }
    for (const int made : outputs_of(o))
      if (made >= 0) round_to(tensor(made).element, values(made));
  }

  /// A tensor as a factor of a product, rounded as the precision requires.
  Floats factor(int i) {
    Floats out = values(i);
    if (graph_.compute == Compute::tf32 && tensor(i).element == Element::fp32)
      for (float& v : out) v = round_to_tf32(v);
    return out;
  }

  /// x, w, y: the three tensors by their role in the forward convolution; o.y is the one that is computed.
  template <class Product>
  void multiply(const GraphOperation& o, int x, int w, int y, Product product) {
    Floats given[3];
    float* data[3];
    const int parts[3] = {x, w, y};
    for (int p = 0; p < 3; p++) {
      if (parts[p] != o.y) given[p] = factor(parts[p]);
      data[p] = parts[p] == o.y ? values(o.y).data() : given[p].data();
    }
    Dims xd = tensor(x).dims, yd = tensor(y).dims;
    const Dims& wd = tensor(w).dims;
    if (xd[H] == yd[H] && xd[W] == yd[W] && wd[H] == 1 && wd[W] == 1 && o.stride[0] == 1 && o.stride[1] == 1 &&
        o.pad_before[0] == 0 && o.pad_before[1] == 0) {  // treats all pixels as one row
      xd = {1, xd[C], 1, xd[N] * xd[H] * xd[W]};
      yd = {1, yd[C], 1, yd[N] * yd[H] * yd[W]};
    }
    for_each_product(o, xd, wd, yd, data[0], data[1], data[2], product);
  }

  template <class F>
  void pointwise(const GraphOperation& o, F f) {
    const Dims &yd = tensor(o.y).dims, xd = tensor(o.x).dims, wd = tensor(o.w).dims;
    const auto spread = [](const Dims& d) {  // a dimension of 1 is broadcast
      Dims s = packed_strides(d);
      for (int i = 0; i < 4; i++)
        if (d[std::size_t(i)] == 1) s[std::size_t(i)] = 0;
      return s;
    };
    const Dims xs = spread(xd), ws = spread(wd);
    const float *x = values(o.x).data(), *w = values(o.w).data();
    float* y = values(o.y).data();
    for (long n = 0; n < yd[N]; n++)
      for (long h = 0; h < yd[H]; h++)
        for (long p = 0; p < yd[W]; p++) {
          const float* at_x = x + n * xs[N] + h * xs[H] + p * xs[W];
          const float* at_w = w + n * ws[N] + h * ws[H] + p * ws[W];
          for (long c = 0; c < yd[C]; c++) *y++ = f(at_x[c * xs[C]], at_w[c * ws[C]]);
        }
  }

  void statistics(const GraphOperation& o) {
    const long channels = tensor(o.x).dims[C], pixels = size(tensor(o.x).dims) / channels;
    std::vector<double> sum(std::size_t(channels), 0), squares(sum);
    const float* x = values(o.x).data();
    for (long p = 0; p < pixels; p++)
      for (std::size_t c = 0; c < std::size_t(channels); c++, x++) sum[c] += *x, squares[c] += double(*x) * double(*x);
    std::copy(sum.begin(), sum.end(), values(o.y).begin());
    std::copy(squares.begin(), squares.end(), values(o.y2).begin());
  }

  void reductions(const GraphOperation& o) {
    const long channels = tensor(o.x).dims[C], pixels = size(tensor(o.x).dims) / channels;
    std::vector<double> sum(std::size_t(channels), 0), product(sum);
    const float *dz = values(o.x).data(), *x = values(o.w).data();
    for (long p = 0; p < pixels; p++)
      for (std::size_t c = 0; c < std::size_t(channels); c++, dz++, x++) {
        sum[c] += *dz;
        product[c] += double(*dz) * (double(*x) - double(values(o.mean)[c])) * double(values(o.inverse_deviation)[c]);
      }
    std::copy(product.begin(), product.end(), values(o.y).begin());
    std::copy(sum.begin(), sum.end(), values(o.y2).begin());
    for (std::size_t c = 0; c < sum.size(); c++) {  // dx = coefficients[0] dz + coefficients[1] x + coefficients[2]
      const double deviation = double(values(o.inverse_deviation)[c]), slope = double(values(o.scale)[c]) * deviation;
      const double of_x = -slope * deviation * product[c] / double(pixels);
      values(o.coefficients[0])[c] = float(slope);
      values(o.coefficients[1])[c] = float(of_x);
      values(o.coefficients[2])[c] = float(-of_x * double(values(o.mean)[c]) - slope * sum[c] / double(pixels));
    }
  }

  const GraphDescription& graph_;
  std::vector<Floats> values_;
};

std::string to_text(const Dims& d) { return core::sentence(d[0], 'x', d[1], 'x', d[2], 'x', d[3]); }

/// Whether a convolution fits tensors with these roles in its forward pass.
bool convolution_fits(const GraphOperation& o, const Dims& x, const Dims& w, const Dims& y) {
  if (x[N] != y[N] || w[N] != y[C] || x[C] % w[C] != 0 || w[N] % (x[C] / w[C]) != 0) return false;
  for (std::size_t i = 0; i < 2; i++) {
    if (o.stride[i] < 1 || o.dilation[i] < 1) return false;
    const long slack = x[i + H] + o.pad_before[i] + o.pad_after[i] - ((w[i + H] - 1) * o.dilation[i] + 1);
    if (slack < 0 || y[i + H] != slack / o.stride[i] + 1) return false;
  }
  return true;
}

bool spreads_to(const Dims& from, const Dims& to) {
  for (std::size_t i = 0; i < 4; i++)
    if (from[i] != to[i] && from[i] != 1) return false;
  return true;
}

bool fits(const GraphDescription& g, const GraphOperation& o) {
  const auto dims = [&](int i) { return g.tensors[std::size_t(i)].dims; };
  switch (o.op) {
    case GraphOp::convolution: return convolution_fits(o, dims(o.x), dims(o.w), dims(o.y));
    case GraphOp::input_gradient: return convolution_fits(o, dims(o.y), dims(o.w), dims(o.x));
    case GraphOp::weight_gradient: return convolution_fits(o, dims(o.x), dims(o.y), dims(o.w));
    case GraphOp::relu: return dims(o.x) == dims(o.y);
    case GraphOp::statistics: {
      const Dims channels{1, dims(o.x)[C], 1, 1};
      return dims(o.y) == channels && dims(o.y2) == channels && g.tensors[std::size_t(o.y)].element == Element::fp32 &&
             g.tensors[std::size_t(o.y2)].element == Element::fp32;
    }
    case GraphOp::reductions: {
      const Dims channels{1, dims(o.x)[C], 1, 1};
      for (const int t :
           {o.mean, o.inverse_deviation, o.scale, o.y, o.y2, o.coefficients[0], o.coefficients[1], o.coefficients[2]})
        if (dims(t) != channels || g.tensors[std::size_t(t)].element != Element::fp32) return false;
      return dims(o.x) == dims(o.w);
    }
    default: return spreads_to(dims(o.x), dims(o.y)) && spreads_to(dims(o.w), dims(o.y));
  }
}

}  // namespace

std::string validation_error(const GraphDescription& g) {
  std::vector<char> known(g.tensors.size(), 0);
  for (std::size_t i = 0; i < g.tensors.size(); i++) {
    known[i] = g.tensors[i].flow == Flow::input;
    for (const long d : g.tensors[i].dims)
      if (d < 1) return core::sentence("tensor ", i, " is ", to_text(g.tensors[i].dims));
  }
  for (std::size_t i = 0; i < g.operations.size(); i++) {
    const GraphOperation& o = g.operations[i];
    const std::string which = core::sentence("operation ", i, ", ", name(o.op), ", ");
    const bool unary = o.op == GraphOp::relu || o.op == GraphOp::statistics;
    const bool reduces = o.op == GraphOp::reductions;
    const int of_norm = (o.mean >= 0) + (o.inverse_deviation >= 0) + (o.scale >= 0);
    const long coefficients = std::count_if(o.coefficients.begin(), o.coefficients.end(), [](int t) { return t >= 0; });
    if ((o.w >= 0) == unary || (o.y2 >= 0) != (reduces || o.op == GraphOp::statistics) ||
        of_norm != (reduces ? 3 : 0) || coefficients != (reduces ? 3 : 0))
      return which + "has the wrong number of tensors";
    for (const int t : tensors_of(o))
      if (t < -1 || t >= int(g.tensors.size())) return which + "names a tensor that does not exist";
    if (o.x < 0 || o.y < 0) return which + "names a tensor that does not exist";
    for (const int t : {o.x, o.w, o.mean, o.inverse_deviation, o.scale})
      if (t >= 0 && !known[std::size_t(t)]) return core::sentence(which, "reads tensor ", t, " before it is written");
    for (const int t : outputs_of(o)) {
      if (t < 0) continue;
      if (known[std::size_t(t)]) return core::sentence(which, "writes tensor ", t, ", which already has a value");
      known[std::size_t(t)] = 1;
    }
    if (!fits(g, o)) {
      std::string shapes;
      for (const int t : tensors_of(o))
        if (t >= 0) shapes += (shapes.empty() ? "" : ", ") + to_text(g.tensors[std::size_t(t)].dims);
      return core::sentence(which, "does not fit its tensors ", shapes);
    }
  }
  for (std::size_t i = 0; i < known.size(); i++)
    if (!known[i] && g.tensors[i].flow == Flow::output) return core::sentence("no operation writes output ", i);
  return "";
}

void execute(const GraphDescription& graph, void* const* tensors) { Execution(graph, tensors); }

float round_to_tf32(float x) {
  if (!std::isfinite(x)) return x;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  return std::bit_cast<float>((bits + 0xFFFu + (bits >> 13 & 1u)) & ~0x1FFFu);
}

}  // namespace strata::testing
