// SPDX-License-Identifier: MIT
// The middle of an image at the size of a network's input, as classifiers of photographs take it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/shape.hpp>
#include <strata/data/picture.hpp>

namespace strata::data {

namespace detail {

/// The pixels of a row (or column) that one output pixel is the weighted mean of.
struct Taps {
  int first = 0;
  std::vector<float> weights;  ///< their sum is 1
};

/// The taps of outputs [begin, begin + size) of a row of `input` pixels that is resized to `resized`. The weights are a
/// triangle, as wide as two input pixels, or as two output pixels where those are larger, so that nothing is skipped.
inline std::vector<Taps> taps(int input, long resized, long begin, int size) {
  const double scale = double(input) / double(resized), reach = std::max(scale, 1.);
  std::vector<Taps> out(std::size_t(size), Taps{});
  for (int i = 0; i < size; i++) {
    const double center = (double(begin + i) + 0.5) * scale;
    const int first = std::clamp(int(std::floor(center - reach + 0.5)), 0, input - 1);
    const int end = std::clamp(int(std::floor(center + reach + 0.5)), first + 1, input);
    Taps& to = out[std::size_t(i)];
    to.first = first;
    double sum = 0;
    for (int p = first; p < end; p++) sum += std::max(0., 1 - std::fabs(p + 0.5 - center) / reach);
    for (int p = first; p < end; p++)
      to.weights.push_back(float(std::max(0., 1 - std::fabs(p + 0.5 - center) / reach) / sum));
  }
  return out;
}

/// Luma of Rec. 601 of RGB; gray values do not change.
inline Picture gray_of(const Picture& colors) {
  Picture out{{colors.shape.height, colors.shape.width, 1}, std::vector<std::uint8_t>(colors.bytes.size() / 3)};
  for (std::size_t i = 0; i < out.bytes.size(); i++) {
    const std::uint8_t* const rgb = colors.bytes.data() + 3 * i;
    out.bytes[i] = std::uint8_t((77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2] + 128) / 256);
  }
  return out;
}

}  // namespace detail

/// Resizes an image [H][W][3], with its aspect ratio, until its shorter side has `shorter` pixels (0: until it just
/// covers `input`), and cuts `input` out of the middle; with one channel, it becomes gray. A smaller image is
/// interpolated, a larger one averaged, as torchvision's Resize and CenterCrop do. `name` appears in the error message;
/// throws Error where the resized image does not cover `input`, or `input` has neither 1 channel nor 3.
inline Picture center_crop(const Picture& picture, Shape input, int shorter, const std::string& name) {
  const int h = picture.shape.height, w = picture.shape.width;
  if (input.channels != 1 && input.channels != 3)
    throw Error(name, ": is a picture, but the network takes ", input.channels, " channels; give it other data");
  if (picture.shape.channels != 3 || h < 1 || w < 1 || long(picture.bytes.size()) != picture.shape.size())
    throw Error(name, ": is not an image of red, green and blue; give one");
  const long side = std::min(h, w);
  long rows = shorter * long(h) / side, columns = shorter * long(w) / side;
  if (shorter == 0) {  // the smallest size that covers the input
    const bool by_rows = long(input.height) * w >= long(input.width) * h;
    rows = by_rows ? input.height : (long(input.width) * h + w - 1) / w;
    columns = by_rows ? (long(input.height) * w + h - 1) / h : input.width;
  }
  if (rows < input.height || columns < input.width)
    throw Error(name, ": is resized to ", rows, " x ", columns, " pixels, which do not cover the network's ",
                input.height, " x ", input.width, "; resize it to a shorter side of at least ",
                std::max(input.height, input.width));
  const Picture gray = input.channels == 1 ? detail::gray_of(picture) : Picture{};
  const std::uint8_t* const from = input.channels == 1 ? gray.bytes.data() : picture.bytes.data();
  const int c = input.channels;
  const std::vector<detail::Taps> down = detail::taps(h, rows, (rows - input.height) / 2, input.height),
                                  across = detail::taps(w, columns, (columns - input.width) / 2, input.width);
  const std::size_t row_numbers = std::size_t(input.width) * std::size_t(c);
  Picture out{input, std::vector<std::uint8_t>(std::size_t(input.size()))};
  std::vector<float> row(row_numbers), sum(row_numbers);
  std::vector<std::vector<float>> narrowed;  // rows of the image, as wide as the input; reused by the next output rows
  int first = 0;                             // the image's row that narrowed[0] is
  for (int y = 0; y < input.height; y++) {
    const detail::Taps& vertical = down[std::size_t(y)];
    while (!narrowed.empty() && first < vertical.first) narrowed.erase(narrowed.begin()), first++;
    if (narrowed.empty()) first = vertical.first;
    std::fill(sum.begin(), sum.end(), 0.f);
    for (std::size_t k = 0; k < vertical.weights.size(); k++) {
      if (k == narrowed.size()) {
        const std::uint8_t* const source = from + (long(first) + long(k)) * w * c;
        for (int x = 0; x < input.width; x++) {
          const detail::Taps& tap = across[std::size_t(x)];
          for (int channel = 0; channel < c; channel++) {
            const std::uint8_t* const at = source + long(tap.first) * c + channel;
            float value = 0;
            for (std::size_t i = 0; i < tap.weights.size(); i++)
              value += tap.weights[i] * float(at[i * std::size_t(c)]);
            row[std::size_t(x * c + channel)] = value;
          }
        }
        narrowed.push_back(row);
      }
      for (std::size_t i = 0; i < row_numbers; i++) sum[i] += vertical.weights[k] * narrowed[k][i];
    }
    for (std::size_t i = 0; i < row_numbers; i++)
      out.bytes[std::size_t(y) * row_numbers + i] = std::uint8_t(std::clamp(sum[i] + 0.5f, 0.f, 255.f));
  }
  return out;
}

}  // namespace strata::data
