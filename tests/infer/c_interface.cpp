// SPDX-License-Identifier: MIT
// The C interface of a shared library with four networks: the numbers of the C++ models, refusals, threads, exports.
#include <strata/infer/c_interface.h>
#include <strata/io/weights.hpp>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "../support/languages/networks.hpp"
#include "../support/languages/sample.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

struct Destroy {
  void operator()(strata_model* model) const { strata_destroy(model); }
};
using Handle = std::unique_ptr<strata_model, Destroy>;

Handle created(const char* network, const std::string& path, int threads = 1) {
  strata_model* model = nullptr;
  const strata_status status = strata_create_from_file(network, path.c_str(), threads, &model);
  CHECK_MESSAGE(status == STRATA_OK, strata_error());
  return Handle(model);
}

/// A file of a network, and a handle on it.
template <class Net, class Backend = Cpu>
struct Sample {
  TemporaryFolder folder;
  Model<Net, Backend> model = sample_model<Net, Backend>(4);
  std::string path = folder / "model.safetensors";
  Handle handle;
  explicit Sample(const char* name, std::vector<std::string> classes = {}, int threads = 1) {
    model.classes(std::move(classes));
    save(model, path);
    handle = created(name, path, threads);
  }
};

/// Whether a call was refused with this status and a sentence that contains all parts.
template <class... Part>
bool refused(strata_status status, strata_status expected, const Part&... part) {
  const std::string said = strata_error();
  const bool good = status == expected && ((said.find(part) != std::string::npos) && ...) &&
                    said.find('\n') == std::string::npos && !said.empty();
  if (!good) MESSAGE(status, ": ", said);
  return good;
}

template <class Net, class Backend = Cpu>
void check_numbers(const char* name) {
  CAPTURE(name);
  Sample<Net, Backend> sample(name);
  const Shape in = sample.model.input, out = sample.model.output;
  const strata_model* const model = sample.handle.get();
  CHECK(std::string(strata_model_name(model)) == name);
  strata_shape input, output;
  CHECK(strata_input_shape(model, &input) == STRATA_OK);
  CHECK(strata_output_shape(model, &output) == STRATA_OK);
  CHECK(Shape{input.height, input.width, input.channels} == in);
  CHECK(Shape{output.height, output.width, output.channels} == out);
  CHECK(strata_class_count(model) == 0);
  CHECK(strata_class_name(model, 0) == nullptr);
  for (const int count : {0, 1, 17}) {
    CAPTURE(count);
    const auto bytes = sample_bytes(count * in.size());
    const std::vector<float> floats(bytes.begin(), bytes.end());
    const core::Floats expected = sample.model.predict({.bytes = bytes.data(), .count = count});
    std::vector<float> scores(expected.size());
    CHECK(strata_predict_bytes(model, bytes.data(), bytes.size(), scores.data(), scores.size()) == STRATA_OK);
    CHECK(std::equal(scores.begin(), scores.end(), expected.begin()));
    std::fill(scores.begin(), scores.end(), -1.f);
    CHECK(strata_predict(model, floats.data(), floats.size(), scores.data(), scores.size()) == STRATA_OK);
    CHECK(std::equal(scores.begin(), scores.end(), expected.begin()));
    std::vector<std::int32_t> classes(std::size_t(count) * std::size_t(out.pixels()), -1);
    if (out.channels == 1) {
      CHECK(refused(strata_classify(model, floats.data(), floats.size(), classes.data(), classes.size()),
                    STRATA_INVALID_ARGUMENT, "strata_classify: the network '", name, "has one output channel"));
      continue;
    }
    const auto most = most_probable(expected, out.channels);
    CHECK(strata_classify_bytes(model, bytes.data(), bytes.size(), classes.data(), classes.size()) == STRATA_OK);
    CHECK(classes == most);
    std::fill(classes.begin(), classes.end(), -1);
    CHECK(strata_classify(model, floats.data(), floats.size(), classes.data(), classes.size()) == STRATA_OK);
    CHECK(classes == most);
  }
}

}  // namespace

TEST_CASE("a library says its version and its networks") {
  CHECK(strata_abi_version() == STRATA_ABI_VERSION);
  REQUIRE(strata_network_count() == 4);
  CHECK(std::string(strata_network_name(0)) == "digits");
  CHECK(std::string(strata_network_name(1)) == "regions");
  CHECK(std::string(strata_network_name(2)) == "heat");
  CHECK(strata_network_name(4) == nullptr);
  CHECK(strata_network_name(-1) == nullptr);
}

TEST_CASE("scores and classes are those of the C++ model, for every network") {
  check_numbers<SmallDigits>("digits");
  check_numbers<Regions>("regions");
  check_numbers<Heat, CpuWith<Exact>>("heat");
}

TEST_CASE("names of classes come from the file, and a file may be in memory") {
  const Sample<Regions> sample("regions", {"sky", "road", "car", "tree", "Fußgänger"});
  CHECK(strata_class_count(sample.handle.get()) == 5);
  CHECK(std::string(strata_class_name(sample.handle.get(), 4)) == "Fußgänger");
  CHECK(strata_class_name(sample.handle.get(), 5) == nullptr);
  CHECK(strata_class_name(sample.handle.get(), -1) == nullptr);
  std::string file = read(sample.path);
  strata_model* model = nullptr;
  REQUIRE(strata_create_from_memory("regions", file.data(), file.size(), 1, &model) == STRATA_OK);
  const Handle other(model);
  std::fill(file.begin(), file.end(), 'x');  // it is needed no longer
  CHECK(std::string(strata_class_name(model, 0)) == "sky");
  const auto image = sample_bytes(sample.model.input.size());
  std::vector<float> a(std::size_t(sample.model.output.size())), b(a.size());
  CHECK(strata_predict_bytes(model, image.data(), image.size(), a.data(), a.size()) == STRATA_OK);
  CHECK(strata_predict_bytes(sample.handle.get(), image.data(), image.size(), b.data(), b.size()) == STRATA_OK);
  CHECK(a == b);
}

TEST_CASE("a model that cannot be created is refused, and the handle stays as it was") {
  const Sample<SmallDigits> sample("digits");
  strata_model* const before = sample.handle.get();
  strata_model* model = before;
  const char* const path = sample.path.c_str();
  const std::string file = read(sample.path), missing = sample.folder / "missing";
  CHECK(refused(strata_create_from_file("Digits", path, 1, &model), STRATA_INVALID_ARGUMENT,
                "there is no network 'Digits'; choose one of: digits, regions, heat, policy"));
  CHECK(refused(strata_create_from_file(nullptr, path, 1, &model), STRATA_INVALID_ARGUMENT,
                "strata_create_from_file: network is a null pointer"));
  CHECK(refused(strata_create_from_file("digits", nullptr, 1, &model), STRATA_INVALID_ARGUMENT, "path is a null"));
  CHECK(refused(strata_create_from_file("digits", path, 1, nullptr), STRATA_INVALID_ARGUMENT, "model is a null"));
  CHECK(refused(strata_create_from_file("digits", path, -1, &model), STRATA_INVALID_ARGUMENT, "-1 threads"));
  CHECK(
      refused(strata_create_from_file("digits", path, 1 << 30, &model), STRATA_INVALID_ARGUMENT, "1073741824 threads"));
  CHECK(
      refused(strata_create_from_file("digits", missing.c_str(), 1, &model), STRATA_INVALID_FILE, "cannot be opened"));
  CHECK(refused(strata_create_from_file("heat", path, 1, &model), STRATA_INVALID_FILE, "weights of another network"));
  CHECK(refused(strata_create_from_memory("digits", nullptr, file.size(), 1, &model), STRATA_INVALID_ARGUMENT,
                "strata_create_from_memory: file is a null pointer"));
  CHECK(refused(strata_create_from_memory("digits", file.data(), 0, 1, &model), STRATA_INVALID_FILE, "too short"));
  CHECK(refused(strata_create_from_memory("digits", file.data(), file.size() - 1, 1, &model), STRATA_INVALID_FILE,
                "the file in memory"));
  CHECK(model == before);
}

TEST_CASE("a prediction with wrong arguments is refused, and nothing is written") {
  const Sample<Regions> sample("regions");
  const strata_model* const model = sample.handle.get();
  const std::size_t in = std::size_t(sample.model.input.size()), out = std::size_t(sample.model.output.size());
  const std::vector<float> images(2 * in, 1.f);
  const std::vector<std::uint8_t> bytes(2 * in, 1);
  std::vector<float> scores(2 * out, -1.f);
  std::vector<std::int32_t> classes(2 * 20 * 36, -1);
  const float* const x = images.data();
  CHECK(refused(strata_predict(nullptr, x, in, scores.data(), out), STRATA_INVALID_ARGUMENT,
                "strata_predict: model is a null pointer"));
  CHECK(refused(strata_predict(model, nullptr, in, scores.data(), out), STRATA_INVALID_ARGUMENT, "images is a null"));
  CHECK(refused(strata_predict(model, x, in, nullptr, out), STRATA_INVALID_ARGUMENT, "the result is a null pointer"));
  CHECK(refused(strata_predict(model, x, in - 1, scores.data(), out), STRATA_INVALID_ARGUMENT,
                "the images have 2159 elements, but each has 2160: 20 x 36 x 3; give whole images"));
  CHECK(refused(strata_predict(model, x, in, scores.data(), out - 1), STRATA_INVALID_ARGUMENT,
                "the result has 3599 elements, but 1 images need 3600; give an array of 3600"));
  CHECK(refused(strata_predict(model, x, in, scores.data(), 2 * out), STRATA_INVALID_ARGUMENT, "has 7200 elements"));
  CHECK(refused(strata_predict(model, x, ~std::size_t(0) / in * in, scores.data(), out), STRATA_INVALID_ARGUMENT,
                "images were given; give at most 2147483647"));
  CHECK(refused(strata_predict_bytes(model, bytes.data(), in, scores.data(), 0), STRATA_INVALID_ARGUMENT,
                "strata_predict_bytes: the result has 0 elements"));
  CHECK(refused(strata_classify_bytes(model, bytes.data(), in, classes.data(), 719), STRATA_INVALID_ARGUMENT,
                "strata_classify_bytes: the result has 719 elements, but 1 images need 720"));
  CHECK(refused(strata_classify(nullptr, x, in, classes.data(), 720), STRATA_INVALID_ARGUMENT, "model is a null"));
  CHECK(scores == std::vector<float>(2 * out, -1.f));
  CHECK(classes == std::vector<std::int32_t>(2 * 20 * 36, -1));
  strata_shape shape;
  CHECK(refused(strata_input_shape(nullptr, &shape), STRATA_INVALID_ARGUMENT, "strata_input_shape: model"));
  CHECK(refused(strata_output_shape(model, nullptr), STRATA_INVALID_ARGUMENT, "strata_output_shape: shape"));
  CHECK(strata_model_name(nullptr) == nullptr);
  CHECK(strata_class_count(nullptr) == 0);
  CHECK(strata_class_name(nullptr, 0) == nullptr);
  strata_destroy(nullptr);
  CHECK(strata_predict(model, nullptr, 0, nullptr, 0) == STRATA_OK);  // no images
}

TEST_CASE("a network with several sources and heads: an array for each") {
  const Sample<Policy> sample("policy");
  const strata_model* const model = sample.handle.get();
  REQUIRE(strata_source_count(model) == 2);
  REQUIRE(strata_head_count(model) == 2);
  CHECK(std::string(strata_source_name(model, 1)) == "tone");
  CHECK(std::string(strata_head_name(model, 1)) == "box");
  CHECK(strata_source_name(model, 2) == nullptr);
  CHECK(strata_head_name(nullptr, 0) == nullptr);
  strata_shape shape;
  CHECK(strata_source_shape(model, 0, &shape) == STRATA_OK);
  CHECK(Shape{shape.height, shape.width, shape.channels} == Shape{4, 4, 2});
  CHECK(strata_head_shape(model, 1, &shape) == STRATA_OK);
  CHECK(Shape{shape.height, shape.width, shape.channels} == Shape{1, 1, 2});
  CHECK(refused(strata_head_shape(model, 2, &shape), STRATA_INVALID_ARGUMENT,
                "strata_head_shape: there is no number 2; give 0 to 1"));

  const auto pictures = sample_bytes(5 * 32);
  std::vector<float> tones(5 * 3), classes(5 * 3, -1.f), boxes(5 * 2, -1.f);
  for (std::size_t i = 0; i < tones.size(); i++) tones[i] = 0.1f * float(i);
  const auto expected =
      sample.model.predict({{.bytes = pictures.data(), .count = 5}, {.floats = tones.data(), .count = 5}});
  strata_images sources[] = {{nullptr, pictures.data(), pictures.size()}, {tones.data(), nullptr, tones.size()}};
  strata_scores heads[] = {{classes.data(), classes.size()}, {boxes.data(), boxes.size()}};
  const auto says = [&](const char* sentence) {
    return refused(strata_predict_heads(model, sources, 2, heads, 2), STRATA_INVALID_ARGUMENT,
                   "strata_predict_heads: ", sentence);
  };
  CHECK(refused(strata_predict_heads(model, sources, 1, heads, 2), STRATA_INVALID_ARGUMENT,
                "1 source was given, but the network 'policy' has 2 sources; give one for each"));
  CHECK(refused(strata_predict_heads(model, sources, 2, heads, -1), STRATA_INVALID_ARGUMENT, "-1 heads were given"));
  sources[1].size = 2;
  CHECK(says("the images of the source 'tone' have 2 elements, but each has 3: 1 x 1 x 3; give whole images"));
  sources[1].size = 12;
  CHECK(says("4 images were given for the source 'tone', but 5 for 'picture'; give as many of each"));
  sources[1] = {tones.data(), pictures.data(), tones.size()};
  CHECK(says("the images of the source 'tone' are given as floats and as bytes; give one of the two"));
  sources[1] = {nullptr, nullptr, tones.size()};
  CHECK(says("the images of the source 'tone' are a null pointer"));
  sources[1] = {tones.data(), nullptr, tones.size()};
  heads[1].size = 9;
  CHECK(says("the result of the head 'box' has 9 elements, but 5 images need 10; give an array of 10"));
  heads[1] = {nullptr, 10};
  CHECK(says("the result is a null pointer"));
  CHECK(classes == std::vector<float>(15, -1.f));
  heads[1] = {boxes.data(), boxes.size()};
  CHECK(strata_predict_heads(model, sources, 2, heads, 2) == STRATA_OK);
  CHECK(std::equal(classes.begin(), classes.end(), expected[0].begin(), expected[0].end()));
  CHECK(std::equal(boxes.begin(), boxes.end(), expected[1].begin(), expected[1].end()));
  sources[0].size = sources[1].size = heads[0].size = heads[1].size = 0;
  CHECK(strata_predict_heads(model, sources, 2, heads, 2) == STRATA_OK);  // no images

  CHECK(refused(strata_predict(model, tones.data(), 3, classes.data(), 3), STRATA_INVALID_ARGUMENT,
                "strata_predict: the network 'policy' has 2 sources and 2 heads; call strata_predict_heads"));
  std::int32_t most = -1;
  CHECK(refused(strata_classify_bytes(model, pictures.data(), 32, &most, 1), STRATA_INVALID_ARGUMENT,
                "strata_classify_bytes: the network 'policy' has 2 sources and 2 heads"));
  const Sample<Heat, CpuWith<Exact>> single("heat");  // any other network has one of each, without a name
  const auto image = sample_bytes(288);
  std::vector<float> one(36), same(36);
  const strata_images only{nullptr, image.data(), image.size()};
  const strata_scores to{one.data(), one.size()};
  CHECK(std::string(strata_head_name(single.handle.get(), 0)).empty());
  CHECK(strata_predict_heads(single.handle.get(), &only, 1, &to, 1) == STRATA_OK);
  CHECK(strata_predict_bytes(single.handle.get(), image.data(), image.size(), same.data(), same.size()) == STRATA_OK);
  CHECK(one == same);
}

TEST_CASE("an error is the calling thread's, and of bounded length") {
  strata_model* model = nullptr;
  CHECK(refused(strata_create_from_file("mine", "path", 1, &model), STRATA_INVALID_ARGUMENT, "'mine'"));
  std::thread([] {
    CHECK(std::string(strata_error()).empty());
    strata_shape shape;
    CHECK(refused(strata_input_shape(nullptr, &shape), STRATA_INVALID_ARGUMENT, "strata_input_shape"));
  }).join();
  CHECK(std::string(strata_error()).find("'mine'") != std::string::npos);
  std::string name;
  for (int i = 0; i < 5000; i++) name += "ü";
  CHECK(refused(strata_create_from_file(name.c_str(), "path", 1, &model), STRATA_INVALID_ARGUMENT, "üüü"));
  CHECK(std::strlen(strata_error()) > 2000);
  CHECK(std::strlen(strata_error()) < 2048);
  CHECK(std::string(strata_error()).ends_with("ü"));
}

TEST_CASE("calls that may run at once do: predictions of one model and of several, creation, queries, errors") {
  const Sample<Regions> sample("regions", {"sky", "road", "car", "tree", "sign"}, 2);
  const strata_model* const shared = sample.handle.get();
  std::vector<std::thread> threads;
  for (int t = 1; t <= 4; t++)
    threads.emplace_back([&, t] {
      const auto images = sample_bytes(t * sample.model.input.size());
      std::vector<float> scores(std::size_t(t * sample.model.output.size())), own(scores.size());
      std::vector<std::int32_t> classes(std::size_t(t) * 720);
      for (int i = 0; i < 3; i++) {
        CHECK(strata_predict_bytes(shared, images.data(), images.size(), scores.data(), scores.size()) == STRATA_OK);
        CHECK(strata_classify_bytes(shared, images.data(), images.size(), classes.data(), classes.size()) == STRATA_OK);
        CHECK(classes == most_probable(scores, 5));
        const Handle mine = created("regions", sample.path);
        CHECK(strata_predict_bytes(mine.get(), images.data(), images.size(), own.data(), own.size()) == STRATA_OK);
        CHECK(own == scores);
        CHECK(std::string(strata_class_name(shared, t)) == sample.model.classes()[std::size_t(t)]);
        CHECK(refused(strata_predict(shared, nullptr, std::size_t(t), nullptr, 0), STRATA_INVALID_ARGUMENT, "null"));
        CHECK(std::string(strata_model_name(shared)) == "regions");
      }
    });
  for (std::thread& thread : threads) thread.join();
}

#ifndef STRATA_SANITIZED  // which need more memory, and the thread sanitizer does not follow threads into a child
TEST_CASE("a child of fork() predicts with its copy of a model") {
  const Sample<Regions> sample("regions", {}, 2);
  const auto image = sample_bytes(sample.model.input.size());
  std::vector<float> before(std::size_t(sample.model.output.size())), after(before.size());
  const auto predict = [&](std::vector<float>& scores) {
    return strata_predict_bytes(sample.handle.get(), image.data(), image.size(), scores.data(), scores.size());
  };
  REQUIRE(predict(before) == STRATA_OK);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(predict(after) == STRATA_OK && after == before ? 0 : 1);
  int status = 1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(predict(after) == STRATA_OK);
  CHECK(after == before);
}

TEST_CASE("missing memory is an error of the call, and a later one succeeds") {
  const Sample<Regions> sample("regions");
  const int count = 600;  // whose values take some 30 MB
  const auto images = sample_bytes(count * sample.model.input.size());
  std::vector<float> scores(std::size_t(count * sample.model.output.size()));
  const auto predict = [&] {
    return strata_predict_bytes(sample.handle.get(), images.data(), images.size(), scores.data(), scores.size());
  };
  const pid_t child = ::fork();  // whose limit ends with it
  if (child == 0) {
    rlimit limit{};
    ::getrlimit(RLIMIT_AS, &limit);
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 1;  // no more than it has
    ::setrlimit(RLIMIT_AS, &limit);
    if (::operator new(std::size_t(1) << 30, std::nothrow)) ::_exit(0);        // an emulator does not limit it
    for (int i = 0; i < 8192 && ::operator new(1 << 16, std::nothrow); i++) {  // nor what earlier tests have freed
    }
    const bool refused = predict() == STRATA_OUT_OF_MEMORY;
    limit.rlim_cur = before;
    ::setrlimit(RLIMIT_AS, &limit);
    if (!refused || !std::strstr(strata_error(), "not enough memory")) ::_exit(1);
    ::_exit(predict() == STRATA_OK ? 0 : 2);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
#endif
