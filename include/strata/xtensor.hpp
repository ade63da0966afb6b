// SPDX-License-Identifier: MIT
// Results as xtensor arrays. A separate header, since xtensor takes longer to compile than all of <strata/strata.hpp>;
// input arrays do not need it (core/samples/arrays.hpp).
#pragma once

#include <strata/core/model_like.hpp>
#include <strata/core/samples/arrays.hpp>

#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>

#include <array>
#include <span>

namespace strata::metrics {

/// The most probable class of each pixel, [N][H][W] (H = W = 1 for one class per image).
inline xt::xtensor<int, 3> most_probable(const float* data, int count, Shape shape) {
  xt::xtensor<int, 3> classes(
      std::array<std::size_t, 3>{std::size_t(count), std::size_t(shape.height), std::size_t(shape.width)});
  const long pixels = long(count) * shape.pixels();
  for (long i = 0; i < pixels; i++, data += shape.channels) {
    int best = 0;
    for (int c = 1; c < shape.channels; c++)
      if (data[c] > data[best]) best = c;
    classes.data()[i] = best;
  }
  return classes;
}

}  // namespace strata::metrics

namespace strata {

namespace detail {

/// Whether a const Model predicts images of one shape.
template <class Model>
concept predicts = core::model_like<const Model> &&
    requires(const Model& model, const Images& images, std::span<float> scores) {
  Shape(Model::input), Shape(Model::output);
  model.predict(images, scores);
};

}  // namespace detail

/// A view [N][H][W][C] of `count` results of shape `shape`, such as probabilities or score maps. `data` must outlive
/// it.
inline auto as_xtensor(const float* data, int count, Shape shape) {
  const std::array<std::size_t, 4> dims{std::size_t(count), std::size_t(shape.height), std::size_t(shape.width),
                                        std::size_t(shape.channels)};
  return xt::adapt(data, std::size_t(count) * std::size_t(shape.size()), xt::no_ownership(), dims);
}

/// The scores [N][H][W][classes] of an array of images ([N][H][W][C] of float or unsigned char). Throws Error if the
/// shape is not the model's.
template <class Model, core::array_like Array>
requires detail::predicts<Model> xt::xtensor<float, 4> predict(const Model& model, const Array& images) {
  const ArrayImages view(images, Model::input);
  xt::xtensor<float, 4> scores(
      std::array<std::size_t, 4>{std::size_t(view.view().count), std::size_t(Model::output.height),
                                 std::size_t(Model::output.width), std::size_t(Model::output.channels)});
  model.predict(view.view(), std::span<float>(scores.data(), scores.size()));
  return scores;
}

/// The most probable class of each image (H = W = 1) or pixel, [N][H][W]. Throws Error if the shape is not the model's.
template <class Model, core::array_like Array>
requires detail::predicts<Model> xt::xtensor<int, 3> classify(const Model& model, const Array& images) {
  const xt::xtensor<float, 4> scores = predict(model, images);
  return metrics::most_probable(scores.data(), int(scores.shape()[0]), Model::output);
}

}  // namespace strata
