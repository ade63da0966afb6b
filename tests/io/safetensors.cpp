// SPDX-License-Identifier: MIT
#include <strata/io/safetensors.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

/// A file of a header and `data` bytes behind it.
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

TEST_CASE("what is written is read") {
  TemporaryFolder folder;
  float a[6] = {1, 2, 3, 4, 5, 6}, b[2] = {-0.f, 1e-30f};
  std::vector<NamedTensor> tensors(2);
  tensors[0].name = "0.weight", tensors[0].rank = 2, tensors[0].dims[0] = 2, tensors[0].dims[1] = 3, tensors[0].data = a;
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

TEST_CASE("numbers of 16 bits") {
  const Bytes bytes = file_of(R"({"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},)"
                              R"("i":{"dtype":"I8","shape":[],"data_offsets":[6,7]}})", 7);
  const Safetensors file = parse_safetensors(bytes, "w");
  float read[2];
  copy_floats(file, *file.find("h"), read);
  CHECK(read[0] == float_of_half(0x0100));
  CHECK(read[1] == float_of_half(0x0302));
  copy_floats(file, *file.find("b"), read);
  CHECK(read[0] == float_of_bfloat16(0x0504));
  CHECK(refuses([&] { copy_floats(file, *file.find("i"), read); }, "'i'", "I8", "give F32"));
}

TEST_CASE("no tensors, or tensors of nothing") {
  CHECK(says("{}", 0) == "");
  CHECK(says(R"({"a":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]}})", 0) == "");
  CHECK(says(R"({"a":{"dtype":"F32","shape":[18446744073709551615,18446744073709551615,0],"data_offsets":[0,0]}})", 0) == "");
}

TEST_CASE("damaged headers") {
  CHECK(refuses([] { parse_safetensors({}, "w"); }, "w: ", "too short"));
  CHECK(refuses([] { parse_safetensors(Bytes(20, 0xFF), "w"); }, "ffffffffffffffff", "more than there are"));
  Bytes longer = file_of("{}", 0);
  longer[0] = 9;
  CHECK(refuses([&] { parse_safetensors(longer, "w"); }, "more than there are"));
  CHECK(says("{", 0, "no JSON"));
  CHECK(says("[]", 0, "no JSON object"));
  CHECK(says("\xFF\xFE", 0, "no JSON"));
  CHECK(says(std::string(100000, '['), 0, "nests too deep"));
  CHECK(says(R"({"a":7})", 0, "lacks dtype"));
  CHECK(says(R"({"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}})", 4, "dtype is unknown"));
  CHECK(says(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "no list of at most eight sizes"));
  CHECK(says(R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4, "no list of at most eight sizes"));
  CHECK(says(R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})", 4, "at most eight"));
  CHECK(says(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4, "no two numbers"));
  CHECK(says(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "twice"));
  CHECK(says(R"({"__metadata__":7})", 0, "__metadata__"));
  CHECK(says(R"({"__metadata__":{"x":7}})", 0, "no string"));
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
  CHECK(says(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8,
             "overlaps"));
}

TEST_CASE("a path that cannot be written leaves what was there") {
  TemporaryFolder folder;
  CHECK(refuses([&] { write_safetensors(folder / "missing/w", {}, {}); }, "cannot be created"));
  CHECK(refuses([&] { read_safetensors(folder / "missing"); }, "cannot be opened"));
}
