// SPDX-License-Identifier: MIT
// What headers of weights contain and refuse. tests/infer/header_weights.cpp compiles some.
#include <strata/cpu/cpu.hpp>
#include <strata/infer/export_header.hpp>
#include <strata/train/model.hpp>

#include "../support/embedded_network.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <limits>
#include <sstream>

namespace infer_export_header {

using namespace strata;
using namespace strata::testing;

namespace {

using Small = Network<Image<5, 4, 2>, Conv<3, 3>, BatchNorm, ReLU, Flatten, Dense<3>, Softmax>;

std::string content(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The numbers of the header's assembler directives.
std::vector<float> numbers_of(const std::string& path) {
  const std::string text = content(path);
  std::vector<float> out;
  for (std::size_t at = text.find("0x", text.find(".quad")); at < text.find(".size"); at = text.find("0x", at + 1)) {
    const std::uint64_t two = std::stoull(text.substr(at + 2, 16), nullptr, 16);
    out.push_back(std::bit_cast<float>(std::uint32_t(two)));
    out.push_back(std::bit_cast<float>(std::uint32_t(two >> 32)));
  }
  return out;
}

}  // namespace

TEST_CASE("a header holds all numbers, in the order of files") {
  const TemporaryFolder folder;
  Model<Small> model{{.seed = 3, .threads = 1}};
  const std::string path = folder.path() + "/small.hpp";
  export_header(model, path, {.classes = {"a", "b", "c"}});
  std::vector<float> expected(model.parameters().begin(), model.parameters().end());
  expected.insert(expected.end(), model.buffers().begin(), model.buffers().end());
  std::vector<float> found = numbers_of(path);
  found.resize(expected.size());
  CHECK(found == expected);
  const std::string text = content(path);
  CHECK(text.find("struct small_weights {") != std::string::npos);
  CHECK(text.find(core::hexadecimal(graph::structural_hash<Small>)) != std::string::npos);
  CHECK(text.find("classes[] = {\"a\", \"b\", \"c\"}") != std::string::npos);
  CHECK(text.find("{\"1.running_var\", ") != std::string::npos);
}

TEST_CASE("the names of classes are those of the model, unless others are given; without any there are none") {
  const TemporaryFolder folder;
  Model<Small> model{{.seed = 3, .threads = 1}};
  const std::string path = folder.path() + "/small.hpp";
  export_header(model, path);
  CHECK(content(path).find("classes[]") == std::string::npos);
  model.classes({"cat", "d\"g", "\xC3\xA4"});
  export_header(model, path);
  CHECK(content(path).find(R"(classes[] = {"cat", "d\042g", "\303\244"})") != std::string::npos);
  export_header<Exact>(model, path, {.target = "avx2", .classes = {"x", "y", "z"}});
  CHECK(content(path).find(R"(classes[] = {"x", "y", "z"})") != std::string::npos);
}

TEST_CASE("packing for a machine: every weight is somewhere, and what the machine's vectors need besides is zero") {
  const TemporaryFolder folder;
  Model<Small> model{{.seed = 3, .threads = 1}};
  for (float& p : model.parameters()) p = std::fabs(p) + 1;  // a batch norm with mean 0 and variance 1 - epsilon
  for (float& b : model.buffers()) b = 0;
  for (float& b : model.buffers().last(3)) b = 1 - 1e-5f;
  double sum = 0;
  const auto parameters = model.parameters();  // 54 weights, 3 biases, scale, shift; 180 weights, 3 biases
  for (int o = 0; o < 3; o++) {
    const double scale = double(parameters[std::size_t(57 + o)]);
    for (int i = 0; i < 18; i++) sum += scale * double(parameters[std::size_t(o * 18 + i)]);
    sum += scale * double(parameters[std::size_t(54 + o)]) + double(parameters[std::size_t(60 + o)]);
  }
  for (int i = 63; i < 63 + 183; i++) sum += double(parameters[std::size_t(i)]);
  for (const infer::Target& target : infer::targets) {
    CAPTURE(target.name);
    const std::string path = folder.path() + "/small.hpp";
    export_header<Exact>(model, path, {.target = std::string(target.name)});
    double found = 0;
    for (const float number : numbers_of(path)) found += double(number);
    CHECK(found == doctest::Approx(sum).epsilon(1e-5));
  }
}

TEST_CASE("what is refused, and that the old file stays") {
  const TemporaryFolder folder;
  Model<Small> model{{.seed = 3, .threads = 1}};
  const std::string path = folder.path() + "/small.hpp";
  export_header(model, path);
  const std::string before = content(path);
  CHECK(refusal([&] { export_header(model, path, {.target = "cortex-m9"}); }) ==
        path +
            ": weights cannot be packed for 'cortex-m9'; give one of: here, avx512, avx2, sse, aarch64, cortex-m4, "
            "cortex-m7, cortex-m55, armhf, armhf-neon, riscv");
  CHECK(refusal([&] {
          export_header(model, path, {.classes = {"a", "b"}});
        }) == path + ": 2 names of classes were given, but the network has 3 outputs; name each, or none");
  for (const char* name : {"2nd", "a-b", "a__b", "_a", "\xC3\xA4", "a\nb"})
    CHECK(refusal([&] { export_header(model, path, {.name = name}); }).find("cannot begin the name of a C++ struct") !=
          std::string::npos);
  CHECK(refusal([&] {
          infer::export_weights<Small>(model.parameters().first(5), model.buffers(), path);
        }).find("5 parameters and ") != std::string::npos);
  model.parameters()[7] = std::numeric_limits<float>::infinity();
  CHECK(refusal([&] { export_header(model, path); }) ==
        path + ": number 7 of the weights is not finite; train the model anew, or load another");
  CHECK(content(path) == before);
  CHECK(!refusal([&] { export_header(model, folder.path() + "/no/small.hpp"); }).empty());
}

}  // namespace infer_export_header
