// SPDX-License-Identifier: MIT
// Fits images to the size of the network's input.
#pragma once

#include <string>
#include <utility>

#include <strata/data/resample.hpp>

namespace strata::data {

/// What becomes of an image whose size is not that of the network's input.
enum class Resize {
  refuse,  ///< with an Error
  pad,     ///< below and at the right, image 0 and label void; throws Error for a larger image
  scale    ///< to the height and width, ignoring the aspect ratio; image bilinear, labels nearest
};

namespace detail {

/// The sources of rows and columns that show an image of size `from` at size `to`. Throws Error where `how` does not
/// allow it.
inline std::pair<Sources, Sources> fitting(Shape from, Shape to, Resize how, const std::string& name) {
  const bool larger = from.height > to.height || from.width > to.width;
  if (how == Resize::refuse || (how == Resize::pad && larger))
    throw Error(name, ": is ", from.height, " x ", from.width, " pixels, but the network takes ", to.height, " x ",
                to.width, " (height x width); ",
                how == Resize::pad ? "a larger picture cannot be padded: scale it"
                                   : "give pictures of that size, or have them padded or scaled");
  const bool scales = how == Resize::scale;
  return {sources(to.height, from.height, scales ? double(to.height) / from.height : 1, 0),
          sources(to.width, from.width, scales ? double(to.width) / from.width : 1, 0)};
}

}  // namespace detail

/// The image [H][W][3] at the size of `input`. `name` appears in the error message; throws Error where `how` does
/// not take its size.
inline Picture fit_picture(Picture picture, Shape input, Resize how, const std::string& name) {
  if (picture.shape == input) return picture;
  const auto [rows, columns] = detail::fitting(picture.shape, input, how, name);
  Picture out{{input.height, input.width, 3}, std::vector<std::uint8_t>(std::size_t(input.pixels()) * 3)};
  resample_image(rows, columns, picture.shape.width, picture.bytes.data(), nullptr, out.bytes.data());
  return out;
}

/// The image [H][W][3] and its labels [H][W] at the size of `input`. Throws Error likewise.
inline LabeledPicture fit_picture(LabeledPicture picture, Shape input, Resize how, const std::string& name) {
  const Shape from{picture.height, picture.width, 3};
  if (from.height == input.height && from.width == input.width) return picture;
  const auto [rows, columns] = detail::fitting(from, input, how, name);
  LabeledPicture out;
  out.height = input.height, out.width = input.width, out.counts = picture.counts;
  out.image.resize(std::size_t(input.pixels()) * 3), out.labels.resize(std::size_t(input.pixels()));
  resample_image(rows, columns, from.width, picture.image.data(), nullptr, out.image.data());
  resample_labels(rows, columns, from.width, picture.labels.data(), out.labels.data());
  return out;
}

/// Maps labels [H][W] of size `from` back to `to`, the size of the image before fit_picture().
inline std::vector<std::uint8_t> fit_labels_back(const std::vector<std::uint8_t>& labels, Shape from, Shape to,
                                                 Resize how) {
  const bool scales = how == Resize::scale;
  std::vector<std::uint8_t> out(std::size_t(to.pixels()));
  resample_labels(sources(to.height, from.height, scales ? double(to.height) / from.height : 1, 0),
                  sources(to.width, from.width, scales ? double(to.width) / from.width : 1, 0), from.width,
                  labels.data(), out.data());
  return out;
}

}  // namespace strata::data
