// SPDX-License-Identifier: MIT
// Norms within an image: statistics of groups of its channels, over the map or of each pixel, the norm by them and its
// gradients. A part of a map sums every parts-th pixel of a group; a second launch merges the parts in order.
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/cuda/kernels/functors.hpp>
#include <strata/cuda/kernels/shared_sums.hpp>

namespace strata::cuda::kernels {

using namespace functions;

/// Where an element of a batch of maps belongs.
struct NormPlace {
  long pixel;      ///< of its image
  int channel;     ///< of its pixel
  long first;      ///< the first number of its group in a value of 2 G numbers per map or pixel
  long parameter;  ///< its scale and shift
};

/// The groups of a batch of maps.
struct NormGroups {
  int pixels, channels, groups;
  bool each_pixel;
  SharedIndex index;

  explicit NormGroups(const Node& node)
      : pixels(node.in.pixels()),
        channels(node.in.channels),
        groups(node.groups),
        each_pixel(normalizes_pixels(node)),
        index{node.share, pixels} {}
  STRATA_DEVICE NormPlace operator()(long element) const {
    const long pixel = divide(element, channels), image = divide(pixel, pixels);
    const int c = int(element - pixel * channels);
    const long within = pixel - image * pixels;
    return {within, c, (each_pixel ? pixel : image) * 2 * groups + c / (channels / groups), index(c, within)};
  }
};

/// What shares statistics: a map, or a pixel, cut into parts.
struct Spans {
  NormGroups map;
  long count;  ///< in the batch
  int pixels, parts;

  Spans(const Node& node, int batch)
      : map(node),
        count(map.each_pixel ? long(batch) * map.pixels : batch),
        pixels(map.each_pixel ? 1 : map.pixels),
        parts(pixels < 64        ? 1
              : pixels / 32 > 64 ? 64
                                 : pixels / 32) {}
  long items() const { return count * parts * map.groups; }
  long numbers() const { return 2 * items(); }
  STRATA_DEVICE int group_channels() const { return map.channels / map.groups; }
  STRATA_DEVICE int part_pixels(int part) const { return (pixels - part + parts - 1) / parts; }
  /// The pixel of an image that is a span's pixel p.
  STRATA_DEVICE long pixel_of(long span, int p) const { return map.each_pixel ? span % map.pixels : p; }
};

inline long group_norm_bytes(const Node& node, int batch) {
  WorkspaceAllocator allocator;
  allocator.take<float>(Spans(node, batch).numbers());
  return allocator.bytes();
}

/// A part of a group of a span: item i.
struct SpanPart {
  long span;
  int part, group;
  STRATA_DEVICE SpanPart(const Spans& spans, long i) {
    const long row = divide(i, spans.map.groups);
    group = int(i - row * spans.map.groups);
    span = divide(row, spans.parts);
    part = int(row - span * spans.parts);
  }
  /// The index of the group's first channel at the span's pixel p.
  STRATA_DEVICE long at(const Spans& spans, int p) const {
    return (span * spans.pixels + p) * spans.map.channels + group * spans.group_channels();
  }
};

/// Mean and sum of squared deviations of each part.
template <class T>
struct GroupMoments {
  Spans spans;
  const T* x;
  float* to;

  STRATA_DEVICE void operator()(long i) const {
    const SpanPart own(spans, i);
    const float origin = to_float(x[own.at(spans, own.part)]);
    float sum = 0, squares = 0;
    for (int p = own.part; p < spans.pixels; p += spans.parts)
      for (int c = 0; c < spans.group_channels(); c++) {
        const float d = to_float(x[own.at(spans, p) + c]) - origin;
        sum += d, squares += d * d;
      }
    const float offset = sum / (float(spans.part_pixels(own.part)) * float(spans.group_channels()));
    to[2 * i] = origin + offset;
    to[2 * i + 1] = maximum(squares - sum * offset, 0.f);
  }
};

/// Means over each part of dz and of dz xhat, dz = scale dy, times the part's elements.
template <class T>
struct GroupReductions {
  Spans spans;
  const T *dy, *x, *statistics;
  const float* scale;  ///< null: 1
  float* to;

  STRATA_DEVICE void operator()(long i) const {
    const SpanPart own(spans, i);
    const T* const numbers = statistics + own.span * 2 * spans.map.groups + own.group;
    const float mean = to_float(numbers[0]), inv_std = to_float(numbers[spans.map.groups]);
    float sum = 0, product = 0;
    for (int p = own.part; p < spans.pixels; p += spans.parts)
      for (int c = 0; c < spans.group_channels(); c++) {
        const long at = own.at(spans, p) + c;
        float dz = to_float(dy[at]);
        if (scale) dz *= scale[spans.map.index(own.group * spans.group_channels() + c, spans.pixel_of(own.span, p))];
        sum += dz, product += dz * (to_float(x[at]) - mean);
      }
    to[2 * i] = sum, to[2 * i + 1] = product * inv_std;
  }
};

/// Merges the parts of each group of each span into two numbers: statistics, or means of sums.
template <class T, class Merge>
struct MergeSpans {
  Spans spans;
  const float* from;
  bool moments;
  double epsilon;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const int groups = spans.map.groups;
    const long span = divide(i, groups);
    const int group = int(i - span * groups);
    Merge merge;
    for (int part = 0; part < spans.parts; part++) {
      const float* const numbers = from + 2 * ((span * spans.parts + part) * groups + group);
      merge.add(double(numbers[0]), double(numbers[1]), double(spans.part_pixels(part)) * spans.group_channels());
    }
    const double elements = double(spans.pixels) * spans.group_channels();
    const double first = moments ? merge.first() : merge.first() / elements, second = merge.second() / elements;
    assign(y[span * 2 * groups + group], float(first));
    assign(y[span * 2 * groups + groups + group], float(moments ? 1 / square_root(second + epsilon) : second));
  }
};

inline void group_statistics(const Call& call) {
  const Spans spans(*call.node, call.batch);
  float* const parts = WorkspaceAllocator(call.workspace).take<float>(spans.numbers());
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, "group_statistics_parts", spans.items(),
             GroupMoments<T>{spans, static_cast<const T*>(call.inputs[Input::x]), parts});
    for_each(call.stream, "group_statistics", spans.count * spans.map.groups,
             MergeSpans<T, MomentsOfParts>{spans, parts, true, call.node->epsilon, static_cast<T*>(call.output)});
  });
}

inline void group_norm_reductions(const Call& call) {
  const Spans spans(*call.node, call.batch);
  float* const parts = WorkspaceAllocator(call.workspace).take<float>(spans.numbers());
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, "group_norm_reductions_parts", spans.items(),
             GroupReductions<T>{
                 spans, static_cast<const T*>(call.inputs[Input::dy]), static_cast<const T*>(call.inputs[Input::x]),
                 static_cast<const T*>(call.inputs[Input::statistics]), call.parameter(call.node->weights), parts});
    for_each(call.stream, "group_norm_reductions", spans.count * spans.map.groups,
             MergeSpans<T, SumOfParts>{spans, parts, false, 0, static_cast<T*>(call.output)});
  });
}

/// y = scale (x - mean) inv_std + shift, then ReLU; y may be x.
template <class T>
struct GroupNorm {
  NormGroups groups;
  const T *x, *statistics;
  const float *scale, *shift;  ///< null: 1 and 0
  T* y;
  bool relu;

  STRATA_DEVICE void operator()(long i) const {
    const NormPlace at = groups(i);
    float value = (to_float(x[i]) - to_float(statistics[at.first])) * to_float(statistics[at.first + groups.groups]);
    if (scale) value = value * scale[at.parameter] + shift[at.parameter];
    assign(y[i], relu ? maximum(value, 0.f) : value);
  }
};

inline void group_norm(const Call& call) {
  const Node& node = *call.node;
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, "group_norm", call.batch * node.in.size(),
             GroupNorm<T>{NormGroups(node), static_cast<const T*>(call.inputs[Input::x]),
                          static_cast<const T*>(call.inputs[Input::statistics]), call.parameter(node.weights),
                          call.parameter(node.bias), static_cast<T*>(call.output), is_relu(node)});
  });
  if (has_custom_functor(node)) custom_functor(call).apply(call, call.output, call.batch * node.in.size());
}

/// dx = inv_std (dz - mean of dz - xhat mean of dz xhat); dx may be dy.
template <class T>
struct GroupNormInputGradient {
  NormGroups groups;
  const T *dy, *x, *statistics, *means;
  const float* scale;  ///< null: 1
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const NormPlace at = groups(i);
    const long second = at.first + groups.groups;
    const float inv_std = to_float(statistics[second]);
    const float xhat = (to_float(x[i]) - to_float(statistics[at.first])) * inv_std;
    const float dz = to_float(dy[i]) * (scale ? scale[at.parameter] : 1.f);
    assign(dx[i], inv_std * (dz - to_float(means[at.first]) - xhat * to_float(means[second])));
  }
};

inline void group_norm_input_gradient(const Call& call) {
  const Node& node = *call.node;
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, "group_norm_input_gradient", call.batch * node.in.size(),
             GroupNormInputGradient<T>{NormGroups(node), static_cast<const T*>(call.inputs[Input::dy]),
                                       static_cast<const T*>(call.inputs[Input::x]),
                                       static_cast<const T*>(call.inputs[Input::statistics]),
                                       static_cast<const T*>(call.inputs[Input::reductions]),
                                       call.parameter(node.weights), static_cast<T*>(call.output)});
  });
}

/// dy and dy xhat of an element.
template <class T>
struct GroupNormTerms {
  NormGroups groups;
  const T *dy, *x, *statistics;

  STRATA_DEVICE void operator()(long i, float& sum, float& product) const {
    const NormPlace at = groups(i);
    const float d = to_float(dy[i]);
    sum += d;
    product += d * ((to_float(x[i]) - to_float(statistics[at.first])) * to_float(statistics[at.first + groups.groups]));
  }
};

inline void group_norm_weight_gradient(const Call& call) {
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    sum_shared(call, "group_norm_weight_gradient", "group_norm_weight_gradient_parts",
               GroupNormTerms<T>{NormGroups(*call.node), static_cast<const T*>(call.inputs[Input::dy]),
                                 static_cast<const T*>(call.inputs[Input::x]),
                                 static_cast<const T*>(call.inputs[Input::statistics])});
  });
}

}  // namespace strata::cuda::kernels
