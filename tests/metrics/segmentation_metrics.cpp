// SPDX-License-Identifier: MIT
#include <strata/metrics/segmentation_metrics.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include <strata/core/random.hpp>

using namespace strata;
using namespace strata::core;
using namespace strata::metrics;
using doctest::Approx;

namespace {

using Map = std::vector<std::int32_t>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool same(double a, double b) { return std::isnan(a) ? std::isnan(b) : std::fabs(a - b) < 1e-12; }

double mean(const std::vector<double>& values) {
  double sum = 0, count = 0;
  for (double v : values)
    if (!std::isnan(v)) sum += v, count++;
  return count ? sum / count : nan;
}

/// The definitions, computed slowly: pixels counted with loops over the maps, distances between all pairs of boundary
/// pixels.
struct Slow {
  int height, width, classes;
  double theta;

  std::vector<std::pair<int, int>> boundary(const Map& labels, int c) const {
    std::vector<std::pair<int, int>> out;
    const auto label = [&](int y, int x) {
      return y < 0 || x < 0 || y >= height || x >= width ? -2 : labels[std::size_t(y * width + x)];
    };
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        int own = 0;
        for (int dy : {-1, 0, 1})
          for (int dx : {-1, 0, 1}) own += label(y + dy, x + dx) == c;
        if (label(y, x) == c && own < 9) out.emplace_back(y, x);
      }
    return out;
  }
  double near(const std::vector<std::pair<int, int>>& these, const std::vector<std::pair<int, int>>& those) const {
    double count = 0;
    for (auto [y, x] : these)
      count += std::any_of(those.begin(), those.end(), [&, y = y, x = x](auto at) {
        return double(y - at.first) * (y - at.first) + double(x - at.second) * (x - at.second) <= theta * theta;
      });
    return count / double(these.size());
  }
  double bf(const Map& truth, Map predicted, int c) const {
    for (std::size_t i = 0; i < truth.size(); i++)
      if (truth[i] < 0) predicted[i] = -1;
    const auto a = boundary(truth, c), b = boundary(predicted, c);
    if (a.empty() && b.empty()) return nan;
    if (a.empty() || b.empty()) return 0;
    const double precision = near(b, a), recall = near(a, b);
    return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
  }
  long count(const Map& truth, const Map& predicted, int t, int p) const {  // t or p < 0: any class
    long n = 0;
    for (std::size_t i = 0; i < truth.size(); i++)
      n += truth[i] >= 0 && (t < 0 || truth[i] == t) && (p < 0 || predicted[i] == p);
    return n;
  }
  ImageScores scores(const Map& truth, const Map& predicted, std::vector<double>* bf_scores = nullptr) const {
    std::vector<double> accuracies, ious, bfs;
    double correct = 0, weighted = 0;
    const double all = double(count(truth, predicted, -1, -1));
    for (int c = 0; c < classes; c++) {
      const double hit = double(count(truth, predicted, c, c)), row = double(count(truth, predicted, c, -1)),
                   column = double(count(truth, predicted, -1, c));
      correct += hit;
      accuracies.push_back(hit / row);
      ious.push_back(hit / (row + column - hit));
      if (row > 0) weighted += ious.back() * row;
      if (bf_scores) bfs.push_back(bf(truth, predicted, c));
    }
    if (bf_scores) *bf_scores = bfs;
    return {correct / all, mean(accuracies), mean(ious), weighted / all, mean(bfs)};
  }
};

Map random_map(Random& random, int height, int width, int classes, bool with_void) {
  Map map(std::size_t(height * width), std::int32_t(random.below(std::uint64_t(classes))));
  for (int patch = 0; patch < 8; patch++) {
    const int top = int(random.below(std::uint64_t(height))), left = int(random.below(std::uint64_t(width)));
    const int bottom = std::min(height, top + 1 + int(random.below(9))),
              right = std::min(width, left + 1 + int(random.below(9)));
    const std::int32_t label =
        std::int32_t(random.below(std::uint64_t(classes))) - (with_void && random.below(4) == 0 ? 99 : 0);
    for (int y = top; y < bottom; y++)
      for (int x = left; x < right; x++) map[std::size_t(y * width + x)] = label;
  }
  return map;
}

void check_same(const ImageScores& a, const ImageScores& b) {
  CHECK(same(a.global_accuracy, b.global_accuracy));
  CHECK(same(a.mean_accuracy, b.mean_accuracy));
  CHECK(same(a.mean_iou, b.mean_iou));
  CHECK(same(a.weighted_iou, b.weighted_iou));
  CHECK(same(a.mean_bf_score, b.mean_bf_score));
}

}  // namespace

TEST_CASE("two images counted by hand") {
  // class 3 is nowhere; class 2 is predicted, never true
  const Map truth_1{0, 0, 1, 1, -1, 1}, predicted_1{0, 1, 1, 1, 2, 2};
  const Map truth_2{0, 0}, predicted_2{0, 0};
  SegmentationMetrics metrics(4, 0);
  metrics.add(truth_1.data(), predicted_1.data(), 2, 3);
  metrics.add(truth_2.data(), predicted_2.data(), 1, 2);
  const SegmentationScores s = metrics.scores();
  CHECK(s.confusion.total() == 7);
  CHECK(s.confusion.at(0, 1) == 1);
  CHECK(s.confusion.at(1, 2) == 1);
  CHECK(s.global_accuracy == Approx(5. / 7));
  CHECK(s.classes[0].accuracy == Approx(3. / 4));
  CHECK(s.classes[1].accuracy == Approx(2. / 3));
  CHECK(std::isnan(s.classes[2].accuracy));
  CHECK(s.mean_accuracy == Approx((3. / 4 + 2. / 3) / 2));
  CHECK(s.classes[0].iou == Approx(3. / 4));
  CHECK(s.classes[1].iou == Approx(2. / 4));
  CHECK(s.classes[2].iou == 0);
  CHECK(std::isnan(s.classes[3].iou));
  CHECK(std::isnan(s.classes[3].mean_bf_score));
  CHECK(s.mean_iou == Approx((3. / 4 + 2. / 4 + 0) / 3));
  CHECK(s.weighted_iou == Approx((3. / 4 * 4 + 2. / 4 * 3) / 7));
  CHECK(s.classes[0].pixels == 4);
  CHECK(s.classes[2].pixels == 0);
  CHECK(s.images.size() == 2);
  CHECK(s.images[0].global_accuracy == Approx(3. / 5));
  CHECK(s.images[1].mean_bf_score == 1);
  // with theta 0 boundaries must coincide: class 0 precision 1, recall 1/2; class 1 2/3 and 2/3; class 2 0
  CHECK(s.images[0].mean_bf_score == Approx((2. / 3 + 2. / 3 + 0) / 3));
  CHECK(s.classes[0].mean_bf_score == Approx((2. / 3 + 1) / 2));
  CHECK(s.mean_bf_score == Approx((4. / 9 + 1) / 2));
}

TEST_CASE("the tolerance is 0.75 % of the diagonal, itself included") {
  CHECK(boundary_tolerance(720, 960) == 9);
  CHECK(boundary_tolerance(480, 640) == 6);
  CHECK(boundary_tolerance(360, 480) == 4.5);
  // one lone pixel of class 1, predicted `shift` pixels to the right of it, on 480 x 640
  for (int shift : {0, 1, 6, 7}) {
    Map truth(480 * 640, 0), predicted = truth;
    truth[200 * 640 + 300] = 1;
    predicted[200 * 640 + 300 + shift] = 1;
    const ImageTally tally = tally_image(truth.data(), predicted.data(), 480, 640, 2);
    CAPTURE(shift);
    CHECK(tally.bf_scores[1] == (shift <= 6 ? 1 : 0));
  }
}

TEST_CASE("what is predicted where the truth is void makes no boundary") {
  // class 1 fills the void in the middle; there it neither helps nor harms
  const Map truth{0, 0, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0, 0, 0, 0}, everywhere_0(15, 0);
  Map predicted = everywhere_0;
  predicted[6] = predicted[7] = 1;
  const ImageTally tally = tally_image(truth.data(), predicted.data(), 3, 5, 2, 0);
  CHECK(tally.bf_scores[0] == 1);
  CHECK(std::isnan(tally.bf_scores[1]));
  CHECK(tally.confusion.total() == 13);
  CHECK(tally_image(truth.data(), everywhere_0.data(), 3, 5, 2, 0).bf_scores[0] == 1);
}

TEST_CASE("a pixel, an image of void, an empty set") {
  const Map zero{0}, one{1}, ignored{-1};
  CHECK(tally_image(zero.data(), zero.data(), 1, 1, 2).bf_scores[0] == 1);
  CHECK(tally_image(zero.data(), one.data(), 1, 1, 2).bf_scores[1] == 0);
  SegmentationMetrics metrics(2);
  CHECK(std::isnan(metrics.scores().global_accuracy));
  CHECK(std::isnan(metrics.scores().mean_bf_score));
  metrics.add(ignored.data(), one.data(), 1, 1);
  CHECK(std::isnan(metrics.scores().mean_iou));
  CHECK(std::isnan(metrics.scores().images[0].mean_bf_score));
  metrics.add(one.data(), one.data(), 1, 1);
  CHECK(metrics.scores().mean_iou == 1);
  CHECK(metrics.scores().mean_bf_score == 1);
}

TEST_CASE("impossible labels and sizes") {
  const Map zero{0}, two{2}, negative{-1};
  CHECK_THROWS_AS(tally_image(two.data(), zero.data(), 1, 1, 2), Error);
  CHECK_THROWS_AS(tally_image(zero.data(), two.data(), 1, 1, 2), Error);
  CHECK_THROWS_AS(tally_image(zero.data(), negative.data(), 1, 1, 2), Error);
  CHECK_THROWS_AS(tally_image(zero.data(), zero.data(), 0, 1, 2), Error);
  CHECK_THROWS_AS(tally_image(zero.data(), zero.data(), 1, longest_side + 1, 2), Error);
  CHECK_THROWS_AS(SegmentationMetrics(3).add(tally_image(zero.data(), zero.data(), 1, 1, 2)), Error);
}

TEST_CASE("random maps, as by the slow definitions") {
  Random random{7};
  for (int round = 0; round < 60; round++) {
    const int height = 1 + int(random.below(28)), width = 1 + int(random.below(28)), classes = 1 + int(random.below(6));
    const double theta = round % 3 ? double(random.uniform()) * 5 : -1;
    const Slow slow{height, width, classes, theta < 0 ? boundary_tolerance(height, width) : theta};
    SegmentationMetrics metrics(classes, theta);
    Map all_truth, all_predicted;
    std::vector<std::vector<double>> bf_of_class(static_cast<std::size_t>(classes));
    std::vector<double> bf_of_image;
    for (int image = 0; image < 4; image++) {
      const Map truth = random_map(random, height, width, classes, true);
      Map predicted = image == 3 ? truth : random_map(random, height, width, classes, false);
      for (std::size_t i = 0; i < truth.size(); i++)
        if (predicted[i] < 0) predicted[i] = 0;
      metrics.add(truth.data(), predicted.data(), height, width);
      std::vector<double> bf;
      const ImageScores expected = slow.scores(truth, predicted, &bf);
      CAPTURE(round);
      CAPTURE(image);
      check_same(metrics.scores().images.back(), expected);
      bf_of_image.push_back(expected.mean_bf_score);
      for (std::size_t c = 0; c < bf.size(); c++) bf_of_class[c].push_back(bf[c]);
      all_truth.insert(all_truth.end(), truth.begin(), truth.end());
      all_predicted.insert(all_predicted.end(), predicted.begin(), predicted.end());
    }
    const SegmentationScores s = metrics.scores();
    ImageScores expected = slow.scores(all_truth, all_predicted);
    expected.mean_bf_score = mean(bf_of_image);
    check_same({s.global_accuracy, s.mean_accuracy, s.mean_iou, s.weighted_iou, s.mean_bf_score}, expected);
    for (int c = 0; c < classes; c++) {
      const double row = double(slow.count(all_truth, all_predicted, c, -1));
      CHECK(same(s.classes[std::size_t(c)].accuracy, double(slow.count(all_truth, all_predicted, c, c)) / row));
      CHECK(same(s.classes[std::size_t(c)].mean_bf_score, mean(bf_of_class[std::size_t(c)])));
    }
  }
}

TEST_CASE("images tallied on several threads and added in order give the same bits") {
  constexpr int images = 24, height = 20, width = 30, classes = 5;
  Random random{3};
  std::vector<Map> truth, predicted;
  for (int i = 0; i < images; i++) {
    truth.push_back(random_map(random, height, width, classes, true));
    predicted.push_back(random_map(random, height, width, classes, false));
  }
  SegmentationMetrics one(classes), several(classes);
  for (int i = 0; i < images; i++) one.add(truth[i].data(), predicted[i].data(), height, width);
  std::vector<ImageTally> tallies(images);
  std::atomic<int> next{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; t++)
      threads.emplace_back([&] {
        for (int i; (i = next++) < images;)
          tallies[i] = tally_image(truth[i].data(), predicted[i].data(), height, width, classes);
      });
  }
  for (const ImageTally& tally : tallies) several.add(tally);
  CHECK(one.scores().mean_bf_score == several.scores().mean_bf_score);
  CHECK(one.scores().mean_iou == several.scores().mean_iou);
  CHECK(one.scores().confusion.counts == several.scores().confusion.counts);
}
