// SPDX-License-Identifier: MIT
// What elements of an image share a draw of dropout, and that back ends draw alike. ActivationCases has networks of
// each kind for every back end.
#include <strata/graph/hash.hpp>
#include <strata/reference/elementwise.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace strata;
using namespace strata::graph;

namespace {

constexpr Shape map{5, 4, 30};

/// The masks of so many images, as what was dropped by channel and pixel.
std::vector<std::vector<double>> masks(Share share, double probability, int images) {
  std::vector<std::vector<double>> all;
  std::vector<double> ones(std::size_t(map.size()), 1.);
  for (int n = 0; n < images; n++) {
    all.emplace_back(std::size_t(map.size()));
    reference::dropout(7, {.op = Op::dropout, .out = map, .share = share, .probability = probability, .layer = 2}, n,
                       {ones.data(), map}, {all.back().data(), map});
  }
  return all;
}

double mean(const std::vector<std::vector<double>>& all) {
  double sum = 0;
  for (const std::vector<double>& values : all)
    for (const double x : values) sum += x;
  return sum / double(all.size() * all[0].size());
}

}  // namespace

TEST_CASE("a channel is dropped as a whole, a path with all of its image; means are kept") {
  for (const Share share : {Share::element, Share::channel, Share::image}) {
    const auto all = masks(share, 0.25, 2000);
    CHECK(mean(all) == doctest::Approx(1).epsilon(0.04));
    std::size_t channels = 0, images = 0;
    for (const std::vector<double>& values : all) {
      images += std::set<double>(values.begin(), values.end()).size();
      for (int c = 0; c < map.channels; c++) {
        const auto first = values.begin() + long(c) * map.pixels();
        channels += std::set<double>(first, first + map.pixels()).size();
      }
    }
    const std::size_t count = all.size();
    CHECK((images == count) == (share == Share::image));
    CHECK((channels == count * std::size_t(map.channels)) == (share != Share::element));
  }
}

TEST_CASE("each number of an image, a channel and a pixel has its own draw") {
  for (const Share share : {Share::element, Share::channel, Share::image}) {
    const Draws draws(share, map);
    std::set<std::uint64_t> numbers;
    for (int n = 0; n < 3; n++)
      for (int c = 0; c < map.channels; c++)
        for (int p = 0; p < map.pixels(); p++) numbers.insert(draws(n, c, p));
    CHECK(long(numbers.size()) == 3 * shared_numbers(share, map));
    CHECK(*numbers.rbegin() == std::uint64_t(3 * shared_numbers(share, map) - 1));
  }
}

TEST_CASE("inference and files of weights know no dropout, checkpoints tell the kinds apart") {
  using Plain = Network<Image<4, 4, 2>, Conv<1, 3>>;
  using Elements = Network<Image<4, 4, 2>, Conv<1, 3>, Dropout<0.25>>;
  using Channels = Network<Image<4, 4, 2>, Conv<1, 3>, ChannelDropout<0.25>>;
  using Paths = Network<Image<4, 4, 2>, Conv<1, 3>, DropPath<0.25>>;
  CHECK(structural_hash<Plain> == structural_hash<Paths>);
  CHECK(structural_hash<Elements> == structural_hash<Channels>);
  CHECK(training_hash<Elements> != training_hash<Channels>);
  CHECK(training_hash<Channels> != training_hash<Paths>);
  CHECK(std::string(lowered<Paths>.layers[2].spelled) == "DropPath<0.25>");
}
