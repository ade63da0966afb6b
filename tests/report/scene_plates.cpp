// SPDX-License-Identifier: MIT
#include <strata/report/scene_plates.hpp>

#include <doctest/doctest.h>

#include <strata/data/camvid.hpp>
#include <strata/data/png.hpp>

#include "../support/count.hpp"

namespace report_scene_plates {

using namespace strata;
using namespace strata::data;
using namespace strata::report;
using strata::testing::count;

TEST_CASE("a picture is in the page once, and the others refer to it") {
  const std::vector<std::uint8_t> pixels(2 * 4 * 4, 200);
  ScenePlate plate{.caption = "a \"street\"", .height = 2, .width = 4};
  plate.photo = plate.truth = plate.prediction = encode_png(pixels.data(), {2, 4, 3});
  plate.errors = encode_png(pixels.data(), {2, 4, 4});
  const std::string text = scene_plates({plate, plate}, camvid::classes());
  CHECK(count(text, "data:image/png;base64,") == 8);
  for (const char* id : {"photo0", "photo1"}) {
    CHECK(count(text, std::string("id=\"") + id + "\"") == 1);
    CHECK(count(text, std::string("href=\"#") + id + "\"") == 3);
  }
  CHECK(count(text, "viewBox=\"0 0 4 2\"") == 8);
  CHECK(text.find("a \"street\"") == std::string::npos);
  CHECK(text.find("a &quot;street&quot;") != std::string::npos);
}

TEST_CASE("the legend names every class in its color, what is void and what is wrong") {
  const std::string text = scene_plates({}, {{"<road>", {1, 20, 255}}, {"sky", {9, 9, 9}}});
  CHECK(text.find("background:rgb(1,20,255)\"></span>&lt;road&gt;</li>") != std::string::npos);
  CHECK(count(text, "<li>") == 4);
  CHECK(text.find("void") != std::string::npos);
}

}  // namespace report_scene_plates
