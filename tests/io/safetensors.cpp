// SPDX-License-Identifier: MIT
#include <strata/io/safetensors.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/refusal.hpp"
#include "../support/steps.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::io;
using namespace strata::testing;

namespace {

/// A file of a header and `data` bytes after it.
Bytes file_of(const std::string& header, std::size_t data) {
  Bytes out(8 + header.size() + data);
  const std::uint64_t length = header.size();
  std::memcpy(out.data(), &length, 8);
  std::copy(header.begin(), header.end(), out.begin() + 8);
  for (std::size_t i = 0; i < data; i++) out[8 + header.size() + i] = (unsigned char)(i);
  return out;
}
std::string says(const std::string& header, std::size_t data) {
  return refusal([&] { parse_safetensors(file_of(header, data), "w"); });
}
bool says(const std::string& header, std::size_t data, const char* part) {
  return refuses([&] { parse_safetensors(file_of(header, data), "w"); }, "w: ", part);
}

}  // namespace

TEST_CASE("what is written is read back") {
  TemporaryFolder folder;
  float a[6] = {1, 2, 3, 4, 5, 6}, b[2] = {-0.f, 1e-30f};
  std::vector<NamedTensor> tensors(2);
  tensors[0].name = "0.weight", tensors[0].rank = 2, tensors[0].dims[0] = 2, tensors[0].dims[1] = 3,
  tensors[0].data = a;
  tensors[1].name = "0.bias \"\xC3\xA4\"", tensors[1].rank = 1, tensors[1].dims[0] = 2, tensors[1].data = b;
  write_safetensors(folder / "w", tensors, {{"who", "me"}});
  const Safetensors file = read_safetensors(folder / "w");
  CHECK(file.metadata == Metadata{{"who", "me"}});
  REQUIRE(file.tensors.size() == 2);
  const StoredTensor* found = file.find("0.weight");
  REQUIRE(found);
  CHECK(found->shape() == "(2, 3)");
  CHECK(found->begin % 8 == 0);
  float read[6];
  copy_floats(file, *found, read);
  CHECK(std::memcmp(read, a, sizeof a) == 0);
  REQUIRE(file.find(tensors[1].name));
  CHECK(!file.find("1.weight"));
}

TEST_CASE("16-bit numbers") {
  const Bytes bytes = file_of(
      R"({"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},)"
      R"("i":{"dtype":"I8","shape":[],"data_offsets":[6,7]}})",
      7);
  const Safetensors file = parse_safetensors(bytes, "w");
  float read[2];
  copy_floats(file, *file.find("h"), read);
  CHECK(read[0] == float_of_half(0x0100));
  CHECK(read[1] == float_of_half(0x0302));
  copy_floats(file, *file.find("b"), read);
  CHECK(read[0] == float_of_bfloat16(0x0504));
  CHECK(refuses([&] { copy_floats(file, *file.find("i"), read); }, "'i'", "I8", "give F64, F32"));
}

TEST_CASE("no tensors, or tensors of nothing") {
  CHECK(says("{}", 0) == "");
  CHECK(says(R"({"a":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]}})", 0) == "");
  CHECK(says(R"({"a":{"dtype":"F32","shape":[18446744073709551615,18446744073709551615,0],"data_offsets":[0,0]}})",
             0) == "");
}

TEST_CASE("damaged headers") {
  CHECK(refuses([] { parse_safetensors({}, "w"); }, "w: ", "too short"));
  CHECK(refuses([] { parse_safetensors(Bytes(20, 0xFF), "w"); }, "ffffffffffffffff", "more than the file has"));
  Bytes longer = file_of("{}", 0);
  longer[0] = 9;
  CHECK(refuses([&] { parse_safetensors(longer, "w"); }, "more than the file has"));
  CHECK(says("{", 0, "not JSON"));
  CHECK(says("[]", 0, "not a JSON object"));
  CHECK(says("\xFF\xFE", 0, "not JSON"));
  CHECK(says(std::string(100000, '['), 0, "not a JSON object"));
  CHECK(says("7", 0, "not a JSON object"));
  CHECK(says(R"({"a":)" + std::string(100000, '['), 0, "lacks dtype"));
  CHECK(says(R"({"a":{"dtype":)" + std::string(100000, '['), 0, "its dtype is not a string"));
  CHECK(says(R"({"a":{"strides":)" + std::string(100000, '['), 0, "nested too deeply"));
  CHECK(says(R"({"a":{"strides":{"a":)" + std::string(100000, '['), 0, "nested too deeply"));
  CHECK(says(R"({"a":7})", 0, "lacks dtype"));
  CHECK(says(R"({"a":{"dtype":31,"shape":[1],"data_offsets":[0,4]}})", 4, "its dtype is not a string"));
  CHECK(says(R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4, "the same field twice"));
  CHECK(says(R"({"a":{"dtype":"F32","shape":[1]}})", 4, "lacks dtype"));
  CHECK(says(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "not a list of at most eight sizes"));
  CHECK(says(R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4, "not a list of at most eight sizes"));
  CHECK(says(R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})", 4, "at most eight"));
  CHECK(says(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4, "not two numbers"));
  CHECK(says(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      8, "twice"));
  CHECK(says(R"({"__metadata__":7})", 0, "__metadata__"));
  CHECK(says(R"({"__metadata__":[]})", 0, "__metadata__"));
  CHECK(says(R"({"__metadata__":{},"__metadata__":{}})", 0, "two __metadata__ entries"));
  CHECK(says(R"({"__metadata__":{"x":{}}})", 0, "'x', which is not a string"));
  CHECK(says(R"({"__metadata__":{"x":7}})", 0, "not a string"));
}

TEST_CASE("data that do not fit the header") {
  const auto one = [](const char* shape, const char* offsets) {
    return std::string(R"({"a":{"dtype":"F32","shape":)") + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  CHECK(says(one("[2]", "[0,8]"), 7, "outside the file"));
  CHECK(says(one("[2]", "[8,0]"), 8, "outside the file"));
  CHECK(says(one("[2]", "[0,18446744073709551615]"), 8, "outside the file"));
  CHECK(says(one("[3]", "[0,8]"), 8, "differ in size"));
  CHECK(says(one("[4611686018427387905]", "[0,4]"), 4, "overflows"));
  CHECK(says(one("[4294967296,4294967296,4294967296]", "[0,4]"), 4, "overflows"));
  CHECK(says(one("[1]", "[0,4]"), 8, "belong to no tensor"));
  CHECK(says(one("[1]", "[4,8]"), 8, "leaves a gap"));
  CHECK(says(
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      8, "overlaps"));
}

TEST_CASE("what the reference library reads besides our own files") {
  const auto read = [](const char* header, std::size_t data) { return parse_safetensors(file_of(header, data), "w"); };
  CHECK(read(R"({"__metadata__":null})", 0).metadata.empty());
  CHECK(read(R"({"__metadata__":{}})", 0).metadata.empty());
  CHECK(read(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"strides":[1],"more":{"a":[{}]}}})", 4).find("a"));
  const Safetensors file = read(
      R"({"a":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"C64","shape":[1],"data_offsets":[3,11]},)"
      R"("c":{"dtype":"F32","shape":[1],"data_offsets":[11,15]}})",
      15);
  CHECK(file.tensors.size() == 3);
  float number;
  for (const char* name : {"a", "b"})
    CHECK(
        refuses([&] { copy_floats(file, *file.find(name), &number); }, "has the type", file.find(name)->dtype.c_str()));
  copy_floats(file, *file.find("c"), &number);
}

TEST_CASE("64-bit numbers are rounded") {
  const double numbers[] = {1. / 3, -0., 1e300, -1e300, 1e-60, 3.4028235e38};
  Bytes bytes = file_of(R"({"a":{"dtype":"F64","shape":[6],"data_offsets":[0,48]}})", sizeof numbers);
  std::memcpy(bytes.data() + bytes.size() - sizeof numbers, numbers, sizeof numbers);
  const Safetensors file = parse_safetensors(bytes, "w");
  float read[6];
  copy_floats(file, *file.find("a"), read);
  CHECK(read[0] == 1.f / 3);
  CHECK(std::signbit(read[1]));
  CHECK(read[2] == HUGE_VALF);
  CHECK(read[3] == -HUGE_VALF);
  CHECK(read[4] == 0);
  CHECK(read[5] == std::numeric_limits<float>::max());
}

TEST_CASE("files of other formats are recognized, and the message says what to do") {
  const auto refused = [](const std::string& start, const char* what, const char* remedy) {
    Bytes bytes(start.begin(), start.end());
    bytes.resize(600, 0x41);
    return refuses([&] { parse_safetensors(bytes, "m"); }, "m: is ", what, remedy);
  };
  using namespace std::string_literals;
  CHECK(refused("PK\3\4\0\0\x08\x08\0\0"s + "archive/data.pkl", "a PyTorch archive (.pt)",
                "safetensors.torch.save_file"));
  CHECK(refused("PK\3\4\0\0\x08\x08\0\0"s + "readme.txt", "a zip archive", "PyTorch"));
  CHECK(refused("\x80\2\x8a\nl\xfc\x9c"s, "PyTorch", "safetensors.torch.save_file"));
  CHECK(refused("PK\3\4\x14\0\0\0"s + "arr_0.npy", "NumPy", "safetensors.numpy.save_file"));
  CHECK(refused("\x89HDF\r\n\x1a\n", "HDF5", "safetensors.numpy.save_file"));
  CHECK(refused("GGUF\3\0\0\0\1\0\0\0"s, "GGUF", "safetensors"));
  CHECK(refused("\x1f\x8b\x08\0\0\0\0\0\0\0"s, "compressed", "gunzip"));
  CHECK(refused("version https://git-lfs.github.com/spec/v1\n", "Git LFS", "git lfs pull"));
  CHECK(refused("<!DOCTYPE html>", "web page", "download"));
}

TEST_CASE("names without a prefix, each once") {
  const Safetensors file = parse_safetensors(
      file_of(
          R"({"m.b":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"m.a":{"dtype":"U8","shape":[],"data_offsets":[1,2]},)"
          R"("a":{"dtype":"U8","shape":[],"data_offsets":[2,3]}})",
          3),
      "w");
  CHECK(refuses([&] { strip_prefix(file, "m."); }, "w: ", "'a' twice"));
  const Safetensors stripped = strip_prefix(file, "m");
  CHECK(stripped.find(".b")->begin == file.find("m.b")->begin);
  CHECK(stripped.find(".a"));
  CHECK(stripped.find("a"));
  CHECK(!stripped.find("m.b"));
}

TEST_CASE("text from a header is bounded and without control characters in a sentence") {
  const std::string name = "\\u001b[2J\\n" + std::string(1000, 'a');
  const std::string sentence = says("{\"" + name + "\":7}", 0);
  CHECK(sentence.find("w: tensor '?[2J?aaa") == 0);
  CHECK(sentence.size() < 250);
}

namespace {

/// A file with this many empty tensors.
Bytes many(int tensors) {
  std::string header = "{";
  for (int i = 0; i < tensors; i++)
    header += (i ? ",\"t" : "\"t") + std::to_string(i) + R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  return file_of(header + "}", 0);
}

long steps_of(int tensors) {
  const Bytes bytes = many(tensors);
  bool found = true;
  const long taken = steps([&] {
    const Safetensors file = parse_safetensors(bytes, "w");
    for (const StoredTensor& tensor : file.tensors) found = found && file.find(tensor.name) == &tensor;
  });
  CHECK(found);
  return taken;
}

}  // namespace

TEST_CASE("the work grows with the number of tensors, not with its square") {
  const long few = steps_of(5'000), more = steps_of(40'000);
  CHECK(few > 5'000);
  CHECK(more < 8 * few * 3 / 2);
  CHECK(refuses([] { parse_safetensors(many(100'001), "w"); }, "w: ", "more than 100000 tensors"));
  std::string words = R"({"__metadata__":{)";
  for (int i = 0; i <= 100'000; i++) words += (i ? ",\"" : "\"") + std::to_string(i) + "\":\"\"";
  CHECK(says(words + "}}", 0, "more than 100000 metadata entries"));
}

TEST_CASE("a path that cannot be written leaves what was there") {
  TemporaryFolder folder;
  CHECK(refuses([&] { write_safetensors(folder / "missing/w", {}, {}); }, "cannot be created"));
  CHECK(refuses([&] { read_safetensors(folder / "missing"); }, "cannot be opened"));
}
