// SPDX-License-Identifier: MIT
// The two ends of a network: reading the images and computing the loss.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <strata/cpu/lanes/call.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void input(const Call& call);
STRATA_ONCE void loss(const Call& call);

#if STRATA_HAS_BODIES

/// The addresses of a group's images in the batch. Padding lanes repeat the first image: any finite values will do.
template <class Raw>
struct Gathered {
  const Raw* image[width];
  Gathered(const Call& call, const Images& images, const Raw* raw) {
    for (int l = 0; l < width; l++)
      image[l] = raw + images.row(call.first + (l < call.images ? l : 0)) * call.node->out.size();
  }
};

// y[c][p] = scale[c] raw[p][c] + shift[c]; packed: scale[C], shift[C]

inline void gather(const Call& call, const Images& images, const float* raw) {
  const Shape shape = call.node->out;
  const Gathered<float> from(call, images, raw);
  const int channels = shape.channels, pixels = shape.pixels();
  float* y = call.y;
  for (int c = 0; c < channels; c++) {
    const Vector a(call.packed[c]), b(call.packed[channels + c]);
    int p = 0;
    for (; p + width <= pixels; p += width, y += width * width) {  // a square of images and pixels, transposed
      Vector square[width];
      for (int l = 0; l < width; l++) {
        const float* const run = from.image[l] + long(p) * channels + c;
        if (channels == 1) {
          square[l] = core::simd::loadu(run);
        } else {
          alignas(64) float row[width];
          for (int i = 0; i < width; i++) row[i] = run[long(i) * channels];
          square[l] = core::simd::load(row);
        }
      }
      core::simd::transpose(square);
      core::simd::unroll<width>(
          [&](auto i) STRATA_INLINE_LAMBDA { core::simd::store(y + i * width, core::simd::fma(a, square[i], b)); });
    }
    for (; p < pixels; p++, y += width) {
      alignas(64) float lane[width];
      for (int l = 0; l < width; l++) lane[l] = from.image[l][long(p) * channels + c];
      core::simd::store(y, core::simd::fma(a, core::simd::load(lane), b));
    }
  }
}

/// Bytes are read as words of four, with one word of each image side by side. Shifts separate the bytes, so nothing is
/// transposed.
inline void gather(const Call& call, const Images& images, const std::uint8_t* raw) {
  constexpr int block = 64;  // words of an image at a time: they stay in L1
  const Shape shape = call.node->out;
  const Gathered<std::uint8_t> from(call, images, raw);
  const int channels = shape.channels, size = int(shape.size());
  const long plane = long(shape.pixels()) * width;
  alignas(64) std::uint32_t words[block * width];
  int c = 0;
  float* y = call.y;  // the pixel of the next element, in plane 0; the element is in channel c
  for (int first = 0; first < size; first += 4 * block) {
    const int bytes = std::min(4 * block, size - first), whole = bytes / 4;
    for (int l = 0; l < width; l++) {
      const std::uint8_t* const run = from.image[l] + first;
      for (int w = 0; w < whole; w++) std::memcpy(words + w * width + l, run + 4 * w, 4);
      if (bytes % 4 != 0) std::memcpy(words + whole * width + l, run + 4 * whole, std::size_t(bytes % 4));
    }
    for (int e = 0; e < bytes; e++) {
      const std::uint32_t* const word = words + e / 4 * width;
      const int shift = std::endian::native == std::endian::little ? 8 * (e % 4) : 24 - 8 * (e % 4);
      alignas(64) float lane[width];
      for (int l = 0; l < width; l++) lane[l] = float(int(word[l] >> shift & 255));
      core::simd::store(y + c * plane, core::simd::fma(Vector(call.packed[c]), core::simd::load(lane),
                                                       Vector(call.packed[channels + c])));
      if (++c == channels) c = 0, y += width;
    }
  }
}

STRATA_ONCE void input(const Call& call) {
  const Images& images = core::source_of(call.step->images, call.node->port);
  if (images.bytes) gather(call, images, images.bytes);
  else gather(call, images, images.floats);
}

#endif  // STRATA_HAS_BODIES

/// The partial sum of a chunk.
struct LossSums {
  double loss = 0, weight = 0;
  long long correct = 0, counted = 0;
};
inline constexpr long loss_floats = sizeof(LossSums) / sizeof(float);

/// The pixels of an image that a loss function is given at once.
constexpr int loss_block(const Node& node) {
  const int pixels = node.out.pixels(), fit = std::max(1, 1024 / node.out.channels);
  return std::min(pixels, fit);
}
/// Floats of a thread: the scores and the gradient of these pixels, and the sums over an image.
constexpr long loss_workspace(const Node& node) {
  return whole_lines(2L * loss_block(node) * node.out.channels) +
         whole_lines(core::sums_of_image(node.out.channels) * long(sizeof(double) / sizeof(float)));
}

#if STRATA_HAS_BODIES

/// One image of the group, whose pixels a loss function is given block by block.
struct ImageOfLoss {
  const Call& call;
  int lane;
  const double* of_image = nullptr;

  /// Pixels from `first` on, with their scores in the workspace.
  core::LossRun<float> block(int first) const {
    const Shape shape = call.node->out;
    const int pixels = shape.pixels(), channels = shape.channels;
    const Labels& labels = call.step->labels;
    const long at = labels.row(call.first + lane) * pixels + first;
    core::LossRun<float> run;
    if (labels.floats) run.targets = labels.floats + at * channels;
    else run.labels = labels.values + at;
    run.count = std::min(loss_block(*call.node), pixels - first);
    run.channels = channels, run.stride = channels;
    run.scale = float(call.step->loss_scale);
    run.of_image = of_image;
    float* const scores = call.workspace;
    run.scores = scores, run.gradient = scores + run.count * channels;
    for (long p = 0; p < run.count; p++)
      for (int c = 0; c < channels; c++)
        scores[p * channels + c] = call.inputs[Input::x][(long(c) * pixels + first + p) * width + lane];
    return run;
  }
  /// Writes the gradient of a block to its lane.
  void put(const core::LossRun<float>& run, int first) const {
    const int pixels = call.node->out.pixels();
    for (long p = 0; p < run.count; p++)
      for (int c = 0; c < run.channels; c++)
        call.y[(long(c) * pixels + first + p) * width + lane] = run.gradient[p * run.channels + c];
  }
};

/// A loss with a function, image by image.
inline void loss_of_function(const Call& call) {
  const core::LossTerm& term = call.step->term;
  const Shape shape = call.node->out;
  const int pixels = shape.pixels(), step = loss_block(*call.node);
  LossSums& sums = *reinterpret_cast<LossSums*>(call.partial);
  double* const of_image = reinterpret_cast<double*>(call.workspace + whole_lines(2L * step * shape.channels));
  if (call.images < width) std::fill_n(call.y, shape.size() * width, 0.f);
  for (int lane = 0; lane < call.images; lane++) {
    ImageOfLoss image{call, lane};
    if (term.function->gather) {
      std::fill_n(of_image, core::sums_of_image(shape.channels), 0.0);
      for (int first = 0; first < pixels; first += step) term.function->gather(term, image.block(first), of_image);
      image.of_image = of_image;
    }
    core::StepResult own;
    for (int first = 0; first < pixels; first += step) {
      const core::LossRun<float> run = image.block(first);
      term.function->floats(term, run, own);
      image.put(run, first);
    }
    sums.loss += own.loss, sums.weight += own.weight, sums.correct += own.correct, sums.counted += own.counted;
  }
}

/// What the step's LossTerm says; without a function softmax cross-entropy per pixel: y = (softmax(x) - onehot(label))
/// * loss_scale * class weight, 0 where the label is ignored.
STRATA_ONCE void loss(const Call& call) {
  if (call.step->term.function) return loss_of_function(call);
  const Shape shape = call.node->out;
  const int pixels = shape.pixels(), channels = shape.channels;
  const long plane = long(pixels) * width, end = plane * channels;
  LossSums& sums = *reinterpret_cast<LossSums*>(call.partial);
  const float scale = float(call.step->loss_scale);
  const float* const class_weights = call.step->term.weights;
  for (int p = 0; p < pixels; p++) {
    const float* const x = call.inputs[Input::x] + long(p) * width;
    float* const y = call.y + long(p) * width;
    Vector top = core::simd::load(x), total(0.f);
    for (long at = plane; at < end; at += plane) top = maximum(top, core::simd::load(x + at));
    for (long at = 0; at < end; at += plane) {
      const Vector e = exponential(core::simd::load(x + at) - top);
      total = total + e;
      core::simd::store(y + at, e);
    }
    alignas(64) float tops[width], totals[width], scales[width], weights[width];
    int label[width];
    core::simd::store(tops, top);
    core::simd::store(totals, total);
    for (int l = 0; l < width; l++) {
      label[l] = l < call.images ? call.step->labels.values[call.step->labels.row(call.first + l) * pixels + p] : -1;
      if (label[l] >= channels) label[l] = -1;
      weights[l] = label[l] < 0 ? 0 : class_weights ? class_weights[label[l]] : 1;
      scales[l] = weights[l] * scale;
    }
    const Vector share = core::simd::load(scales) / total;
    for (long at = 0; at < end; at += plane) core::simd::store(y + at, core::simd::load(y + at) * share);
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

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes
