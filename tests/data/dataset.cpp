// SPDX-License-Identifier: MIT
#include <strata/data/dataset.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

TEST_CASE("parts share the memory of the whole") {
  const Dataset set({1, 2, 1}, std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5}, {7, 8, 9});
  CHECK(set.count() == 3);
  const Dataset part = set.part(1, 2), last = part.part(1, 1);
  CHECK(part.count() == 2);
  CHECK(part.bytes(0) == set.bytes(1));
  CHECK(last.label(0) == 9);
  CHECK(last.floats(0) == nullptr);
  const std::int32_t index[] = {1, 0};
  const Batch batch = part.batch(index, 2);
  CHECK(batch.images.bytes + batch.images.row(0) * 2 == set.bytes(2));
  CHECK(batch.labels.values[batch.labels.row(1)] == 8);
  CHECK(part.images().count == 2);
}

TEST_CASE("labels for each pixel, and floats") {
  const Dataset set({1, 2, 1}, std::vector<float>{0, 1, 2, 3}, {1, 2, 3, 4}, 2);
  CHECK(set.count() == 2);
  CHECK(set.floats(1)[0] == 2);
  CHECK(set.part(1, 1).batch(nullptr, 1).labels.values[0] == 3);
}

TEST_CASE("what does not fit is refused") {
  CHECK(refuses(
      [] {
        Dataset({1, 2, 1}, std::vector<std::uint8_t>{1, 2, 3}, {1});
      },
      "3 numbers", "1 x 2 x 1", "1 labels"));
  CHECK(refuses([] { Dataset({1, 2, 1}, std::vector<std::uint8_t>{1, 2}, {1, 2}); }, "2 labels"));
  CHECK(refuses(
      [] {
        Dataset({-1, 2, -1}, std::vector<std::uint8_t>{1, 2}, {1});
      },
      "give a shape that is not negative"));
  CHECK(refuses([] { Dataset({1, 2, 1}, std::vector<std::uint8_t>{1, 2}, {1}, 0); }, "1 label or more"));
  CHECK(refuses([] { Dataset({1, 2, 1}, std::vector<std::uint8_t>{1, 2}, {1}, -1); }, "1 label or more"));
  const Dataset set({1, 1, 1}, std::vector<std::uint8_t>{1, 2}, {1, 2});
  struct Part {
    int first, count;
  };
  for (const Part part : {Part{-1, 1}, {0, 3}, {2, 1}, {0, -1}, {2147483647, 2147483647}})
    CHECK(refuses([&] { set.part(part.first, part.count); }, "stay within the set"));
}

TEST_CASE("its conditions tell it from other pixels, labels and parts") {
  const auto set = [](std::vector<std::uint8_t> bytes, std::vector<std::int32_t> labels) {
    return Dataset({1, 2, 1}, std::move(bytes), std::move(labels));
  };
  const Dataset one = set({1, 2, 3, 4}, {7, 8});
  CHECK(one.conditions() == set({1, 2, 3, 4}, {7, 8}).conditions());
  CHECK(one.conditions() == set({9, 9, 1, 2, 3, 4}, {0, 7, 8}).part(1, 2).conditions());
  CHECK(disagreements(one.conditions(), set({1, 2, 3, 5}, {7, 8}).conditions()).front().name == "pixels of digest");
  CHECK(disagreements(one.conditions(), set({3, 4, 1, 2}, {7, 8}).conditions()).size() == 1);
  CHECK(disagreements(one.conditions(), set({1, 2, 3, 4}, {8, 7}).conditions()).front().name == "labels of digest");
  CHECK(one.conditions() != one.part(0, 1).conditions());
  Dataset().conditions();
}
