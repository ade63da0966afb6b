// SPDX-License-Identifier: MIT
// Softmax cross-entropy on scores that may be enlarged and cropped on the way: scores = crop(resize(x)), of shape mid,
// are computed one by one and never stored. The value is the gradient of x, in x's shape:
//   loss = sum over labeled pixels of weight[label] (log sum exp(scores) - scores[label])
//   dx   = resize^T crop^T (softmax(scores) - onehot(label)) weight[label] loss_scale
// The first launch walks over the pixels of the scores and keeps two numbers per pixel: the maximum score, and the
// factor that turns exp(score - maximum) into its part of the gradient. It sums the loss and counts the labels over
// parts of the pixels, and further launches add the parts in order, and over all devices that share the batch. Then
// loss_scale is known, which may be one over the number of labels. In the last launch each element of dx gathers from
// the pixels that read it.
#pragma once

#include <strata/core/divide.hpp>
#include <strata/cuda/kernels/softmax.hpp>
#include <strata/cuda/kernels/workspace.hpp>

#include <utility>

namespace strata::cuda::kernels {

using namespace functions;

/// Kept per pixel: the gradient of score s is share exp(s - most), minus the weight if s is the label's score; all of
/// it times the scale.
struct PixelOfLoss {
  float most, share;
};

/// Enough parts to fill a large GPU (tests/support/occupancy.cmake).
constexpr long loss_parts(long pixels) { return (pixels + 3) / 4 < 1L << 18 ? (pixels + 3) / 4 : 1L << 18; }
inline constexpr int loss_group = 32;

/// Of an image, for each class: the sums of p t, p and t; then the number of its pixels that count, the sum of the
/// weights, and its Dice loss.
STRATA_DEVICE constexpr long numbers_of_image(int classes) { return 3L * classes + 3; }

struct LossWorkspace {
  PixelOfLoss* pixels;
  LossSums *even, *odd;  ///< partial sums: by turns input and output of a launch
  float* scale;          ///< of the gradients
  double* of_image;      ///< any_loss.hpp: what the Dice loss sums over each image
  LossWorkspace(WorkspaceAllocator& allocator, const Node& node, int batch) {
    const long count = long(batch) * node.mid.pixels();
    pixels = allocator.take<PixelOfLoss>(count);
    even = allocator.take<LossSums>(loss_parts(count));
    odd = allocator.take<LossSums>(core::ceil_divide(loss_parts(count), loss_group));
    scale = allocator.take<float>(1);
    of_image = allocator.take<double>(long(batch) * numbers_of_image(node.in.channels));
  }
};

STRATA_DEVICE inline bool is_class(std::int32_t label, int channels) { return label >= 0 && label < channels; }

template <class T>
struct LossOfPixels {
  Node node;
  Grid<1> pixels;
  const T* x;
  DeviceLabels labels;
  const float* class_weights;
  PixelOfLoss* kept;
  LossSums* sums;
  long count, parts;

  STRATA_DEVICE void operator()(long part) const {
    const int channels = node.in.channels;
    LossSums own;
    for (long i = part; i < count; i += parts) {
      const std::int32_t label = labels[i];
      if (!is_class(label, channels)) {
        kept[i] = {0, 0};
        continue;
      }
      const Place p = pixels(i);
      const Scores<T> scores(node, x, p.image, p.row, p.column);
      const auto top = scores.top(channels);
      const float weight = class_weights[label];
      kept[i] = {top.most, weight / top.total};
      own.loss += double(weight) * (double(std::log(top.total)) + double(top.most - scores(label)));
      own.weight += double(weight);
      own.correct += top.channel == label;
      own.counted++;
    }
    sums[part] = own;
  }
};

/// Each item adds up to `loss_group` sums in order; the last launch also takes the request to stop.
struct AddLosses {
  const LossSums* from;
  LossSums* to;
  const StepNumbers* numbers;
  long count;

  STRATA_DEVICE void operator()(long i) const {
    LossSums sum;
    for (long k = i * loss_group; k < (i + 1) * loss_group && k < count; k++) {
      sum.loss += from[k].loss, sum.weight += from[k].weight;
      sum.correct += from[k].correct, sum.counted += from[k].counted;
    }
    if (count <= loss_group) sum.stops = numbers->stop;
    to[i] = sum;
  }
};

/// The factor of the gradients; 0 where no label is counted.
struct ScaleOfLoss {
  const LossSums* sums;
  const StepNumbers* numbers;
  float* scale;

  STRATA_DEVICE void operator()(long) const {
    const double divisor = divisor_of(numbers->divisor, *sums);
    *scale = divisor > 0 ? float(1 / divisor * double(numbers->loss_scale)) : 0.f;
  }
};

/// dx where the scores are x itself.
template <class T>
struct LossGradient {
  int channels;
  const T* x;
  DeviceLabels labels;
  const float* class_weights;
  const float* scale;
  const PixelOfLoss* kept;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const long pixel = divide(i, channels);
    const int c = int(i - pixel * channels);
    const PixelOfLoss p = kept[pixel];
    float gradient = p.share == 0 ? 0.f : p.share * exponential(to_float(x[i]) - p.most);
    if (labels[pixel] == c) gradient -= class_weights[c];
    assign(dx[i], *scale * gradient);
  }
};

/// The gradient at a position of x where the scores are crop(resize(x)): the sum over the scores that read it of
/// gradient(pixel, score), each by its share. They depend only on the 3 x 3 positions around it.
template <class T, class Gradient>
STRATA_DEVICE float gathered_gradient(const Node& node, const Grid<1>& in, const T* x, const Place& p,
                                      const Gradient& gradient) {
  const Shape scores = node.mid;
  const Readers rows(p.row, node.factor, node.offset_y, scores.height);
  const Readers columns(p.column, node.factor, node.offset_x, scores.width);
  const int left = p.column > 0 ? p.column - 1 : 0, right = p.column + 1 < in.width ? p.column + 1 : p.column;
  float sum = 0;
  for (int r = rows.first; r < rows.last; r++) {
    const Mix row(r + node.offset_y, node.factor, in.height, node.mode);
    const float row_share = row.share(p.row);
    if (row_share == 0) continue;
    const auto mixed = [&](int column) {
      return row.weight[0] * to_float(x[in.at(p.image, row.at[0], column, p.channel)]) +
             row.weight[1] * to_float(x[in.at(p.image, row.at[1], column, p.channel)]);
    };
    const float before = mixed(left), here = mixed(p.column), after = mixed(right);
    const long first = (p.image * scores.height + r) * scores.width;
    float of_row = 0;
    for (int c = columns.first; c < columns.last; c++) {
      const Mix column(c + node.offset_x, node.factor, in.width, node.mode);
      const float column_share = column.share(p.column);
      if (column_share == 0) continue;
      const float score = column.weight[0] * (column.at[0] < p.column ? before : here) +
                          column.weight[1] * (column.at[1] > p.column ? after : here);
      of_row += column_share * gradient(first + c, score);
    }
    sum += row_share * of_row;
  }
  return sum;
}

/// dx where the scores are crop(resize(x)).
template <class T>
struct EnlargedLossGradient {
  Node node;
  Grid<1> in;  ///< of x, channels included
  const T* x;
  DeviceLabels labels;
  const float* class_weights;
  const float* scale;
  const PixelOfLoss* kept;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = in(i);
    const float whole = class_weights[p.channel];
    const float sum = gathered_gradient(node, in, x, p, [&](long at, float score) {
      const PixelOfLoss pixel = kept[at];
      float gradient = pixel.share == 0 ? 0.f : pixel.share * exponential(score - pixel.most);
      if (labels[at] == p.channel) gradient -= whole;
      return gradient;
    });
    assign(dx[i], *scale * sum);
  }
};

/// Adds the sums of the parts, over all devices that share the batch, into call.sums, and makes the gradients' scale.
inline void add_losses(const Call& call, const LossWorkspace& workspace, long parts) {
  LossSums *from = workspace.even, *to = workspace.odd;
  for (long left = parts; left > 0; left = left > loss_group ? core::ceil_divide(left, loss_group) : 0) {
    for_each(call.stream, "loss", core::ceil_divide(left, loss_group),
             AddLosses{from, left <= loss_group ? call.sums : to, call.numbers, left});
    std::swap(from, to);
  }
  if (call.sharing) call.sharing->share(call.sums);
  for_each(call.stream, "loss_scale", 1, ScaleOfLoss{call.sums, call.numbers, workspace.scale});
}

inline bool is_enlarged(const Node& node) { return node.factor > 1 || !(node.mid == node.in); }

inline void softmax_loss(const Call& call) {
  const Node& node = *call.node;
  const long count = long(call.batch) * node.mid.pixels(), parts = loss_parts(count);
  WorkspaceAllocator allocator(call.workspace);
  const LossWorkspace workspace(allocator, node, call.batch);
  const auto* const x = call.inputs[Input::x];
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    const Grid<1> pixels({node.mid.height, node.mid.width, 1});
    for_each(call.stream, "loss_of_pixels", parts,
             LossOfPixels<T>{node, pixels, static_cast<const T*>(x), call.labels, call.class_weights, workspace.pixels,
                             workspace.even, count, parts});
  });
  add_losses(call, workspace, parts);
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    T* const dx = static_cast<T*>(call.output);
    const Grid<1> in(node.in);
    if (is_enlarged(node))
      for_each(call.stream, "loss_gradient", in.count(call.batch),
               EnlargedLossGradient<T>{node, in, static_cast<const T*>(x), call.labels, call.class_weights,
                                       workspace.scale, workspace.pixels, dx});
    else
      for_each(call.stream, "loss_gradient", in.count(call.batch),
               LossGradient<T>{node.in.channels, static_cast<const T*>(x), call.labels, call.class_weights,
                               workspace.scale, workspace.pixels, dx});
  });
}

}  // namespace strata::cuda::kernels
