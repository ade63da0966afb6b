// SPDX-License-Identifier: MIT
// Gradients of learned numbers that elements share (Node::share): two sums over the elements that share a number, as
// sums over the columns of the batch seen as a matrix.
#pragma once

#include <strata/cuda/kernels/channel_sums.hpp>

namespace strata::cuda::kernels {

using graph::Share;

/// The number of an element in PyTorch's order.
struct SharedIndex {
  Share share;
  int pixels;

  STRATA_DEVICE long operator()(long channel, long pixel) const {
    return share == Share::element ? channel * pixels + pixel : share == Share::channel ? channel : 0;
  }
};

/// One column for each number, rows in memory order.
struct SharedMatrix {
  int columns;
  Parts parts;
  SharedMatrix(const Node& node, int batch)
      : columns(int(graph::shared_numbers(node.share, node.in))), parts(batch * node.in.size() / columns, columns) {}
};

inline long shared_sums_bytes(const Node& node, int batch) {
  const SharedMatrix matrix(node, batch);
  WorkspaceAllocator allocator;
  PartialSums{allocator, matrix.parts, matrix.columns};
  return allocator.bytes();
}

/// add(index of the element in the batch, sum, product), for each element.
template <class Add>
struct AddShared {
  PartGrid<1> grid;
  Add add;

  STRATA_DEVICE void operator()(long i) const {
    float sum[1] = {}, product[1] = {};
    grid.for_each_pixel(i, [&](long at) { add(at, sum[0], product[0]); });
    grid.keep(i, sum, product);
  }
};

struct KeepShared {
  float *weights, *bias;  ///< bias: null without
  SharedIndex index;
  int channels;

  STRATA_DEVICE void operator()(int column, double sum, double product) const {
    const long pixel = index.share == Share::element ? column / channels : 0;
    const long at = index(column - pixel * channels, pixel);
    weights[at] = float(product);
    if (bias) bias[at] = float(sum);
  }
};

template <class Add>
void sum_shared(const Call& call, const char* name, const char* parts_name, const Add& add) {
  const Node& node = *call.node;
  const SharedMatrix matrix(node, call.batch);
  WorkspaceAllocator allocator(call.workspace);
  const PartialSums partial(allocator, matrix.parts, matrix.columns);
  const PartGrid<1> grid{matrix.parts, matrix.columns, partial.parts};
  for_each(call.stream, parts_name, grid.count(), AddShared<Add>{grid, add});
  merge_parts<SumOfParts>(call, name, matrix.parts, matrix.columns, partial,
                          KeepShared{call.gradient(node.weights), call.gradient(node.bias),
                                     SharedIndex{node.share, node.in.pixels()}, node.in.channels});
}

}  // namespace strata::cuda::kernels
