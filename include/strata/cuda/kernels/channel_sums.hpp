// SPDX-License-Identifier: MIT
// Per-channel reductions over all pixels of a batch, in three launches whose sizes depend only on the map and the batch
// size: parts, groups of parts in order, groups in order. Part p sums pixels p, p + parts, ..., so neighboring threads
// read neighboring memory whatever the number of channels. Parts are floats, everything after them doubles.
#pragma once

#include <strata/core/divide.hpp>
#include <strata/cuda/kernels/affine.hpp>
#include <strata/cuda/kernels/workspace.hpp>

namespace strata::cuda::kernels {

struct Parts {
  long pixels;
  int count, group, groups;  ///< parts, parts per group, groups
  long least;                ///< pixels per part; the first `longer` parts have one more
  int longer;

  Parts(long all, int channels) : pixels(all) {
    const long wanted = (1L << 18) / channels,
               most = (all + 7) / 8;  // enough threads for any device; at least about 8 pixels
    count = int(wanted < most ? wanted : most);
    if (count > 1 << 14) count = 1 << 14;
    if (count < 1) count = 1;
    for (group = 1; group * group < count;) group *= 2;
    groups = core::ceil_divide(count, group);
    least = all / count;
    longer = int(all - least * count);
  }
  /// One past the last part of group g.
  STRATA_DEVICE int end(int g) const { return (g + 1) * group < count ? (g + 1) * group : count; }
  /// The number of pixels in parts [first, last).
  STRATA_DEVICE long size(int first, int last) const {
    const int with_more = (last < longer ? last : longer) - first;
    return (last - first) * least + (with_more > 0 ? with_more : 0);
  }
};

/// Two numbers per channel of each part and of each group: sums, or the mean and the sum of squared deviations from it.
struct PartialSums {
  float* parts;    ///< [part][2][channel]
  double* groups;  ///< [group][2][channel]
  PartialSums(WorkspaceAllocator& allocator, const Parts& p, int channels)
      : parts(allocator.take<float>(2L * p.count * channels)),
        groups(allocator.take<double>(2L * p.groups * channels)) {}
};

/// Merges pairs of sums.
struct SumOfParts {
  double sum = 0, more = 0;
  STRATA_DEVICE void add(double a, double b, double) { sum += a, more += b; }
  STRATA_DEVICE double first() const { return sum; }
  STRATA_DEVICE double second() const { return more; }
};

/// Merges the means and sums of squared deviations of parts. Sums are taken around the mean of the first part, so that
/// a large mean costs no precision.
struct MomentsOfParts {
  double origin = 0, count = 0, sum = 0, squares = 0;

  STRATA_DEVICE void add(double mean, double around, double n) {
    if (count == 0) origin = mean;
    const double d = mean - origin;
    count += n, sum += n * d, squares += around + n * d * d;
  }
  STRATA_DEVICE double first() const { return origin + sum / count; }
  STRATA_DEVICE double second() const { return squares - sum * (sum / count); }
};

template <class Merge>
struct MergeParts {
  Parts shape;
  int channels;
  const float* parts;
  double* groups;

  STRATA_DEVICE void operator()(long i) const {
    const int group = int(divide(i, channels)), c = int(i - long(group) * channels);
    Merge merge;
    for (int p = group * shape.group; p < shape.end(group); p++) {
      const float* part = parts + 2L * p * channels + c;
      merge.add(double(part[0]), double(part[channels]), double(shape.size(p, p + 1)));
    }
    groups[2L * group * channels + c] = merge.first();
    groups[(2L * group + 1) * channels + c] = merge.second();
  }
};

/// Calls result(c, first, second) with the totals of all groups.
template <class Merge, class Result>
struct MergeGroups {
  Parts shape;
  int channels;
  const double* groups;
  Result result;

  STRATA_DEVICE void operator()(long c) const {
    Merge merge;
    for (int g = 0; g < shape.groups; g++)
      merge.add(groups[2L * g * channels + c], groups[(2L * g + 1) * channels + c],
                double(shape.size(g * shape.group, shape.end(g))));
    result(int(c), merge.first(), merge.second());
  }
};

template <class Merge, class Result>
void merge_parts(const Call& call, const char* name, const Parts& shape, int channels, const PartialSums& sums,
                 const Result& result) {
  for_each(call.stream, "merge_parts", long(shape.groups) * channels,
           MergeParts<Merge>{shape, channels, sums.parts, sums.groups});
  for_each(call.stream, name, channels, MergeGroups<Merge, Result>{shape, channels, sums.groups, result});
}

/// The items of the first launch: (part, pack of channels).
template <int N>
struct PartGrid {
  Parts shape;
  int channels;
  float* sums;

  long count() const { return long(shape.count) * (channels / N); }
  /// Calls body(index of the pack's first element in the pixel) for each pixel of item i's part.
  template <class Body>
  STRATA_DEVICE void for_each_pixel(long i, Body body) const {
    for (long p = part(i); p < shape.pixels; p += shape.count) body(p * channels + channel(i));
  }
  STRATA_DEVICE int part(long i) const { return int(divide(i, channels / N)); }
  STRATA_DEVICE int channel(long i) const { return int(i - long(part(i)) * (channels / N)) * N; }
  STRATA_DEVICE void keep(long i, const float (&first)[std::size_t(N)], const float (&second)[std::size_t(N)]) const {
    float* const to = sums + 2L * part(i) * channels + channel(i);
    store<N>(to, first);
    store<N>(to + channels, second);
  }
};

/// Sums of dy over all pixels: the gradient of a bias.
template <class T, int N>
struct AddChannels {
  PartGrid<N> grid;
  const T* dy;

  STRATA_DEVICE void operator()(long i) const {
    float sum[std::size_t(N)] = {};
    const float nothing[std::size_t(N)] = {};
    grid.for_each_pixel(i, [&](long at) {
      float value[std::size_t(N)];
      load<N>(dy + at, value);
      for (int e = 0; e < N; e++) sum[e] += value[e];
    });
    grid.keep(i, sum, nothing);
  }
};

struct KeepFirst {
  float* to;
  STRATA_DEVICE void operator()(int c, double first, double) const { to[c] = float(first); }
};

inline long channel_sums_bytes(Shape dy, int batch) {
  WorkspaceAllocator allocator;
  PartialSums{allocator, Parts(long(batch) * dy.pixels(), dy.channels), dy.channels};
  return allocator.bytes();
}

inline void channel_sums(const Call& call, const void* dy, Shape shape, float* sums) {
  const Parts parts(long(call.batch) * shape.pixels(), shape.channels);
  WorkspaceAllocator allocator(call.workspace);
  const PartialSums partial(allocator, parts, shape.channels);
  with_pack(call.element, shape.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const PartGrid<n> grid{parts, shape.channels, partial.parts};
    for_each(call.stream, "bias_gradient_parts", grid.count(), AddChannels<T, n>{grid, static_cast<const T*>(dy)});
  });
  merge_parts<SumOfParts>(call, "bias_gradient", parts, shape.channels, partial, KeepFirst{sums});
}

}  // namespace strata::cuda::kernels
