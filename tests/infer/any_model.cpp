// SPDX-License-Identifier: MIT
// Models whose network is chosen by name: the numbers of the Model that they hold, from several threads too.
#include <strata/infer/any_model.hpp>

#include <doctest/doctest.h>

#include <thread>

#include "../support/languages/networks.hpp"
#include "../support/languages/sample.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::testing;
using infer::AnyModel;

namespace {

template <class Net, class Backend>
void check_predictions(const AnyModel& any, const Model<Net, Backend>& model, int count) {
  CAPTURE(any.name());
  const Shape in = Model<Net, Backend>::input, out = Model<Net, Backend>::output;
  CHECK(any.input() == in);
  CHECK(any.output() == out);
  const auto bytes = sample_bytes(count * in.size());
  const std::vector<float> floats(bytes.begin(), bytes.end());
  const Images images{.bytes = bytes.data(), .count = count};
  const core::Floats expected = model.predict(images);
  std::vector<float> scores(expected.size());
  any.predict(images, scores);
  CHECK(std::equal(scores.begin(), scores.end(), expected.begin()));
  std::fill(scores.begin(), scores.end(), -1.f);
  any.predict({.floats = floats.data(), .count = count}, scores);
  CHECK(std::equal(scores.begin(), scores.end(), expected.begin()));
  if (out.channels == 1) return;
  std::vector<std::int32_t> classes(std::size_t(count) * std::size_t(out.pixels()), -1);
  any.classify(images, classes);
  CHECK(classes == most_probable(expected, out.channels));
}

}  // namespace

TEST_CASE("the model of a name predicts what its network does, one image or more than a batch") {
  const TemporaryFolder folder;
  const auto check = [&]<class Held>(const char* name, const Held& model) {
    save(model, folder / name);
    AnyModel any = AnyModel::create<TestNetworks>(name, {.threads = 2});
    CHECK(any.name() == name);
    any.load(folder / name, {.verify = 1e-4f});
    for (const int count : {0, 1, 3, Held::default_evaluation_batch + 5}) check_predictions(any, model, count);
    const std::string file = read(folder / name);
    AnyModel same = AnyModel::create<TestNetworks>(name, {.seed = 9, .threads = 1});
    same.load_bytes(std::as_bytes(std::span(file)), "the file");
    check_predictions(same, model, 2);
  };
  check("digits", sample_model<SmallDigits>(1));
  check("regions", sample_model<Regions>(2));
  check("heat", sample_model<Heat, CpuWith<Exact>>(3));
}

TEST_CASE("a list has names, and nothing else is chosen") {
  CHECK(TestNetworks::count == 4);
  CHECK(std::string(TestNetworks::names[1]) == "regions");
  CHECK(refuses([] { AnyModel::create<TestNetworks>("Digits"); },
                "there is no network 'Digits'; choose one of: digits, regions, heat"));
  CHECK(refuses([] { AnyModel::create<TestNetworks>("\x1b[2J"); }, "there is no network '\\x1b[2J'"));
}

TEST_CASE("names of classes come from the file") {
  const TemporaryFolder folder;
  auto model = sample_model<Regions>(2);
  AnyModel any = AnyModel::create<TestNetworks>("regions");
  CHECK(any.classes().empty());
  model.classes({"sky", "road", "car", "tree", "Fußgänger"});
  save(model, folder / "regions");
  any.load(folder / "regions");
  CHECK(any.classes() == model.classes());
}

TEST_CASE("a refused file leaves the model as it was") {
  const TemporaryFolder folder;
  const auto model = sample_model<SmallDigits>(1);
  save(model, folder / "digits");
  save(sample_model<Regions>(2), folder / "regions");
  AnyModel any = AnyModel::create<TestNetworks>("digits");
  any.load(folder / "digits");
  CHECK(refuses([&] { any.load(folder / "regions"); }, "holds the weights of another network"));
  CHECK(refuses([&] { any.load(folder / "missing"); }, "cannot be opened"));
  CHECK(refuses([&] { any.load_bytes({}, "nothing"); }, "nothing: is too short for a safetensors file"));
  check_predictions(any, model, 3);
}

TEST_CASE("wrong sizes and a network without classes are refused") {
  const AnyModel digits = AnyModel::create<TestNetworks>("digits", {.threads = 1}),
                 heat = AnyModel::create<TestNetworks>("heat", {.threads = 1});
  const auto bytes = sample_bytes(2 * 784);
  std::vector<float> scores(19);
  std::vector<std::int32_t> classes(3);
  CHECK(refuses([&] { digits.predict({.bytes = bytes.data(), .count = 2}, scores); }, "the result has 19 floats",
                "give a span of 20"));
  CHECK(refuses([&] { digits.classify({.bytes = bytes.data(), .count = 2}, classes); }, "has 3 places for classes",
                "give a span of 2"));
  CHECK(refuses([&] { digits.classify({.bytes = bytes.data(), .count = -1}, classes); }, "-1 images were given"));
  CHECK(refuses([&] { heat.classify({.bytes = bytes.data(), .count = 1}, classes); },
                "the network 'heat' has one output channel"));
}

TEST_CASE("several threads use one model at once") {
  const TemporaryFolder folder;
  const auto model = sample_model<Regions>(2);
  save(model, folder / "regions");
  AnyModel any = AnyModel::create<TestNetworks>("regions", {.threads = 2});
  any.load(folder / "regions");
  const AnyModel& shared = any;
  std::vector<std::thread> threads;
  for (int t = 1; t <= 4; t++)
    threads.emplace_back([&shared, t] {
      const auto bytes = sample_bytes(t * shared.input().size());
      std::vector<float> scores(std::size_t(t * shared.output().size())), first;
      for (int i = 0; i < 5; i++) {
        shared.predict({.bytes = bytes.data(), .count = t}, scores);
        if (first.empty()) first = scores;
        CHECK(scores == first);
      }
    });
  for (std::thread& thread : threads) thread.join();
  check_predictions(any, model, 2);
}

namespace {

using Ports = Network<Inputs<Source<"picture", Image<4, 4, 2>>, Source<"tone", Image<1, 3, 1>>>, Conv<3, 5>, ReLU,
                      GlobalAvgPool, Concat<Identity, Sequential<From<"tone">, Dense<3>>>,
                      Outputs<Head<"class", Dense<4>, Softmax>, Head<"side", Dense<2>>>>;
using WithPorts = infer::Networks<infer::Entry<"ports", Ports>, infer::Entry<"digits", SmallDigits>>;

}  // namespace

TEST_CASE("a network with several sources and heads lists them, and predicts one head after another") {
  const TemporaryFolder folder;
  const Model<Ports> model{{.seed = 5, .threads = 1}};
  save(model, folder / "ports");
  AnyModel any = AnyModel::create<WithPorts>("ports", {.threads = 2});
  any.load(folder / "ports", {.verify = 1e-4f});
  REQUIRE(any.sources().size() == 2);
  CHECK(any.sources()[1].name == "tone");
  CHECK(any.sources()[1].shape == Shape{1, 3, 1});
  REQUIRE(any.heads().size() == 2);
  CHECK(any.heads()[1].name == "side");
  CHECK(any.output() == Shape{1, 1, 4});
  const auto bytes = sample_bytes(3 * 32), tones = sample_bytes(3 * 3);
  const Images more{.bytes = tones.data(), .count = 3}, images{.bytes = bytes.data(), .count = 3, .more = &more};
  std::vector<float> scores(3 * 6);
  any.predict(images, scores);
  const core::Floats expected = model.predict(images);
  CHECK(std::equal(scores.begin(), scores.end(), expected.begin(), expected.end()));
  std::vector<std::int32_t> classes(3);
  CHECK(refuses([&] { any.classify(images, classes); }, "classify: the network 'ports' has 2 heads"));
  const AnyModel digits = AnyModel::create<WithPorts>("digits", {.threads = 1});
  CHECK(digits.heads().size() == 1);
  CHECK(digits.heads()[0].name == "");
}
