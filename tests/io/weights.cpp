// SPDX-License-Identifier: MIT
#include <strata/io/weights.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "../support/model_numbers.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::io;
using namespace strata::testing;
using Net = Network<Image<4, 4, 1>, Conv<3, 2>, BatchNorm, ReLU, Flatten, Dense<3>, Softmax>;
using Other = Network<Image<4, 4, 1>, Conv<3, 2>, BatchNorm, Tanh, Flatten, Dense<3>, Softmax>;
template <Real Slope>
using Steeper = Network<Image<4, 4, 1>, Conv<3, 2>, BatchNorm, LeakyReLU<Slope>, Flatten, Dense<3>, Softmax>;
using Wider = Network<Image<4, 4, 1>, Conv<3, 3>, BatchNorm, ReLU, Flatten, Dense<3>, Softmax>;

namespace {

/// A type whose functions have the names of strata's.
struct Game {
  int saved = 0, loaded = 0;
};
void save(Game& game, std::string_view) { game.saved++; }
void load(Game& game, std::string_view) { game.loaded++; }

/// A model of the user's own, which files can fill.
struct Own {
  float values[2] = {1, 2};
  static NetworkHash hash() { return {}; }
  std::vector<NamedTensor> tensors() { return {{"a", 1, {2, 1, 1, 1}, values}}; }
  std::vector<ConstNamedTensor> tensors() const { return {{"a", 1, {2, 1, 1, 1}, values}}; }
};

}  // namespace

static_assert(model_like<Model<Net>> && model_like<const Model<Net>> && model_like<Own> && model_like<const Own>);
static_assert(!model_like<Net> && !model_like<Game> && !model_like<Safetensors> && !model_like<int>);

TEST_CASE("save and load leave the functions of other types alone, and take models of any type") {
  Game game;
  const std::string path = "level";  // a conversion for the game's functions, and none for strata's
  save(game, path), load(game, path), load(game, path);
  CHECK(game.saved == 1);
  CHECK(game.loaded == 2);
  TemporaryFolder folder;
  const Own own;
  Own read{.values = {0, 0}};
  save(own, folder / "own");
  load(read, folder / "own");
  CHECK(read.values[1] == 2);
}

TEST_CASE("a model is read back from its file bit for bit") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  model.buffers()[2] = 0.25f;
  save(model, folder / "w", {{"note", "hello"}});
  load(read, folder / "w");
  CHECK(numbers(read) == numbers(model));
  const Safetensors file = read_safetensors(folder / "w");
  CHECK(file.metadata.at("note") == "hello");
  CHECK(file.metadata.at("strata.hash") == "2-" + hexadecimal(structural_hash<Net>));
  for (const char* name : {"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "4.weight",
                           "4.bias", "input.scale", "input.shift"})
    CHECK_MESSAGE(file.find(name), name);
  CHECK(file.tensors.size() == 10);
}

TEST_CASE("norms and slopes are stored in PyTorch's shapes") {
  using Normed = Network<Image<3, 4, 2>, LayerNorm, ChannelPReLU, GroupNorm<2, NoAffine>, PReLU, Dense<2>, Softmax>;
  TemporaryFolder folder;
  Model<Normed> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  for (std::size_t i = 0; i < model.parameters().size(); i++) model.parameters()[i] = 0.1f * float(i + 1);
  save(model, folder / "w");
  load(read, folder / "w");
  CHECK(numbers(read) == numbers(model));
  const Safetensors file = read_safetensors(folder / "w");
  CHECK(file.find("0.weight")->dims == std::vector<std::uint64_t>{2, 3, 4});
  CHECK(file.find("0.bias")->dims == std::vector<std::uint64_t>{2, 3, 4});
  CHECK(file.find("1.weight")->dims == std::vector<std::uint64_t>{2});
  CHECK(file.find("3.weight")->dims == std::vector<std::uint64_t>{1});
}

TEST_CASE("the names of the classes are read back, and stay where a file has none") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  const std::vector<std::string> names = {"sk\xC3\xBD", "a \"b\" \\", "a"};
  save(model, folder / "without");
  CHECK(read_safetensors(folder / "without").metadata.count("strata.classes") == 0);
  model.classes(names);
  save(model, folder / "w");
  load(read, folder / "w");
  CHECK(read.classes() == names);
  load(read, folder / "without");
  CHECK(read.classes() == names);
  Own own;
  load(own, [&] {
    save(Own(), folder / "own", {{"strata.classes", "["}});  // ours are not copied from another file
    return folder / "own";
  }());
  save(read, folder / "again", read_safetensors(folder / "w").metadata);
  CHECK(testing::read(folder / "again") == testing::read(folder / "w"));
}

TEST_CASE("names of classes that are damaged or of another network are refused and change nothing") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  read.classes({"x", "y", "z"});
  const std::vector<float> before = numbers(read);
  save(model, folder / "w");
  for (const auto& [text, part] : std::initializer_list<std::pair<std::string, std::string>>{
           {"", "are not a JSON array"},
           {R"(["a","b","c")", "are not a JSON array"},
           {R"({"a":"b"})", "are not a JSON array"},
           {std::string(6000, '['), "are not a JSON array"},
           {R"(["a","b",3])", "hold something else than text at position 2"},
           {R"(["a","b"])", ": 2 names were given, but the network has 3 classes"},
           {R"(["a","b","c","d"])", ": 4 names were given, but the network has 3 classes"},
           {R"(["a","b","\u001b[2J"])", ": the name of class 2, '\\x1b[2J', is not plain UTF-8"},
           {R"(["a","b",""])", ": the name of class 2 is empty"},
           {R"(["a","b",")" + std::string(1001, 'c') + R"("])", ": the name of class 2 has 1001 bytes"},
           {std::string(10'000, ' '), "have 10000 bytes, too many for the 3 of the network"}}) {
    const std::string start = text.substr(0, 80);
    CAPTURE(start);
    Safetensors file = read_safetensors(folder / "w");
    file.metadata[classes_key] = text;
    CHECK(refuses([&] { load(read, file); }, "w: its names of classes (strata.classes)", part));
    CHECK(numbers(read) == before);
    CHECK(read.classes()[2] == "z");
  }
}

TEST_CASE("a file says in words how the input is scaled") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}};
  const auto words = [&](auto& saved) {
    save(saved, folder / "w");
    return read_safetensors(folder / "w").metadata.at("strata.input");
  };
  model.input_scaling({.mean = {33.25f}, .deviation = {80}});
  CHECK(words(model) == "(raw - mean) / deviation, with mean 33.25 and deviation 80");
  Model<Network<Image<2, 2, 3>, Dense<2>, Softmax>> colors{{.threads = 1}};
  colors.input_scaling({.mean = {124, 116, 104}, .deviation = {64}});
  CHECK(words(colors) == "(raw - mean) / deviation, with mean 124, 116, 104 and deviation 64 per channel");
}

TEST_CASE("in 16 bits the parameters are read back rounded, what normalizes bit for bit") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  for (long i = 0; i < Model<Net>::buffer_floats; i++) model.buffers()[i] = 0.1f * float(i + 1);
  save(model, folder / "w", {{"note", "hello"}}, SavePrecision::fp16);
  load(read, folder / "w");
  long rounded = 0;
  for (long i = 0; i < Model<Net>::parameter_floats; i++) {
    CHECK(read.parameters()[i] == float_of_half(half_of_float(model.parameters()[i])));
    rounded += read.parameters()[i] != model.parameters()[i];
  }
  CHECK(rounded > 0);
  CHECK(std::ranges::equal(model.buffers(), read.buffers()));
  const Safetensors file = read_safetensors(folder / "w");
  CHECK(file.metadata.at("note") == "hello");
  CHECK(file.tensors.size() == 10);
  for (const StoredTensor& tensor : file.tensors) {
    const bool wide = tensor.name.starts_with("input.") || tensor.name.find("running") != std::string::npos;
    CHECK_MESSAGE(tensor.dtype == (wide ? "F32" : "F16"), tensor.name);
    CHECK_MESSAGE((tensor.begin - file.tensors[0].begin) % (wide ? 4 : 2) == 0, tensor.name);
  }
}

TEST_CASE("what 16 bits cannot hold is refused by name, and nothing is written") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}};
  save(model, folder / "w");
  const std::string before = testing::read(folder / "w");
  const std::vector<NamedTensor> tensors = model.tensors();
  const auto named = [&](const char* name) {
    return *std::find_if(tensors.begin(), tensors.end(), [&](const NamedTensor& t) { return t.name == name; });
  };
  named("1.running_var").data[0] = 1e6f;
  for (const float number : {65520.f, -70000.f, HUGE_VALF}) {
    named("4.weight").data[5] = number;
    CHECK(refuses([&] { save(model, folder / "w", {}, SavePrecision::fp16); }, "w: tensor '4.weight' holds ",
                  " at position 5, beyond the 65504 that 16 bits can hold; save it with SavePrecision::fp32"));
    CHECK(refuses([&] { save(model, folder / "new", {}, SavePrecision::fp16); }, "new: tensor '4.weight'"));
  }
  CHECK(testing::read(folder / "w") == before);
  CHECK(names_in(folder.path()) == std::vector<std::string>{"w"});
  named("4.weight").data[5] = 65504.f;
  save(model, folder / "w", {}, SavePrecision::fp16);
  load(model, folder / "w");
  CHECK(named("1.running_var").data[0] == 1e6f);
}

TEST_CASE("a loaded model predicts with what it loaded") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  save(model, folder / "w");
  const std::vector<float> image(16, 0.5f);
  const Images images{.floats = image.data(), .count = 1};
  read.predict(images);
  load(read, folder / "w");
  CHECK(read.predict(images) == model.predict(images));
}

TEST_CASE("a file of another network is refused and changes nothing") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}};
  save(model, folder / "w");
  const auto refused = [&]<class N>(Model<N> other) {
    const std::vector<float> before = numbers(other);
    const bool said = refuses([&] { load(other, folder / "w"); }, "another network",
                              "2-" + hexadecimal(structural_hash<Net>), "2-" + hexadecimal(structural_hash<N>));
    return said && numbers(other) == before;
  };
  CHECK(refused(Model<Other>{{.seed = 3, .threads = 1}}));
  CHECK(refused(Model<Steeper<0.1>>{{.seed = 3, .threads = 1}}));
  CHECK(refused(Model<Steeper<0.3>>{{.seed = 3, .threads = 1}}));
}

TEST_CASE("what inference does not compute does not separate files from networks") {
  using Learns = Network<Image<4, 4, 1>, Conv<3, 2, RateFactor<10, 0>>, BatchNormWith<Real{1e-5}, Real{0.3}>, ReLU,
                         Flatten, AtRate<0.5, Dense<3, L2Factor<0.5>>>, Softmax>;
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}};
  Model<Learns> other{{.seed = 4, .threads = 1}};
  save(model, folder / "w");
  load(other, folder / "w");
  CHECK(numbers(other) == numbers(model));
}

TEST_CASE("files of version 1 of the hash are read; what no version wrote is refused") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  write_safetensors(folder / "1", model.tensors(), {{hash_key, hexadecimal(structural_hash_1<Net>)}});
  load(read, folder / "1");
  CHECK(numbers(read) == numbers(model));
  const std::vector<float> before = numbers(read);
  write_safetensors(folder / "other", model.tensors(), {{hash_key, "0000000000000000"}});
  CHECK(refuses([&] { load(read, folder / "other"); },
                "another network (structural hash 0000000000000000, this one has 2-"));
  for (const char* odd :
       {"", "2-", "3-0123456789abcdef", "2-0123456789abcdeg", "0123456789ABCDEF", "\x1b]0;owned\x07"}) {
    write_safetensors(folder / "odd", model.tensors(), {{hash_key, odd}});
    CHECK(refuses([&] { load(read, folder / "odd"); },
                  "names its network in a form that this version of strata does not know"));
  }
  CHECK(numbers(read) == before);
}

TEST_CASE("without our hash, names and shapes decide") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  std::vector<NamedTensor> tensors = model.tensors(), some;
  for (const NamedTensor& t : tensors)
    if (!t.name.starts_with("input.")) some.push_back(t);
  float tracked[1] = {7};
  NamedTensor counter;
  counter.name = "1.num_batches_tracked", counter.rank = 1, counter.data = tracked;
  some.push_back(counter);
  write_safetensors(folder / "torch", some);
  load(read, folder / "torch");
  CHECK(std::vector<float>(read.parameters().begin(), read.parameters().end()) ==
        std::vector<float>(model.parameters().begin(), model.parameters().end()));

  Model<Wider> wider{{.seed = 5, .threads = 1}};
  const std::vector<float> before = numbers(wider);
  CHECK(refuses([&] { load(wider, folder / "torch"); }, "'0.weight'", "(2, 1, 3, 3)", "(3, 1, 3, 3)"));
  CHECK(numbers(wider) == before);

  NamedTensor extra = counter;
  extra.name = "9.weight";
  some.push_back(extra);
  write_safetensors(folder / "extra", some);
  CHECK(refuses([&] { load(read, folder / "extra"); }, "'9.weight'", "the network lacks"));
  some.pop_back(), some.erase(some.begin());
  write_safetensors(folder / "fewer", some);
  CHECK(refuses([&] { load(read, folder / "fewer"); }, "lacks the tensor '0.weight' (2, 1, 3, 3)"));
}

TEST_CASE("a truncated file is refused and changes nothing") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  const std::vector<float> before = numbers(read);
  save(model, folder / "w");
  const std::string whole = testing::read(folder / "w");
  for (std::size_t size : {std::size_t(0), std::size_t(7), std::size_t(8), std::size_t(100), whole.size() - 1}) {
    write(folder / "cut", whole.substr(0, size));
    CHECK(refuses([&] { load(read, folder / "cut"); }, "cut: "));
  }
  CHECK(numbers(read) == before);
}

namespace {

/// A file in memory with the model's tensors, whose names and numbers `change` may alter.
template <class Alteration>
Safetensors changed(Model<Net>& model, const std::string& path, Alteration&& change) {
  std::vector<NamedTensor> tensors = model.tensors();
  std::vector<std::vector<float>> numbers;
  for (NamedTensor& t : tensors) {
    numbers.emplace_back(t.data, t.data + t.size());
    t.data = numbers.back().data();
    change(t);
  }
  write_safetensors(path, tensors);
  return read_safetensors(path);
}

}  // namespace

TEST_CASE("a missing name: the message says what is there, and what makes it fit") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  const Safetensors prefixed = changed(model, folder / "w", [](NamedTensor& t) { t.name = "module." + t.name; });
  CHECK(refuses([&] { load(read, prefixed); },
                "lacks the tensor '0.weight' (2, 1, 3, 3), but holds 'module.0.weight' (2, 1, 3, 3), ",
                "and 2 more; strip the prefix 'module.' from its names", "strip_prefix"));
  load(read, strip_prefix(prefixed, "module."));
  CHECK(numbers(read) == numbers(model));

  const Safetensors own = changed(model, folder / "w", [](NamedTensor& t) {
    for (const auto& [ours, theirs] : {std::pair("0.", "conv1."), {"1.", "bn1."}, {"4.", "fc."}})
      if (t.name.starts_with(ours)) t.name = theirs + t.name.substr(2);
  });
  CHECK(refuses([&] { load(read, own); }, "but holds 'conv1.weight' (2, 1, 3, 3), ", "'conv1.weight' has that shape",
                "Named<\"conv1\", ...>"));

  const Safetensors half = changed(model, folder / "w", [](NamedTensor& t) {
    if (t.name == "0.weight") t.name = "model.0.weight", t.dims[0] = 1;
  });
  CHECK(
      refuses([&] { load(read, half); }, "but holds 'model.0.weight' (1, 1, 3, 3); give the weights of this network"));
}

TEST_CASE("the weights of a signal's convolution have three dimensions in files, as in PyTorch's") {
  TemporaryFolder folder;
  Model<Network<Signal<6, 2>, Conv1d<3, 4>, Dense<2>, Softmax>> model{{.seed = 3, .threads = 1}},
      read{{.seed = 4, .threads = 1}};
  save(model, folder / "signal");
  load(read, folder / "signal");
  CHECK(numbers(read) == numbers(model));
  std::vector<NamedTensor> tensors = model.tensors();
  for (NamedTensor& t : tensors)
    if (t.name == "0.weight") t.rank = 4;
  write_safetensors(folder / "maps", tensors);
  CHECK(refuses([&] { load(read, folder / "maps"); }, "'0.weight'", "(4, 2, 3, 1)", "(4, 2, 3)"));
}

TEST_CASE("numbers that cannot predict anything are refused and change nothing") {
  TemporaryFolder folder;
  Model<Net> model{{.seed = 3, .threads = 1}}, read{{.seed = 4, .threads = 1}};
  const std::vector<float> before = numbers(read);
  for (const auto& [name, number, part] : {std::tuple("4.weight", NAN, "NaN"),
                                           {"0.bias", HUGE_VALF, "infinity"},
                                           {"1.running_mean", -HUGE_VALF, "-infinity"},
                                           {"input.scale", NAN, "NaN"},
                                           {"1.running_var", -1e-9f, "a negative variance"}}) {
    const Safetensors file = changed(model, folder / "w", [&, name = name, number = number](NamedTensor& t) {
      if (t.name == name) t.data[t.size() - 1] = number;
    });
    CHECK(refuses([&] { load(read, file); }, std::string("w: tensor '") + name + "' holds " + part, "at position"));
    CHECK(numbers(read) == before);
  }
  load(read, changed(model, folder / "w", [](NamedTensor& t) {
         if (t.name == "1.running_var") t.data[0] = -0.f;
       }));
}

TEST_CASE("64-bit numbers are taken, unknown types refused by name") {
  Model<Net> model{{.seed = 3, .threads = 1}};
  using Alone = Network<Image<1, 1, 1>, Dense<1, NoBias>>;
  Model<Alone> one{{.seed = 3, .threads = 1}};
  const auto file = [](const std::string& dtype, const std::string& more, std::initializer_list<unsigned char> data) {
    const std::string header =
        R"({"0.weight":{"dtype":")" + dtype + R"(","shape":[1,1],"data_offsets":[0,8]})" + more + "}";
    Bytes bytes(8);
    bytes[0] = (unsigned char)(header.size()), bytes[1] = (unsigned char)(header.size() >> 8);
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), data);
    return parse_safetensors(bytes, "w");
  };
  load(one, file("F64", "", {0, 0, 0, 0, 0, 0, 0xF8, 0x3F}));
  CHECK(one.parameters()[0] == 1.5f);
  CHECK(refuses([&] { load(one, file("F64", "", {0, 0, 0, 0, 0, 0, 0xF0, 0x7E})); }, "'0.weight' holds infinity"));
  CHECK(refuses(
      [&] {
        load(one, file("I64", "", {0, 0, 0, 0, 0, 0, 0, 0}));
      },
      "'0.weight' has the type I64; give F64"));
  CHECK(refuses(
      [&] {
        load(one, file("C64", "", {0, 0, 0, 0, 0, 0, 0, 0}));
      },
      "'0.weight' has the type C64; give F64"));
  const char* extra = R"(,"scale":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[8,9]})";
  CHECK(refuses(
      [&] {
        load(one, file("F64", extra, {0, 0, 0, 0, 0, 0, 0, 0, 1}));
      },
      "'scale' (1), which the network lacks"));
  CHECK(one.parameters()[0] == 1.5f);
}

namespace {

using Names = std::vector<std::string>;
/// Features, then a classifier of 3 or of 5 classes.
template <int Classes>
using Parts = Network<Image<4, 4, 1>, Named<"features", Sequential<Conv<3, 2>, BatchNorm, ReLU, Conv<3, 2>, BatchNorm>>,
                      Named<"classifier", Dense<Classes>>, Softmax>;
using Three = Model<Parts<3>>;
using Five = Model<Parts<5>>;

/// The model's tensors as another program would write them: layer by layer, without the scaling of the input, with
/// counters, under names that `called` gives.
template <class M, class Called>
Safetensors as_other_programs(M& model, const std::string& path, Called&& called) {
  std::vector<NamedTensor> out;
  static float counter[1] = {7};
  for (const NamedTensor& t : model.tensors())
    if (!t.name.starts_with("input.")) out.push_back(t);
  const auto layer = [](const NamedTensor& t) { return t.name.substr(0, t.name.rfind('.')); };
  std::stable_sort(out.begin(), out.end(), [&](auto& a, auto& b) {
    return layer(b) == "classifier" && layer(a) != "classifier" ? true
           : layer(a) == "classifier"                           ? false
                                                                : layer(a) < layer(b);
  });
  for (const char* norm : {"features.1", "features.4"})
    out.push_back({norm + std::string(".num_batches_tracked"), 0, {1, 1, 1, 1}, counter});
  for (NamedTensor& t : out) t.name = called(t.name);
  write_safetensors(path, out);
  return read_safetensors(path);
}
std::string same(const std::string& name) { return name; }

/// The tensors of `model` that differ from those of `before`, and are now those of `source`.
Names taken_from(const Three& source, Five& model, const Five& before) {
  Names out;
  const auto theirs = source.tensors(), old = before.tensors();
  const std::vector<NamedTensor> ours = model.tensors();
  for (std::size_t t = 0; t < ours.size(); t++) {
    const NamedTensor& now = ours[t];
    if (now.size() == theirs[t].size() && std::equal(now.data, now.data + now.size(), theirs[t].data))
      out.push_back(now.name);
    else CHECK_MESSAGE(std::equal(now.data, now.data + now.size(), old[t].data), now.name);
  }
  return out;
}

/// A model with numbers that no other has.
template <class M>
M distinct(std::uint64_t seed) {
  M model{{.seed = seed, .threads = 1}};
  Random random{seed};
  for (float& x : model.parameters()) x = random.uniform();
  for (float& x : model.buffers()) x = 1 + random.uniform();
  return model;
}

}  // namespace

TEST_CASE("the report names what was taken, missing and not used, on one line") {
  TemporaryFolder folder;
  Three model = distinct<Three>(3), read = distinct<Three>(4);
  save(model, folder / "own");
  CHECK(load(read, folder / "own").text() == "16 tensors taken, none missing, none not used");
  const Safetensors file = as_other_programs(model, folder / "w", same);
  const LoadReport report = load(read, file);
  CHECK(report.taken.size() == 14);
  CHECK(report.missing == Names{"input.scale", "input.shift"});
  CHECK(report.unused == Names{"features.1.num_batches_tracked", "features.4.num_batches_tracked"});
  CHECK(report.left_over.empty());
  CHECK(report.kept.empty());
  CHECK(report.text() ==
        "14 tensors taken, 2 missing (input.scale, input.shift), 2 not used (features.1.num_batches_tracked, "
        "features.4.num_batches_tracked)");
}

TEST_CASE("names of the file become those of the network: prefix, pairs, a function") {
  TemporaryFolder folder;
  Three model = distinct<Three>(3);
  const auto loads = [&](const Safetensors& file, const LoadOptions& options) {
    Three read = distinct<Three>(4);
    LoadReport report = load(read, file, options);
    CHECK(report.taken.size() == 14);
    CHECK(std::ranges::equal(read.parameters(), model.parameters()));
    CHECK(std::equal(read.buffers().begin() + 2, read.buffers().end(), model.buffers().begin() + 2));
    return report;
  };
  const Safetensors prefixed = as_other_programs(model, folder / "w", [](auto& name) { return "module." + name; });
  CHECK(loads(prefixed, {.strip_prefix = "module."}).text().starts_with("14 tensors taken (prefix 'module.'), "));
  CHECK(loads(prefixed, {.rename = {{"module.", ""}}}).prefix.empty());
  const Safetensors others = as_other_programs(model, folder / "w", [](const std::string& name) {
    return name == "classifier.bias"         ? "b"
           : name.starts_with("classifier.") ? "head.fc" + name.substr(10)
                                             : "body." + name.substr(9);
  });
  loads(others, {.rename = {{"b", "classifier.bias"}, {"head.fc.", "classifier."}, {"body.", "features."}}});
  const LoadReport report = loads(others, {.name = [](const std::string& name) {
                                    if (name.ends_with("tracked")) return std::string();
                                    return name == "b"                ? "classifier.bias"
                                           : name.starts_with("head") ? "classifier" + name.substr(7)
                                                                      : "features" + name.substr(4);
                                  }});
  CHECK(report.unused == Names{"body.1.num_batches_tracked", "body.4.num_batches_tracked"});

  Three read = distinct<Three>(4);
  const std::vector<float> before = numbers(read);
  CHECK(refuses(
      [&] {
        load(read, others, {.rename = {{"b", "classifier.bias"}, {"body.", "features."}}});
      },
      "w: it lacks the tensor 'classifier.weight' (3, 32), but holds 'head.fc.weight' (3, 32); 'head.fc.weight' has "
      "that shape: rename it (LoadOptions::rename)"));
  CHECK(refuses(
      [&] {
        load(read, others, {.rename = {{"b", "classifier.bias"}, {"head.fc.", "body.0."}}});
      },
      "w: its tensors 'body.0.weight' and 'head.fc.weight' would both be 'body.0.weight'; rename one of them"));
  CHECK(refuses([&] { load(read, others, {.name = [](auto&) { return ""; }}); },
                "it lacks the tensor 'features.0.weight'"));
  CHECK(numbers(read) == before);
}

TEST_CASE("a part of a model is loaded: paths that are loaded, stay, may be missing, may be left over") {
  TemporaryFolder folder;
  const Three model = distinct<Three>(3);
  save(model, folder / "w");
  const Names features = {"features.0.weight",      "features.0.bias",         "features.1.weight",
                          "features.1.bias",        "features.3.weight",       "features.3.bias",
                          "features.4.weight",      "features.4.bias",         "features.1.running_mean",
                          "features.1.running_var", "features.4.running_mean", "features.4.running_var"},
              classifier = {"classifier.weight", "classifier.bias"};
  const auto with_input = [&](Names names, std::size_t at) {
    names.insert(names.begin() + long(at), {"input.scale", "input.shift"});
    return names;
  };
  const Five before = distinct<Five>(4);
  const auto part = [&](const LoadOptions& options) {
    Five read = distinct<Five>(4);
    LoadReport report = load(read, folder / "w", options);
    CHECK(taken_from(model, read, before) == report.taken);
    return report;
  };
  const LoadReport kept = part({.keep = {"classifier"}});
  CHECK(kept.taken == with_input(features, 8));
  CHECK(kept.kept == classifier);
  CHECK(kept.unused == classifier);
  CHECK(kept.text() ==
        "14 tensors taken, none missing, 2 not used (classifier.weight, classifier.bias), 2 kept "
        "(classifier.weight, classifier.bias)");
  CHECK(part({.only = {"features"}}).taken == features);
  CHECK(part({.only = {"features.0", "features.1.running_mean"}}).taken ==
        Names{"features.0.weight", "features.0.bias", "features.1.running_mean"});
  CHECK(part({.only = {"features"}, .keep = {"features.0", "features.1", "features.4"}}).taken ==
        Names{"features.3.weight", "features.3.bias"});

  Five read = distinct<Five>(4);
  const std::vector<float> old = numbers(read);
  const auto refused = [&](const LoadOptions& options, const auto&... said) {
    return refuses([&] { load(read, folder / "w", options); }, said...) && numbers(read) == old;
  };
  CHECK(refused({.only = {""}},
                "w: its tensor 'classifier.weight' is (3, 32) where the network has (5, 32); give the weights of this "
                "network, or add its path to LoadOptions::keep"));
  CHECK(refused({.only = {"feature"}},
                "load: LoadOptions::only has the path 'feature', but no tensor of the network is on it: the "
                "nearest is 'features'; give whole parts"));
  CHECK(refused({.keep = {"features.0.wei"}}, "LoadOptions::keep has the path 'features.0.wei'",
                "nearest is 'features.0.weight'"));
  CHECK(refused({.optional = {"zzz"}}, "LoadOptions::optional has the path 'zzz'", "the first is 'features.0.weight'"));
  CHECK(refused({.verify = 1e-4f, .keep = {"classifier"}},
                "w: cannot be verified, since 2 tensors of the network are not taken"));

  const auto some = [&](const std::string& leave, const std::string& add) {
    Three source = distinct<Three>(3);
    as_other_programs(source, folder / "w", [&](const std::string& name) { return name == leave ? add : name; });
  };
  some("features.3.bias", "aux.bias");
  CHECK(refused({.keep = {"classifier"}, .ignore = {"aux"}},
                "it lacks the tensor 'features.3.bias' (2), but holds 'aux.bias' (2); 'aux.bias' has that shape",
                "or add its path to LoadOptions::optional"));
  CHECK(refused(
      {.keep = {"classifier"}, .optional = {"features.3"}},
      "it holds the tensor 'aux.bias' (2), which the network lacks; give the weights of this network, or add its path to "
      "LoadOptions::ignore"));
  const LoadReport report = part({.keep = {"classifier"}, .optional = {"features.3"}, .ignore = {"aux"}});
  CHECK(report.missing == Names{"features.3.bias", "input.scale", "input.shift"});
  CHECK(report.left_over == Names{"aux.bias"});
  CHECK(report.text().starts_with(
      "11 tensors taken, 3 missing (features.3.bias, input.scale, input.shift), 1 left over (aux.bias), 4 not used ("));
  CHECK(part({.keep = {"classifier"}, .optional = {""}, .ignore = {""}}).text() == report.text());
  as_other_programs(read, folder / "w", [&](const std::string& name) { return "x" + name; });
  CHECK(refused({.optional = {""}, .ignore = {""}}, "w: it holds no tensor that is to be loaded"));
}

TEST_CASE("tensors are matched by order and shape, also in a file that is sorted by name") {
  TemporaryFolder folder;
  Three model = distinct<Three>(3), read = distinct<Three>(4);
  int count = 0;
  const Safetensors file = as_other_programs(model, folder / "w", [&](const std::string& name) {
    return "z" + std::to_string(100 - count++) + name.substr(name.rfind('.'));
  });
  const LoadReport report = load(read, file, {.match = Match::order});
  CHECK(report.taken.size() == 14);
  CHECK(report.unused.size() == 2);
  CHECK(std::ranges::equal(read.parameters(), model.parameters()));
  CHECK(std::equal(read.buffers().begin() + 2, read.buffers().end(), model.buffers().begin() + 2));

  // As Python's library writes it: layers 9, 10, 11, 12 and 13 in the order of their names.
  std::vector<NamedTensor> sorted;
  int layer = 8;
  std::string last;
  for (const NamedTensor& t : model.tensors()) {
    if (t.name.starts_with("input.") || t.name.find("running") != std::string::npos) continue;
    const std::string path = t.name.substr(0, t.name.rfind('.'));
    layer += path != last, last = path;
    sorted.push_back(t), sorted.back().name = "l" + std::to_string(layer) + t.name.substr(t.name.rfind('.'));
  }
  for (const NamedTensor& t : model.tensors())
    if (t.name.find("running") != std::string::npos)
      sorted.push_back(t), sorted.back().name = (t.name[9] == '1' ? "l10" : "l12") + t.name.substr(t.name.rfind('.'));
  std::sort(sorted.begin(), sorted.end(), [](auto& a, auto& b) { return a.name < b.name; });
  write_safetensors(folder / "sorted", sorted);
  Three again = distinct<Three>(5);
  load(again, folder / "sorted", {.match = Match::order});
  CHECK(std::ranges::equal(again.parameters(), model.parameters()));
  CHECK(std::equal(again.buffers().begin() + 2, again.buffers().end(), model.buffers().begin() + 2));

  Five other = distinct<Five>(4);
  const std::vector<float> old = numbers(other);
  const auto refused = [&](const LoadOptions& options, const auto&... said) {
    return refuses([&] { load(other, file, options); }, said...) && numbers(other) == old;
  };
  CHECK(refused({.match = Match::order},
                "w: number 5 of the tensors named bias with 1 dimensions is 'z87.bias' (3) in the file and "
                "'classifier.bias' (5) in the network; give a file with the tensors of the network in its order"));
  CHECK(refused({.match = Match::order, .keep = {"classifier"}},
                "'z87.bias' (3) in the file and missing in the network"));
  CHECK(refused({.match = Match::order, .optional = {"classifier"}}, "LoadOptions::optional needs names"));
  CHECK(load(other, file, {.match = Match::order, .keep = {"classifier"}, .ignore = {"z87", "z88"}}).taken.size() ==
        12);
}

TEST_CASE(
    "a file of the same network at another size is loaded if that is allowed, and can be verified where it was written") {
  using Larger = Network<Image<8, 8, 1>, Conv<3, 2>, BatchNorm, ReLU, Conv<3, 2>, GlobalAvgPool, Dense<3>, Softmax>;
  using Smaller = Network<Image<4, 4, 1>, Conv<3, 2>, BatchNorm, ReLU, Conv<3, 2>, GlobalAvgPool, Dense<3>, Softmax>;
  TemporaryFolder folder;
  Model<Larger> model{{.seed = 3, .threads = 1}};
  Model<Smaller> read{{.seed = 4, .threads = 1}};
  save(model, folder / "w");
  CHECK(refuses([&] { load(read, folder / "w"); }, "its images are 8x8x1 where the network's are 4x4x1"));
  CHECK(load(read, folder / "w", {.other_network = true}).taken.size() == 12);
  CHECK(numbers(read) == numbers(model));
  Model<Larger> again{{.seed = 5, .threads = 1}};
  const Safetensors renamed_file = [&] {
    Safetensors file = read_safetensors(folder / "w");
    for (StoredTensor& t : file.tensors) t.name = "module." + t.name;
    index_by_name(file);
    return file;
  }();
  load(again, renamed_file, {.verify = 1e-4f, .strip_prefix = "module."});
  CHECK(numbers(again) == numbers(model));
}
