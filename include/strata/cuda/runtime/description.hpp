// SPDX-License-Identifier: MIT
// A cuDNN graph as plain numbers: the lowering of a plan writes it, cuDNN's front end gets it, and tables and caches
// use it as their key. Writing or reading one needs no CUDA header.
//
// Tensors have four dimensions in cuDNN's order (N, C, H, W) and are stored with channels innermost; weights are (K, C,
// R, S), stored as [K][R][S][C]. Per-channel numbers are (1, C, 1, 1). Computation is in fp32 whatever is stored.
#pragma once

#include <strata/cuda/runtime/precision.hpp>

#include <array>
#include <vector>

namespace strata::cuda {

/// How a tensor connects a graph to its surroundings.
enum class Flow : unsigned char {
  input,     ///< memory that the graph reads
  output,    ///< memory that the graph writes
  internal,  ///< only inside the graph: never stored
};

struct GraphTensor {
  std::array<long, 4> dims{1, 1, 1, 1};     ///< N, C, H, W; of weights K, C, R, S
  std::array<long, 4> strides{1, 1, 1, 1};  ///< elements
  Element element = Element::fp32;
  Flow flow = Flow::internal;
  bool operator==(const GraphTensor&) const = default;
};

/// From the tensor's first byte to its last.
constexpr long extent_bytes(const GraphTensor& t) {
  long last = 0;
  for (std::size_t i = 0; i < 4; i++) last += (t.dims[i] - 1) * t.strides[i];
  return (last + 1) * bytes_of(t.element);
}

/// Operands are indices of the graph's tensors, -1: none. y is the result.
enum class GraphOp : unsigned char {
  convolution,      ///< y = x * w                        x, w -> y
  input_gradient,   ///< dx of a convolution              dy (x), w -> dx (y)
  weight_gradient,  ///< dw of a convolution              x, dy (w) -> dw (y)
  add,              ///< y = x + w; w may be (1, C, 1, 1)
  subtract,         ///< y = x - w; likewise
  multiply,         ///< y = x w; likewise
  relu,             ///< y = max(x, 0)
  relu_gradient,    ///< y = x where w > 0, else 0        dy (x), the output of the ReLU or its input (w)
  statistics,       ///< y, y2 (1, C, 1, 1) fp32: sum of x and of its square over N, H, W
  reductions,  ///< y, y2 (1, C, 1, 1) fp32: sum of dz xhat and of dz over N, H, W     dz (x), the raw input of the norm
               ///< (w); and three coefficients
};

constexpr const char* name(GraphOp op) {
  constexpr const char* names[] = {"convolution", "input_gradient", "weight_gradient", "add",        "subtract",
                                   "multiply",    "relu",           "relu_gradient",   "statistics", "reductions"};
  return names[int(op)];
}

struct GraphOperation {
  GraphOp op = GraphOp::convolution;
  int x = -1, w = -1, y = -1, y2 = -1;
  // of the convolution and its gradients: rows, columns
  std::array<long, 2> pad_before{0, 0}, pad_after{0, 0}, stride{1, 1}, dilation{1, 1};
  int mean = -1, inverse_deviation = -1, scale = -1;  ///< of reductions: (1, C, 1, 1) fp32, of the batch norm
  /// Of reductions: (1, C, 1, 1) fp32, those of the norm's input gradient. Nothing reads them, but cuDNN's engine is
  /// documented to write them, so they have memory.
  std::array<int, 3> coefficients{-1, -1, -1};
  bool operator==(const GraphOperation&) const = default;
};

/// The tensors that the operation computes; -1: none.
constexpr std::array<int, 5> outputs_of(const GraphOperation& o) {
  return {o.y, o.y2, o.coefficients[0], o.coefficients[1], o.coefficients[2]};
}

/// The tensors that the operation reads, then those that it computes; -1: none.
constexpr std::array<int, 10> tensors_of(const GraphOperation& o) {
  return {o.x,
          o.w,
          o.mean,
          o.inverse_deviation,
          o.scale,
          o.y,
          o.y2,
          o.coefficients[0],
          o.coefficients[1],
          o.coefficients[2]};
}

/// Operations are in order of dependence.
struct GraphDescription {
  Compute compute = Compute::tf32;  ///< of products of fp32 tensors
  std::vector<GraphTensor> tensors;
  std::vector<GraphOperation> operations;
  bool operator==(const GraphDescription&) const = default;

  int add(const GraphTensor& tensor) {
    tensors.push_back(tensor);
    return int(tensors.size()) - 1;
  }
};

/// (N, C, H, W), channels innermost, packed.
inline GraphTensor channels_innermost(long n, long c, long h, long w, Element element, Flow flow) {
  return {{n, c, h, w}, {c * h * w, 1, c * w, c}, element, flow};
}

}  // namespace strata::cuda
