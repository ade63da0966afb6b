// SPDX-License-Identifier: MIT
// Softmax cross-entropy on scores that may be enlarged and cropped first: scores = crop(resize(x)), of shape mid, are
// computed pixel by pixel and never stored. The value is the gradient with respect to x:
//   loss = sum over labeled pixels of weight[label] (log sum exp(scores) - scores[label])
//   dx   = resize^T crop^T (softmax(scores) - onehot(label)) weight[label] loss_scale
// A row of scores reads two rows of x, so work is cut into bands of rows of x. A band goes through all rows of scores
// that read it, and counts the loss of those that it owns.
#pragma once

#include <strata/cpu/nhwc/normalize.hpp>
#include <strata/cpu/nhwc/softmax.hpp>

namespace strata::cpu::nhwc {

inline constexpr int loss_band = 8;  ///< rows of x per band
inline constexpr int loss_sums = 4;  ///< loss, weight, correct, counted: the doubles of a part

constexpr long loss_partial_floats() { return long(loss_sums) * chunks * long(sizeof(double) / sizeof(float)); }
/// Floats of a thread: a mixed row of x, a row of its gradient, and the scores and gradient of one pixel.
constexpr long loss_workspace(const Node& node) {
  return whole_lines((2L * node.in.width + 2) * padded(node.in.channels));
}

STRATA_ONCE void loss(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// One row of scores: computed from a mixed row of x, its loss counted if it is owned, its gradient scattered to a row.
struct LossRow {
  const Node& node;
  const float* class_weights;
  float scale;
  int whole;  ///< padded channels of a pixel

  /// mixed, spread: (in.width, whole); labels: those of the row; pixel: room for two pixels.
  void run(const float* mixed, const std::int32_t* labels, bool owned, float* spread, float* pixel,
           double* sums) const {
    const int channels = node.in.channels;
    float *const scores = pixel, *const gradient = pixel + whole;
    std::fill_n(spread, long(node.in.width) * whole, 0.f);
    for (int p = 0; p < node.mid.width; p++) {
      const std::int32_t label = labels[p];
      if (label < 0 || label >= channels) continue;
      const float weight = class_weights ? class_weights[label] : 1.f;
      const Mix columns = mix_of(p + node.offset_x, node.factor, node.in.width, node.mode);
      mix_scores(mixed, columns, whole, scores);
      const Exponentials e = exponentials(scores, whole, gradient);
      if (owned) {
        sums[0] += double(weight) * (double(std::log(e.total)) + double(e.most - scores[label]));
        sums[1] += double(weight);
        sums[2] += std::find(scores, scores + channels, e.most) - scores == label;
        sums[3] += 1;
      }
      const float factor = scale * weight, share = factor / e.total;
      for (int c = 0; c < whole; c += width)
        core::simd::storeu(gradient + c, core::simd::loadu(gradient + c) * Vector(share));
      gradient[label] -= factor;
      for (int k = 0; k < 2; k++) {
        float* to = spread + long(columns.at[k]) * whole;
        const Vector w(columns.weight[k]);
        for (int c = 0; c < whole; c += width)
          core::simd::storeu(to + c, core::simd::fma(w, core::simd::loadu(gradient + c), core::simd::loadu(to + c)));
      }
    }
  }
};

/// Computes rows [first, last) of dx from all rows of scores that read them.
inline void loss_rows(const Call& call, const LossRow& row, int n, int first, int last, float* workspace,
                      double* sums) {
  const Node& node = *call.node;
  const int channels = node.in.channels, in_width = node.in.width, whole = row.whole;
  float *mixed = workspace, *spread = mixed + long(in_width) * whole, *pixel = spread + long(in_width) * whole;
  const std::int32_t* labels = call.step->labels.values + call.step->labels.row(n) * node.mid.pixels();
  float* const dx = call.y(n);
  std::fill_n(dx + long(first) * in_width * channels, long(last - first) * in_width * channels, 0.f);
  const int half =
      node.factor / 2;  // row y of the enlarged map reads rows floor((y + 1/2) / factor - 1/2) and the next
  const int begin = std::max((first - 1) * node.factor + half, node.offset_y);
  const int end = std::min(last * node.factor + half, node.offset_y + node.mid.height);
  for (int y = begin; y < end; y++) {
    const Mix rows = mix_of(y, node.factor, node.in.height, node.mode);
    mix_score_rows(node, call.input(Input::x, n), y, whole, mixed);
    const bool owned = y / node.factor >= first && y / node.factor < last;
    row.run(mixed, labels + long(y - node.offset_y) * node.mid.width, owned, spread, pixel, sums);
    for (int k = 0; k < 2; k++) {
      if (rows.at[k] < first || rows.at[k] >= last || rows.weight[k] == 0) continue;
      float* to = dx + long(rows.at[k]) * in_width * channels;
      for (int p = 0; p < in_width; p++, to += channels)
        for (int c = 0; c < channels; c++) to[c] += rows.weight[k] * spread[long(p) * whole + c];
    }
  }
}

STRATA_ONCE void loss(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  double* const partial = reinterpret_cast<double*>(call.partial);
  team.for_each(chunks, [&](int part, int) { std::fill_n(partial + loss_sums * part, loss_sums, 0.0); });
  const LossRow row{node, call.step->class_weights, float(call.step->loss_scale), padded(node.in.channels)};
  for_each_part(team, call.images(), core::ceil_divide(node.in.height, loss_band),
                [&](int part, int n, int band, int slot) {
                  const int first = band * loss_band, last = std::min(first + loss_band, node.in.height);
                  loss_rows(call, row, n, first, last, call.slot(slot), partial + loss_sums * part);
                });
  team.once([&] {
    for (int part = 0; part < chunks; part++) {
      const double* sums = partial + loss_sums * part;
      call.result->loss += sums[0];
      call.result->weight += sums[1];
      call.result->correct += long(sums[2]);
      call.result->counted += long(sums[3]);
    }
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc
