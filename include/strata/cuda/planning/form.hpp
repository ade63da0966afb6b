// SPDX-License-Identifier: MIT
// The ways in which a node can be computed: a form is a sequence of pieces, each a cuDNN graph or an own kernel.
// Written by lower.hpp, used by program.hpp.
#pragma once

#include <strata/cuda/runtime/description.hpp>
#include <strata/cuda/runtime/rounded_bytes.hpp>

#include <string>
#include <vector>

namespace strata::cuda {

/// Memory that a graph's tensor is bound to.
struct Operand {
  enum class Where : unsigned char {
    nothing,
    value,      ///< of node `node`, `offset` bytes into it
    weights,    ///< of node `node`, in the element of the precision, folded in inference
    bias,       ///< of node `node`, fp32, folded in inference
    parameter,  ///< fp32, at `offset` floats
    gradient,   ///< of the parameter at `offset` floats
    scratch,    ///< bytes from `offset` of the form's scratch
  };
  Where where = Where::nothing;
  int node = -1;
  long offset = 0;
  bool operator==(const Operand&) const = default;
};

/// What a piece does: a cuDNN graph, a node's own kernel, or a kernel next to graphs.
enum class Work : unsigned char {
  graph,              ///< a cuDNN graph, no own kernel
  node,               ///< the whole node by its own kernel
  coefficients,       ///< scratch: scale[C], shift[C] of the node's prologue, each in prologue_element()
  prologue,           ///< scratch: the node's first input after its prologue
  epilogue,           ///< value = pool(functor(source + bias + residual))
  functor,            ///< value = functor(value), for one other than ReLU
  join,               ///< value = source + other gradient, 0 where ReLU's output is 0 (graph/join_gradients.hpp)
  finish_statistics,  ///< batch value and running statistics of node `node` from sums[C], squares[C]
  keep_reductions,    ///< gradients of scale and shift from the batch value of node `node`, which a graph has computed
  bias_gradient,      ///< gradient of the node's bias: sum of dy over N, H, W
  widen_gradient      ///< fp32 gradient of the node's weights from scratch, where it has the precision's element type
};

constexpr const char* name(Work work) {
  constexpr const char* names[] = {"graph",           "node",    "coefficients", "prologue",
                                   "epilogue",        "functor", "join",         "finish_statistics",
                                   "keep_reductions", "bias",    "widen"};
  return names[int(work)];
}

struct Piece {
  Work work = Work::graph;
  int node = -1;
  GraphDescription graph{};
  std::vector<Operand> operands{};  ///< of the graph's tensors
  Operand from{}, to{};             ///< of own kernels that read or write scratch
};

struct Form {
  std::vector<Piece> pieces;
  long scratch_bytes = 0;  ///< in addition to the workspace of cuDNN and of own kernels
};

/// "coefficients | multiply+add+relu+convolution+statistics | finish_statistics": the pieces of a form.
inline std::string to_text(const Form& form) {
  std::string out;
  for (const Piece& piece : form.pieces) {
    if (!out.empty()) out += " | ";
    if (piece.work != Work::graph) out += name(piece.work);
    for (std::size_t i = 0; i < piece.graph.operations.size(); i++)
      out += std::string(i ? "+" : "") + name(piece.graph.operations[i].op);
  }
  return out;
}

/// A node, or a product together with the sums over its value.
struct Segment {
  int node = -1;
  int sums =
      -1;  ///< batch_statistics of a convolution's value, or normalize_reductions of an input gradient's; -1: none
  std::vector<Form> forms;
};

}  // namespace strata::cuda
