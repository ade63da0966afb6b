// SPDX-License-Identifier: MIT
// The loss on scores that may be enlarged and cropped first: scores = crop(resize(x)), of shape mid, are computed pixel
// by pixel and never stored. The value is the gradient with respect to x. Without a function in the step's LossTerm it
// is the softmax cross-entropy of labels:
//   loss = sum over labeled pixels of weight[label] (log sum exp(scores) - scores[label])
//   dx   = resize^T crop^T (softmax(scores) - onehot(label)) weight[label] loss_scale
// A row of scores reads two rows of x, so work is cut into bands of rows of x. A band goes through all rows of scores
// that read it, and counts the loss of those that it owns. Where a loss couples the pixels of an image, the band is the
// image, which is gone through twice.
#pragma once

#include <strata/cpu/nhwc/normalize.hpp>
#include <strata/cpu/nhwc/softmax.hpp>

namespace strata::cpu::nhwc {

inline constexpr int loss_band = 8;  ///< rows of x per band
inline constexpr int loss_sums = 4;  ///< loss, weight, correct, counted: the doubles of a part

constexpr long loss_partial_floats() { return long(loss_sums) * chunks * long(sizeof(double) / sizeof(float)); }
/// Floats of a thread: a mixed row of x, a row of its gradient, and the scores and gradient of one pixel.
constexpr long loss_rows_workspace(const Node& node) {
  return whole_lines((2L * node.in.width + 2) * padded(node.in.channels));
}
/// These, and the sums over an image.
constexpr long loss_workspace(const Node& node) {
  return loss_rows_workspace(node) +
         whole_lines(core::sums_of_image(node.in.channels) * long(sizeof(double) / sizeof(float)));
}

STRATA_ONCE void loss(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// Pixels of image n from row y of the scores on, for a loss function.
inline core::LossRun<float> loss_run(const Call& call, int n, int y) {
  const Node& node = *call.node;
  const Labels& labels = call.step->labels;
  const int channels = node.in.channels;
  const long first = labels.row(n) * node.mid.pixels() + long(y) * node.mid.width;
  core::LossRun<float> run;
  if (labels.floats) run.targets = labels.floats + first * channels;
  else run.labels = labels.values + first;
  run.channels = channels;
  run.scale = float(call.step->loss_scale);
  return run;
}
/// The same run, from its pixel p on, and only that pixel.
inline core::LossRun<float> pixel_of(core::LossRun<float> run, long p, const float* scores, float* gradient) {
  if (run.labels) run.labels += p;
  else run.targets += p * run.channels;
  run.scores = scores, run.gradient = gradient, run.count = 1;
  return run;
}

/// The same run over whole rows of scores that are x itself.
inline core::LossRun<float> rows_of(core::LossRun<float> run, const Call& call, int n, int first, int last) {
  const long row = long(call.node->in.width) * run.channels;
  run.scores = call.input(Input::x, n) + first * row, run.gradient = call.y(n) + first * row;
  run.count = long(last - first) * call.node->in.width, run.stride = run.channels;
  return run;
}

inline void add_sums(const core::StepResult& from, double* sums) {
  sums[0] += from.loss, sums[1] += from.weight, sums[2] += double(from.correct), sums[3] += double(from.counted);
}

/// One row of scores: computed from a mixed row of x, its loss counted if it is owned, its gradient scattered to a row.
struct LossRow {
  const Node& node;
  const core::LossTerm& term;
  float scale;
  int whole;  ///< padded channels of a pixel

  /// mixed, spread: (in.width, whole); of_row: its first pixel; pixel: room for two pixels.
  void run(const float* mixed, const core::LossRun<float>& of_row, bool owned, float* spread, float* pixel,
           double* sums) const {
    const int channels = node.in.channels;
    float *const scores = pixel, *const gradient = pixel + whole;
    std::fill_n(spread, long(node.in.width) * whole, 0.f);
    for (int p = 0; p < node.mid.width; p++) {
      const std::int32_t label = term.function ? 0 : of_row.labels[p];
      if (label < 0 || label >= channels) continue;
      const Mix columns = mix_of(p + node.offset_x, node.factor, node.in.width, node.mode);
      mix_scores(mixed, columns, whole, scores);
      if (term.function) {
        std::fill_n(gradient, whole, 0.f);
        core::StepResult own;
        term.function->floats(term, pixel_of(of_row, p, scores, gradient), own);
        if (owned) add_sums(own, sums);
      } else {
        const float weight = term.weights ? term.weights[label] : 1.f;
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
      }
      for (int k = 0; k < 2; k++) {
        float* to = spread + long(columns.at[k]) * whole;
        const Vector w(columns.weight[k]);
        for (int c = 0; c < whole; c += width)
          core::simd::storeu(to + c, core::simd::fma(w, core::simd::loadu(gradient + c), core::simd::loadu(to + c)));
      }
    }
  }
};

/// Computes rows [first, last) of dx from all rows of scores that read them. of_image: null, or what is summed over it.
inline void loss_rows(const Call& call, const LossRow& row, int n, int first, int last, const double* of_image,
                      float* workspace, double* sums) {
  const Node& node = *call.node;
  const int channels = node.in.channels, in_width = node.in.width, whole = row.whole;
  float *mixed = workspace, *spread = mixed + long(in_width) * whole, *pixel = spread + long(in_width) * whole;
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
    core::LossRun<float> of_row = loss_run(call, n, y - node.offset_y);
    of_row.of_image = of_image;
    row.run(mixed, of_row, owned, spread, pixel, sums);
    for (int k = 0; k < 2; k++) {
      if (rows.at[k] < first || rows.at[k] >= last || rows.weight[k] == 0) continue;
      float* to = dx + long(rows.at[k]) * in_width * channels;
      for (int p = 0; p < in_width; p++, to += channels)
        for (int c = 0; c < channels; c++) to[c] += rows.weight[k] * spread[long(p) * whole + c];
    }
  }
}

/// Whether the scores are x itself.
inline bool scores_are_stored(const Node& node) { return node.factor == 1 && node.mid == node.in; }

/// The sums over image n that its gradients need, at the end of the workspace.
inline const double* gather_image(const Call& call, const LossRow& row, int n, float* workspace) {
  const Node& node = *call.node;
  double* const of_image = reinterpret_cast<double*>(workspace + loss_rows_workspace(node));
  std::fill_n(of_image, core::sums_of_image(node.in.channels), 0.0);
  if (scores_are_stored(node)) {
    row.term.function->gather(row.term, rows_of(loss_run(call, n, 0), call, n, 0, node.in.height), of_image);
    return of_image;
  }
  float *mixed = workspace, *pixel = workspace + 2L * node.in.width * row.whole;
  for (int y = 0; y < node.mid.height; y++) {
    mix_score_rows(node, call.input(Input::x, n), y + node.offset_y, row.whole, mixed);
    for (int p = 0; p < node.mid.width; p++) {
      mix_scores(mixed, mix_of(p + node.offset_x, node.factor, node.in.width, node.mode), row.whole, pixel);
      row.term.function->gather(row.term, pixel_of(loss_run(call, n, y), p, pixel, nullptr), of_image);
    }
  }
  return of_image;
}

STRATA_ONCE void loss(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  double* const partial = reinterpret_cast<double*>(call.partial);
  team.for_each(chunks, [&](int part, int) { std::fill_n(partial + loss_sums * part, loss_sums, 0.0); });
  const core::LossTerm& term = call.step->term;
  const LossRow row{node, term, float(call.step->loss_scale), padded(node.in.channels)};
  const bool couples = term.function && term.function->gather;
  const int rows = couples ? node.in.height : loss_band;
  for_each_part(team, call.images(), core::ceil_divide(node.in.height, rows), [&](int part, int n, int band, int slot) {
    const int first = band * rows, last = std::min(first + rows, node.in.height);
    const double* const of_image = couples ? gather_image(call, row, n, call.slot(slot)) : nullptr;
    double* const sums = partial + loss_sums * part;
    if (!term.function || !scores_are_stored(node))
      return loss_rows(call, row, n, first, last, of_image, call.slot(slot), sums);
    core::LossRun<float> run = rows_of(loss_run(call, n, first), call, n, first, last);
    run.of_image = of_image;
    core::StepResult own;
    term.function->floats(term, run, own);
    add_sums(own, sums);
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
