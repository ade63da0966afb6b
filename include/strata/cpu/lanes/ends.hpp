// SPDX-License-Identifier: MIT
// Where images come in and where the loss is taken.
#pragma once

#include <cmath>
#include <strata/cpu/lanes/call.hpp>

namespace strata::cpu::lanes {

/// y[c][p] = scale[c] raw[p][c] + shift[c]; packed: scale[C], shift[C]; raw from the images of the batch at the group's positions.
template <class Raw>
void gather(const Call& call, const Raw* raw) {
  const Shape shape = call.node->out;
  const long size = shape.size();
  const Raw* image[width];
  for (int l = 0; l < width; l++)  // padding repeats the first image: any finite numbers
    image[l] = raw + call.step->images.row(call.first + (l < call.images ? l : 0)) * size;
  const int channels = shape.channels, pixels = shape.pixels();
  float* y = call.y;
  for (int c = 0; c < channels; c++) {
    const Vector a(call.packed[c]), b(call.packed[channels + c]);
    int p = 0;
    for (; p + width <= pixels; p += width, y += width * width) {  // a square of images and pixels, transposed
      Vector square[width];
      for (int l = 0; l < width; l++) {
        alignas(64) float row[width];
        const Raw* const from = image[l] + long(p) * channels + c;
        if (channels == 1)  // contiguous: compilers make vectors of it
          for (int i = 0; i < width; i++) row[i] = float(from[i]);
        else
          for (int i = 0; i < width; i++) row[i] = float(from[long(i) * channels]);
        square[l] = simd::load(row);
      }
      simd::transpose(square);
      simd::unroll<width>([&](auto i) STRATA_INLINE_LAMBDA { simd::store(y + i * width, simd::fma(a, square[i], b)); });
    }
    for (; p < pixels; p++, y += width) {
      alignas(64) float lane[width];
      for (int l = 0; l < width; l++) lane[l] = float(image[l][long(p) * channels + c]);
      simd::store(y, simd::fma(a, simd::load(lane), b));
    }
  }
}

inline void input(const Call& call) {
  if (call.step->images.bytes) gather(call, call.step->images.bytes);
  else gather(call, call.step->images.floats);
}

/// A chunk's partial sum.
struct LossSums {
  double loss = 0, weight = 0;
  long long correct = 0, counted = 0;
};
inline constexpr long loss_floats = sizeof(LossSums) / sizeof(float);

/// Softmax cross-entropy of each pixel: y = (softmax(x) - onehot(label)) * loss_scale * class weight, 0 where the label is
/// ignored.
inline void loss(const Call& call) {
  const Shape shape = call.node->out;
  const int pixels = shape.pixels(), channels = shape.channels;
  const long plane = long(pixels) * width, end = plane * channels;
  LossSums& sums = *reinterpret_cast<LossSums*>(call.partial);
  const float scale = float(call.step->loss_scale);
  for (int p = 0; p < pixels; p++) {
    const float* const x = call.x[0] + long(p) * width;
    float* const y = call.y + long(p) * width;
    Vector top = simd::load(x), total(0.f);
    for (long at = plane; at < end; at += plane) top = maximum(top, simd::load(x + at));
    for (long at = 0; at < end; at += plane) {
      const Vector e = exponential(simd::load(x + at) - top);
      total = total + e;
      simd::store(y + at, e);
    }
    alignas(64) float tops[width], totals[width], scales[width], weights[width];
    int label[width];
    simd::store(tops, top);
    simd::store(totals, total);
    for (int l = 0; l < width; l++) {
      label[l] = l < call.images ? call.step->labels.values[call.step->labels.row(call.first + l) * pixels + p] : -1;
      if (label[l] >= channels) label[l] = -1;
      weights[l] = label[l] < 0 ? 0 : call.step->class_weights ? call.step->class_weights[label[l]] : 1;
      scales[l] = weights[l] * scale;
    }
    const Vector share = simd::load(scales) / total;
    for (long at = 0; at < end; at += plane) simd::store(y + at, simd::load(y + at) * share);
    for (int l = 0; l < width; l++) {
      if (label[l] < 0) continue;
      const float own = x[label[l] * plane + l];
      y[label[l] * plane + l] -= scales[l];
      sums.loss += double(weights[l]) * (std::log(double(totals[l])) + (double(tops[l]) - own));
      sums.weight += double(weights[l]);
      sums.counted++;
      int best = 0;
      while (x[best * plane + l] < tops[l]) best++;
      sums.correct += best == label[l];
    }
  }
}

}  // namespace strata::cpu::lanes
