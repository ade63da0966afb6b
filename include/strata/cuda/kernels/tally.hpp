// SPDX-License-Identifier: MIT
// What a validation wants to know of a batch's probabilities: the loss, and how often each class was predicted as each.
// An item of the first launch counts its part of the pixels in memory of its own, since no kernel uses atomics:
// confusion[truth][predicted][part], which neighboring items mostly access at neighboring places. In the second launch
// an item adds the parts of one number in order.
#pragma once

#include <strata/cuda/kernels/own_kernels.hpp>
#include <strata/cuda/kernels/pack.hpp>
#include <strata/cuda/kernels/workspace.hpp>
#include <strata/cuda/runtime/launch.hpp>

#include <cmath>

namespace strata::cuda::kernels {

/// As many as fit into 16 MiB, from 32 to 4096.
constexpr long tally_parts(int classes) {
  const long fit = (1L << 22) / (long(classes) * classes);
  return fit < 32 ? 32 : fit > 4096 ? 4096 : fit;
}

struct TallyWorkspace {
  int* confusion;
  TallySums* sums;
  long parts;
  TallyWorkspace(WorkspaceAllocator& allocator, int classes)
      : confusion(allocator.take<int>(long(classes) * classes * tally_parts(classes))),
        sums(allocator.take<TallySums>(tally_parts(classes))),
        parts(tally_parts(classes)) {}
};

template <class T>
struct TallyPixels {
  const T* probabilities;
  DeviceLabels labels;
  const float* class_weights;
  int* confusion;
  TallySums* sums;
  int classes;
  long count, parts;

  STRATA_DEVICE void operator()(long part) const {
    for (int cell = 0; cell < classes * classes; cell++) confusion[cell * parts + part] = 0;
    TallySums own;
    for (long i = part; i < count; i += parts) {
      const std::int32_t label = labels[i];
      if (label < 0 || label >= classes) continue;
      const T* const p = probabilities + i * classes;
      int best = 0;
      for (int c = 1; c < classes; c++)
        if (to_float(p[c]) > to_float(p[best])) best = c;
      const float likely = to_float(p[label]);
      const double weight = double(class_weights[label]);
      own.loss -= weight * std::log(double(likely < 1e-37f ? 1e-37f : likely));
      own.weight += weight;
      own.counted++;
      confusion[(long(label) * classes + best) * parts + part]++;
    }
    sums[part] = own;
  }
};

/// Items 0 ... classes^2 - 1 add the parts of the confusion, and the last those of the sums.
struct AddTallies {
  const int* confusion;
  const TallySums* parts_of_sums;
  long long* total;
  TallySums* sums;
  int classes;
  long parts;

  STRATA_DEVICE void operator()(long cell) const {
    if (cell < long(classes) * classes) {
      long long sum = 0;
      for (long k = 0; k < parts; k++) sum += confusion[cell * parts + k];
      total[cell] = sum;
      return;
    }
    TallySums all;
    for (long k = 0; k < parts; k++) {
      all.loss += parts_of_sums[k].loss, all.weight += parts_of_sums[k].weight;
      all.counted += parts_of_sums[k].counted;
    }
    *sums = all;
  }
};

inline void tally(const TallyBatch& t) {
  WorkspaceAllocator allocator(t.workspace);
  const TallyWorkspace workspace(allocator, t.scores.channels);
  with_element(t.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(t.stream, "tally_pixels", workspace.parts,
             TallyPixels<T>{static_cast<const T*>(t.probabilities), t.labels, t.class_weights, workspace.confusion,
                            workspace.sums, t.scores.channels, long(t.batch) * t.scores.pixels(), workspace.parts});
  });
  for_each(t.stream, "tally", long(t.scores.channels) * t.scores.channels + 1,
           AddTallies{workspace.confusion, workspace.sums, t.confusion, t.sums, t.scores.channels, workspace.parts});
}

}  // namespace strata::cuda::kernels
