// SPDX-License-Identifier: MIT
// How well the outlines of classes agree: the BF score (Csurka, Larlus, Perronnin: What is a good evaluation measure
// for semantic segmentation?, BMVC 2013), for all classes of one image.
//   boundary   the pixels of a class with at least one of eight neighbors in another class, void, or outside the image:
//              the inner perimeter of the mask of the class
//   void       a pixel whose truth is negative is void in the prediction too: its predicted class does not create a
//              boundary and is not part of one
//   precision  share of the predicted boundary that is at most theta from the true one; recall: the converse
//   score      2 precision recall / (precision + recall); 0 if both are 0 or one of the boundaries is empty; NaN for a
//              class that is in neither the truth nor the prediction
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <strata/metrics/distance_transform.hpp>

namespace strata::metrics {

/// Tolerance in pixels: 0.75 % of the diagonal. This order of operations makes integer results exact: 9 for 720 x 960.
inline double boundary_tolerance(int height, int width) {
  return 0.75 * std::sqrt(double(height) * height + double(width) * width) / 100;
}

/// [height][width]: the label of each pixel on the boundary of its class; -1 for all others and for void.
inline std::vector<std::int32_t> boundary_labels(const std::int32_t* labels, int height, int width) {
  std::vector<std::int32_t> out(std::size_t(height) * std::size_t(width), -1);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const long i = long(y) * width + x;
      const std::int32_t own = labels[i];
      if (own < 0) continue;
      bool inside = y > 0 && x > 0 && y < height - 1 && x < width - 1;
      for (int dy = -1; inside && dy <= 1; dy++) {
        const std::int32_t* neighbor = labels + i + long(dy) * width;
        inside = neighbor[-1] == own && neighbor[0] == own && neighbor[1] == own;
      }
      if (!inside) out[std::size_t(i)] = own;
    }
  return out;
}

namespace detail {

/// Rows [top, bottom) and columns [left, right) that contain the boundaries of a class, and each boundary's pixels.
struct BoundaryBox {
  int top = 0, bottom = 0, left = 0, right = 0;
  long truth = 0, predicted = 0;

  void include(int y, int x) {
    const bool first = bottom == 0;
    top = first || y < top ? y : top, bottom = y + 1 > bottom ? y + 1 : bottom;
    left = first || x < left ? x : left, right = x + 1 > right ? x + 1 : right;
  }
};

inline std::vector<BoundaryBox> boundary_boxes(const std::vector<std::int32_t>& truth,
                                               const std::vector<std::int32_t>& predicted, int height, int width,
                                               int classes) {
  std::vector<BoundaryBox> boxes(std::size_t(classes > 0 ? classes : 0));
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const std::size_t i = std::size_t(y) * std::size_t(width) + std::size_t(x);
      if (truth[i] >= 0) boxes[std::size_t(truth[i])].include(y, x), boxes[std::size_t(truth[i])].truth++;
      if (predicted[i] >= 0)
        boxes[std::size_t(predicted[i])].include(y, x), boxes[std::size_t(predicted[i])].predicted++;
    }
  return boxes;
}

/// The number of boundary pixels of class `own` in `these` that are at most theta from one in `those`.
inline long near_boundary(const std::int32_t* these, const std::int32_t* those, int width, std::int32_t own,
                          const BoundaryBox& box, double theta, std::vector<std::uint8_t>& marked,
                          std::vector<std::int32_t>& squared) {
  const int rows = box.bottom - box.top, columns = box.right - box.left;
  marked.resize(std::size_t(rows) * std::size_t(columns));
  squared.resize(marked.size());
  for (int y = 0; y < rows; y++)
    for (int x = 0; x < columns; x++)
      marked[std::size_t(y) * std::size_t(columns) + std::size_t(x)] =
          those[long(box.top + y) * width + box.left + x] == own;
  distance_transform(marked.data(), rows, columns, squared.data(), int(std::ceil(theta)));
  long near = 0;
  for (int y = 0; y < rows; y++)
    for (int x = 0; x < columns; x++) {
      const std::int32_t d = squared[std::size_t(y) * std::size_t(columns) + std::size_t(x)];
      near += these[long(box.top + y) * width + box.left + x] == own && d != far_away && d <= theta * theta;
    }
  return near;
}

}  // namespace detail

/// One score per class. Labels [height][width]: truth < classes, negative is void; 0 <= predicted < classes where the
/// truth is not void. theta >= 0, in pixels.
inline std::vector<double> boundary_scores(const std::int32_t* truth, const std::int32_t* predicted, int height,
                                           int width, int classes, double theta) {
  std::vector<std::int32_t> counted(predicted, predicted + std::size_t(height) * std::size_t(width));
  for (std::size_t i = 0; i < counted.size(); i++)
    if (truth[i] < 0) counted[i] = -1;
  const std::vector<std::int32_t> true_ones = boundary_labels(truth, height, width);
  const std::vector<std::int32_t> predicted_ones = boundary_labels(counted.data(), height, width);
  const auto boxes = detail::boundary_boxes(true_ones, predicted_ones, height, width, classes);
  if (theta > 2. * longest_side) theta = 2. * longest_side;
  std::vector<std::uint8_t> marked;
  std::vector<std::int32_t> squared;
  std::vector<double> scores(boxes.size());
  for (std::size_t c = 0; c < boxes.size(); c++) {
    const detail::BoundaryBox& box = boxes[c];
    if (box.truth == 0 || box.predicted == 0) {
      scores[c] = box.truth == box.predicted ? std::numeric_limits<double>::quiet_NaN() : 0;
      continue;
    }
    const auto near = [&](const std::vector<std::int32_t>& these, const std::vector<std::int32_t>& those) {
      return detail::near_boundary(these.data(), those.data(), width, std::int32_t(c), box, theta, marked, squared);
    };
    const double precision = double(near(predicted_ones, true_ones)) / double(box.predicted);
    const double recall = double(near(true_ones, predicted_ones)) / double(box.truth);
    scores[c] = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
  }
  return scores;
}

}  // namespace strata::metrics
