// SPDX-License-Identifier: MIT
// The check that a file carries: what it holds, when it fails, and that a failure changes nothing.
#include <strata/io/weights.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "../support/model_numbers.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

namespace io_weight_check {

using namespace strata;
using namespace strata::io;
using namespace strata::testing;

namespace {

using Net = Network<Image<6, 5, 2>, Conv<3, 4>, BatchNorm, ReLU, Flatten, Dense<3>, Softmax>;
using Map = Network<Image<24, 32, 1>, Conv<3, 4>, BatchNorm, ReLU, Conv<1, 11>, PixelSoftmax>;  // 8,448 outputs
static_assert(checkable<Model<Net>>);

struct Own {
  float values[2] = {1, 2};
  static graph::NetworkHash hash() { return {}; }
  std::vector<core::NamedTensor> tensors() { return {{"a", 1, {2, 1, 1, 1}, values}}; }
  std::vector<core::ConstNamedTensor> tensors() const { return {{"a", 1, {2, 1, 1, 1}, values}}; }
};
static_assert(!checkable<Own>);

template <class N>
Model<N> scaled(std::uint64_t seed) {
  Model<N> model{{.seed = seed, .threads = 1}};
  model.input_scaling({.mean = {100}, .deviation = {50}});
  return model;
}

std::string check_in(const std::string& path) { return read_safetensors(path).metadata.at(check_key); }

/// The file with other metadata under `key`; none if `text` is empty.
Safetensors with(const std::string& path, const char* key, const std::string& text) {
  Safetensors file = read_safetensors(path);
  file.metadata.erase(key);
  if (!text.empty()) file.metadata[key] = text;
  return file;
}

}  // namespace

TEST_CASE("a file is verified by the model that wrote it, by one with other threads, and from memory") {
  TemporaryFolder folder;
  const Model<Net> model = scaled<Net>(3);
  save(model, folder / "w");
  for (const int threads : {1, 2}) {
    Model<Net> read{{.seed = 4, .threads = threads}};
    load(read, folder / "w", {.verify = 0.f});
    CHECK(numbers(read) == numbers(model));
  }
  Model<Net> read{{.seed = 4, .threads = 1}};
  const std::string bytes = testing::read(folder / "w");
  load_bytes(read, std::as_bytes(std::span(bytes)), "memory", {.verify = 0.f});
  CHECK(numbers(read) == numbers(model));
  CHECK(refuses([&] { load_bytes(read, std::as_bytes(std::span(bytes)).first(40), "memory"); }, "memory: "));
}

TEST_CASE("the check is what the network computes for an image within two deviations of the mean") {
  TemporaryFolder folder;
  Model<Net> model = scaled<Net>(3);
  model.input_scaling({.mean = {100, -3}, .deviation = {50, 0.25f}});
  save(model, folder / "w");
  const WeightCheck check = io::detail::parse_check(check_in(folder / "w"), "w");
  CHECK(check.seed == 1);
  CHECK(check.of == 3);
  CHECK(check.input.mean == std::vector<float>{100, -3});
  CHECK(check.input.deviation == std::vector<float>{50, 0.25f});
  const std::vector<float> image = io::detail::drawn_image(check.seed, 60, 2, check.input);
  for (std::size_t i = 0; i < image.size(); i++)
    CHECK(std::fabs(image[i] - (i % 2 ? -3 : 100)) <= (i % 2 ? 0.5f : 100.f));
  CHECK(std::set<float>(image.begin(), image.end()).size() > 55);
  // The documented formula, element by element.
  CHECK(image[7] == -3 + 0.25f * (4 * core::uniform(1, 7) - 2));
  const auto scores = model.predict({.floats = image.data(), .count = 1});
  CHECK(std::equal(scores.begin(), scores.end(), check.outputs.begin(), check.outputs.end()));
}

TEST_CASE("of many outputs, one of each of 1,024 equal parts is recorded, and every channel among them") {
  TemporaryFolder folder;
  const Model<Map> model = scaled<Map>(3);
  save(model, folder / "w");
  const std::string text = check_in(folder / "w");
  CHECK(text.size() < 16'384);
  const WeightCheck check = io::detail::parse_check(text, "w");
  CHECK(check.of == 24 * 32 * 11);
  CHECK(check.input.mean == std::vector<float>{100});
  CHECK(check.outputs.size() == 1024);
  std::set<std::size_t> channels;
  std::size_t before = 0;
  for (std::size_t i = 0; i < 1024; i++) {
    const std::size_t place = io::detail::checked_place(1, i, 1024, 720 * 960 * 11);  // equal steps would meet one
    CHECK(place >= before);
    before = i * (720 * 960 * 11) / 1024;
    channels.insert(place % 11);
  }
  CHECK(channels.size() == 11);
  Model<Map> read{{.seed = 4, .threads = 2}};
  load(read, folder / "w", {.verify = 0.f});
  CHECK(numbers(read) == numbers(model));
}

TEST_CASE("numbers that predict something else fail, and the model stays as it was") {
  TemporaryFolder folder;
  Model<Net> model = scaled<Net>(3), read{{.seed = 4, .threads = 1}};
  model.classes({"a", "b", "c"}), read.classes({"x", "y", "z"});
  save(model, folder / "w");
  const std::vector<float> before = numbers(read);
  const Images one{.floats = before.data(), .count = 1};
  const auto scores = read.predict(one);
  for (const char* name : {"0.weight", "1.running_var", "input.scale", "input.shift"}) {
    CAPTURE(name);
    Safetensors file = read_safetensors(folder / "w");
    float first;
    unsigned char* const at = file.bytes.data() + file.find(name)->begin;
    std::memcpy(&first, at, sizeof first);
    first = 1.05f * first + 0.05f;
    std::memcpy(at, &first, sizeof first);
    CHECK(
        refuses([&] { load(read, file, {.verify = 1e-4f}); }, "w: fails its check: ", " of the largest, and 0.0001 "));
    CHECK(numbers(read) == before);
    CHECK(read.classes()[0] == "x");
    CHECK(read.predict(one) == scores);
    load(read, file, {.verify = 10.f}), load(read, file);
    CHECK(read.classes()[0] == "a");
    read.initialize(4), read.classes({"x", "y", "z"});
  }
}

TEST_CASE("a difference counts relative to the largest output") {
  TemporaryFolder folder;
  Model<Net> model = scaled<Net>(3);
  save(model, folder / "w");
  WeightCheck check = io::detail::parse_check(check_in(folder / "w"), "w");
  const auto largest = std::max_element(check.outputs.begin(), check.outputs.end());
  *largest *= 1.01f;
  const Safetensors file = with(folder / "w", check_key, io::detail::text_of(check));
  CHECK(refuses([&] { load(model, file, {.verify = 0.0098f}); }, "differs from the recorded one by 0.0099"));
  load(model, file, {.verify = 0.01f});
}

TEST_CASE("in 16 bits, the check is of the rounded parameters") {
  TemporaryFolder folder;
  Model<Net> model = scaled<Net>(3), read{{.seed = 4, .threads = 1}};
  save(model, folder / "w");
  save(model, folder / "half", {}, SavePrecision::fp16);
  CHECK(check_in(folder / "half") != check_in(folder / "w"));
  load(read, folder / "half", {.verify = 0.f});
  CHECK(numbers(model) == numbers(scaled<Net>(3)));
  const std::vector<float> image(60, 100);
  const Images one{.floats = image.data(), .count = 1};
  CHECK(model.predict(one) == scaled<Net>(3).predict(one));  // not by the rounded ones
}

TEST_CASE("a file may lack the check: on demand, without outputs that are numbers, of a model that does not predict") {
  TemporaryFolder folder;
  Model<Net> model = scaled<Net>(3);
  const auto lacks = [&](const std::string& path) {
    return read_safetensors(path).metadata.count(check_key) == 0 &&
           refuses([&] { load(model, path, {.verify = 1e-4f}); }, "has no check to verify (no strata.check", "without");
  };
  save(model, folder / "without", {}, {.check = false});
  CHECK(lacks(folder / "without"));
  load(model, folder / "without");
  save(model, folder / "w");
  save(model, folder / "again", read_safetensors(folder / "w").metadata, {.check = false});
  CHECK(lacks(folder / "again"));
  model.parameters()[0] = std::nanf("");
  save(model, folder / "nan");
  CHECK(read_safetensors(folder / "nan").metadata.count(check_key) == 0);
  Own own;
  save(own, folder / "own");
  load(own, folder / "own");
  CHECK(refuses([&] { load(own, folder / "own", {.verify = 1e-4f}); }, "own: cannot be verified by a model that does"));
}

TEST_CASE("where the network only subtracts a mean, the image is as wide as the mean") {
  for (const auto& [mean, deviation, expected] :
       {std::tuple(33.f, 1.f, 33.f), {-33.f, 1.f, 33.f}, {0.5f, 1.f, 1.f}, {33.f, 2.f, 2.f}, {0.f, HUGE_VALF, 1.f}}) {
    const core::InputScaling input = io::detail::expected_input({{mean, mean}, {deviation, deviation}});
    CHECK(input.mean == std::vector<float>{mean});
    CHECK(input.deviation == std::vector<float>{expected});
  }
  CHECK(io::detail::expected_input({{1, 2}, {3, 3}}).mean.size() == 2);
}

TEST_CASE("a channel that is scaled by 0 still has a check") {
  TemporaryFolder folder;
  Model<Net> model = scaled<Net>(3);
  model.buffers()[0] = 0;
  CHECK(std::isinf(model.input_scaling().deviation[0]));
  save(model, folder / "w");
  load(model, folder / "w", {.verify = 0.f});
}

TEST_CASE("invalid tolerances and checks are refused; without verify, a check is not read") {
  TemporaryFolder folder;
  Model<Net> model = scaled<Net>(3);
  save(model, folder / "w");
  const std::vector<float> before = numbers(model);
  for (const float tolerance : {-1.f, std::nanf(""), HUGE_VALF})
    CHECK(refuses([&] { load(model, folder / "w", {.verify = tolerance}); }, "w: cannot be verified within "));
  const auto check = [](const char* seed, const char* of, const std::string& outputs) {
    return core::sentence("{", seed, R"("mean":[1],"deviation":[2],)", of, R"("outputs":)", outputs, "}");
  };
  const char *const seed = R"("seed":1,)", *const of = R"("of":3,)";
  for (const auto& [text, part] : std::initializer_list<std::pair<std::string, const char*>>{
           {"{", "not a JSON object"},
           {"[1]", "not a JSON object"},
           {std::string(100'000, '['), "not a JSON object"},
           {std::string(1'100'000, ' '), "more than a million bytes"},
           {check("", of, "[1,2,3]"), "lacks the whole number seed"},
           {check(R"("seed":-1,)", of, "[1,2,3]"), "lacks the whole number seed"},
           {check(seed, R"("of":3.5,)", "[1,2,3]"), "lacks the whole number of"},
           {check(seed, R"("of":0,)", "[]"), "lacks the numbers outputs"},
           {check(seed, of, R"({"a":1})"), "lacks the numbers outputs"},
           {R"({"seed":1,"of":1,"outputs":[1]})", "lacks the numbers mean"},
           {check(seed, of, "[1,2,null]"), "something else than a number among its outputs"},
           {check(seed, of, "[1,2,1e39]"), "something else than a number among its outputs"},
           {check(seed, of, "[1,2,1e999]"), "not a JSON object"},
           {check(seed, R"("of":18446744073709551615,)", "[1,2,3]"), "does not list the outputs that it counts"},
           {check(seed, of, "[1,2]"), "does not list the outputs that it counts"},
           {check(seed, R"("of":4,)", "[1,2,3,4]"), "is of a network with 4 outputs, but this one has 3"},
           {R"({"seed":1,"mean":[1,2,3],"deviation":[1],"of":3,"outputs":[1,2,3]})", "an input of 3 channels"}}) {
    const std::string start = text.substr(0, 80);
    CAPTURE(start);
    const Safetensors file = with(folder / "w", check_key, text);
    CHECK(refuses([&] { load(model, file, {.verify = 1e-4f}); }, "w: its check ", part));
    load(model, file);
  }
  CHECK(numbers(model) == before);
}

}  // namespace io_weight_check
