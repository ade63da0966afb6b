// SPDX-License-Identifier: MIT
// Inputs, functors, dropout, softmax and the loss, one image at a time.
#pragma once

#include <strata/core/losses/step_loss.hpp>
#include <strata/core/random.hpp>
#include <strata/core/samples/views.hpp>
#include <strata/reference/map.hpp>
#include <strata/spec/functor.hpp>

#include <cmath>

namespace strata::reference {

/// A functor of the network, in double precision.
struct Functor {
  double (*f)(double);
  double (*df)(double);
  bool reads_input;

  /// f'(x)
  double slope(double x) const { return df(reads_input ? x : f(x)); }
};

template <class List>
struct FunctorTable;
template <class... F>
struct FunctorTable<spec::type_list<F...>> {
  static constexpr Functor table[] = {{&F::template f<double>, &F::template df<double>, F::needs == Needs::input}...};
};

/// y = scale[c] raw + shift[c] for image n of the batch
inline void read_image(const Images& images, int n, const double* scale, const double* shift, Map y) {
  const int channels = y.shape.channels, pixels = y.shape.pixels();
  const long from = images.row(n) * y.size();
  for (int p = 0; p < pixels; p++)
    for (int c = 0; c < channels; c++) {
      const long at = from + long(p) * channels + c;
      const double raw = images.bytes ? double(images.bytes[at]) : double(images.floats[at]);
      y[long(c) * pixels + p] = scale[c] * raw + shift[c];
    }
}

/// Dropout and its gradient: y = x keep / (1 - p). Element e of image n is kept iff the number drawn for it is >= p.
inline void dropout(std::uint64_t seed, int layer, int n, double probability, Map x, Map y) {
  const std::uint64_t own = core::mix(seed, std::uint64_t(layer));
  for (long e = 0; e < x.size(); e++) {
    const bool kept = double(core::uniform(own, std::uint64_t(n * x.size() + e))) >= probability;
    y[e] = kept ? x[e] / (1 - probability) : 0;
  }
}

/// Softmax over the channels of each pixel.
inline void softmax(Map x, Map y) {
  const int pixels = x.shape.pixels();
  for (int p = 0; p < pixels; p++) {
    double top = x[p], total = 0;
    for (long i = p; i < x.size(); i += pixels) top = x[i] > top ? x[i] : top;
    for (long i = p; i < x.size(); i += pixels) total += y[i] = std::exp(x[i] - top);
    for (long i = p; i < x.size(); i += pixels) y[i] /= total;
  }
}

/// dx = y (dy - sum dy y)
inline void softmax_gradient(Map dy, Map y, Map dx) {
  const int pixels = y.shape.pixels();
  for (int p = 0; p < pixels; p++) {
    double dot = 0;
    for (long i = p; i < y.size(); i += pixels) dot += dy[i] * y[i];
    for (long i = p; i < y.size(); i += pixels) dx[i] = y[i] * (dy[i] - dot);
  }
}

inline bool is_counted(std::int32_t label, Shape logits) { return label >= 0 && label < logits.channels; }

/// Softmax cross-entropy of image n: dx = (softmax - onehot) scale weight, where weight is that of the label's class,
/// and 0 where the label is ignored. Adds to `sums`.
inline void loss(const Labels& labels, int n, double scale, const float* class_weights, Map x, Map dx,
                 core::StepResult& sums) {
  const int pixels = x.shape.pixels();
  softmax(x, dx);
  for (int p = 0; p < pixels; p++) {
    const std::int32_t label = labels.values[labels.row(n) * pixels + p];
    if (!is_counted(label, x.shape)) {
      for (long i = p; i < x.size(); i += pixels) dx[i] = 0;
      continue;
    }
    double top = x[p], total = 0;
    int best = 0;
    for (int c = 0; c < x.shape.channels; c++)
      if (x[long(c) * pixels + p] > top) top = x[long(c) * pixels + p], best = c;
    for (int c = 0; c < x.shape.channels; c++) total += std::exp(x[long(c) * pixels + p] - top);
    const double weight = class_weights ? double(class_weights[label]) : 1;
    sums.loss += weight * (std::log(total) + top - x[long(label) * pixels + p]);
    sums.weight += weight;
    sums.correct += best == label;
    sums.counted++;
    dx[long(label) * pixels + p] -= 1;
    for (long i = p; i < x.size(); i += pixels) dx[i] *= scale * weight;
  }
}

/// What a term says of image n. A function is given all pixels at once, channels side by side.
inline void loss(const core::LossTerm& term, const Labels& labels, int n, double scale, Map x, Map dx,
                 core::StepResult& sums) {
  if (!term.function) return loss(labels, n, scale, term.weights, x, dx, sums);
  const int channels = x.shape.channels, pixels = x.shape.pixels();
  Doubles scores(std::size_t(x.size())), gradient(scores.size()), of_image(std::size_t(core::sums_of_image(channels)));
  const auto at = [&](int c, int p) { return std::size_t(long(p) * channels + c); };
  for (int c = 0; c < channels; c++)
    for (int p = 0; p < pixels; p++) scores[at(c, p)] = x[long(c) * pixels + p];
  core::LossRun<double> run{.scores = scores.data(), .gradient = gradient.data()};
  if (labels.floats) run.targets = labels.floats + labels.row(n) * x.size();
  else run.labels = labels.values + labels.row(n) * pixels;
  run.count = pixels, run.stride = channels, run.channels = channels, run.scale = scale;
  if (term.function->gather_doubles) {
    term.function->gather_doubles(term, run, of_image.data());
    run.of_image = of_image.data();
  }
  term.function->doubles(term, run, sums);
  for (int c = 0; c < channels; c++)
    for (int p = 0; p < pixels; p++) dx[long(c) * pixels + p] = gradient[at(c, p)];
}

}  // namespace strata::reference
