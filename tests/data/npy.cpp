// SPDX-License-Identifier: MIT
#include <strata/data/npz.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/numpy_files.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;
using namespace std::string_view_literals;

namespace {

NumberArray parsed(int version, const std::string& header, std::string_view numbers) {
  return parse_npy(npy_file(version, header, numbers), "f");
}
const std::string four_bytes = "{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }";

}  // namespace

TEST_CASE("arrays as NumPy writes them: every version, either order of rows and of bytes, half precision, bool") {
  const NumberArray turned = parsed(1, "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }",
                                    "\0\0\0\0@@\0\0\x3f\x80\0\0@\x80\0\0@\0\0\0@\xa0\0\0"sv);
  CHECK(turned.shape == std::vector<long>{2, 3});
  CHECK(floats_of(turned) == std::vector<float>{0, 1, 2, 3, 4, 5});
  const std::vector<float> halves =
      floats_of(parsed(3, "{'descr': '<f2', 'fortran_order': False, 'shape': (5,), }", "\0>\0\xc0\0\0\0|\x01\0"sv));
  CHECK((halves[0] == 1.5f && halves[1] == -2 && halves[2] == 0 && std::isinf(halves[3])));
  CHECK(halves[4] == 0x1p-24f);
  CHECK(labels_of(parsed(2, "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", "\1\0"sv)) ==
        std::vector<std::int32_t>{1, 0});
  // Keys in another order, other quotes, no last comma, numbers of Python 2, one number without a shape.
  const NumberArray other =
      parsed(1, "{\"shape\":(1L,2L),\"descr\":\"<i2\",\"fortran_order\":False}", "\xff\xff\x2c\x01"sv);
  CHECK(labels_of(other) == std::vector<std::int32_t>{-1, 300});
  CHECK(floats_of(other) == std::vector<float>{-1, 300});
  CHECK(parsed(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (), }", "\7"sv).count() == 1);
  CHECK(labels_of(parsed(1, "{'descr': '>u8', 'fortran_order': False, 'shape': (1,), }", "\0\0\0\0\0\0\0\5"sv))[0] ==
        5);
  CHECK(bytes_of(parsed(1, "{'descr': '<u2', 'fortran_order': False, 'shape': (1,), }", "\xff\0"sv))[0] == 255);
  CHECK(floats_of(parsed(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "\0\0\0\0\0\0\xf8?"sv))[0] ==
        1.5f);
}

TEST_CASE("a file that is not an array of numbers is refused in one sentence") {
  const auto refused = [](const std::string& header, std::string_view numbers, const auto&... part) {
    return refuses([&] { parsed(1, header, numbers); }, "f: ", part...);
  };
  CHECK(refuses([] { parse_npy({}, "f"); }, "f: is empty"));
  CHECK(refuses([] { parse_npy(Bytes(200, 'x'), "f"); }, "is not an array of NumPy", "numpy.save"));
  CHECK(refuses([] { parsed(4, four_bytes, "abcd"); }, "version 4"));
  CHECK(refused(four_bytes, "abc", "declares 4 bytes", "truncated"));
  CHECK(refused(four_bytes, "abcde", "more follow"));
  CHECK(refused("{'descr': '<c8', 'fortran_order': False, 'shape': (0,), }", "", "type <c8", "astype"));
  CHECK(refused("{'descr': '|O', 'fortran_order': False, 'shape': (0,), }", "", "type |O"));
  CHECK(refused("{'descr': '<f1', 'fortran_order': False, 'shape': (0,), }", "", "type <f1"));
  CHECK(refused("{'descr': '', 'fortran_order': False, 'shape': (0,), }", "", "of the type ;"));
  CHECK(refused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (0,), }", "", "several fields"));
  CHECK(refused("{'descr': '|u1', 'shape': (0,), }", "", "not that of one array"));
  CHECK(refused("{'descr': '|u1', 'descr': '|u1', 'shape': (0,), }", "", "one twice"));
  CHECK(refused("{'descr': '|u1', 'fortran_order': Maybe, 'shape': (0,), }", "", "damaged"));
  CHECK(refused("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }", "", "shape"));
  CHECK(refused("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,), }", "", "shape"));
  CHECK(refused("{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296), }", "",
                "more numbers than any memory holds"));
  CHECK(refused("nothing", "", "not a dictionary"));
  Bytes file = npy_file(1, four_bytes, "abcd");
  for (std::size_t size = 0; size < file.size(); size++)
    CHECK(!refusal([&] { parse_npy(Bytes(file.begin(), file.begin() + std::ptrdiff_t(size)), "f"); }).empty());
  file[9] = 200;
  CHECK(refuses([&] { parse_npy(file, "f"); }, "ends within its header"));
  CHECK(refuses([&] { bytes_of(parsed(1, "{'descr': '|i1', 'fortran_order': False, 'shape': (1,), }", "\xff"sv)); },
                "number 0 is -1", "0 to 255"));
  const auto one = [](const char* type, std::string_view number) {
    return parsed(1, "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (1,), }", number);
  };
  CHECK(refuses([&] { bytes_of(one("<f4", "\0\0\0\0"sv)); }, "holds floats"));
  CHECK(refuses([&] { labels_of(one("<f4", "\0\0\0\0"sv)); }, "holds floats", "targets"));
  CHECK(refuses([&] { labels_of(one("<u4", "\xff\xff\xff\xff"sv)); }, "label 0 is 4294967295"));
  CHECK(refuses(
      [&] {
        const std::string numbers(2 << 20, '\0');
        parse_npy(npy_file(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (524288, 1), }", numbers), "f", 1000L);
      },
      "GB of memory are free"));
}

TEST_CASE("arrays become sets of images with labels or targets") {
  const NumberArray images = parsed(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 2), }", "abcd"),
                    floats =
                        parsed(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", "\0\0\x80?\0\0\0@"sv),
                    labels = parsed(1, "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }",
                                    "\1\0\0\0\xff\xff\xff\xff"sv),
                    maps = parsed(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 2), }", "\0\1\2\3"sv);
  const Dataset set = dataset_of(images, labels);
  CHECK(set.count() == 2);
  CHECK(set.shape() == Shape{1, 2, 1});
  CHECK(set.bytes(1)[1] == 'd');
  CHECK(set.label(1) == -1);
  CHECK(dataset_of(images, floats).targets(1)[0] == 2);
  CHECK(dataset_of(floats, labels).floats(0)[0] == 1);
  CHECK(dataset_of(floats, labels).shape() == Shape{1, 1, 1});
  CHECK(dataset_of(images, maps).batch(nullptr, 2).labels.per_image == 2);
  CHECK(dataset_of(images, labels, {2, 1, 1}).shape() == Shape{2, 1, 1});
  CHECK(refuses([&] { dataset_of(images, labels, {3, 1, 1}); }, "array of 2 x 1 x 2, but images of 3 x 1 x 1"));
  CHECK(refuses([&] { dataset_of(labels, labels); }, "array of 2;", "N x channels"));
  CHECK(refuses([&] { dataset_of(images, parsed(1, four_bytes, "abcd")); }, "array of 4 for 2 images"));
}

TEST_CASE("what is written is read back, and begins at a multiple of 64 bytes") {
  const TemporaryFolder folder;
  const std::vector<float> numbers{1, -2.5f, 3, 4, 5, 6};
  write_npy<float>(folder / "a.npy", {2, 1, 3}, numbers);
  const NumberArray back = read_npy(folder / "a.npy");
  CHECK(back.shape == std::vector<long>{2, 1, 3});
  CHECK(floats_of(back) == numbers);
  const std::vector<std::int32_t> labels{7};
  CHECK(encode_npy<std::int32_t>({1}, labels).size() == 132);
  CHECK(labels_of(parse_npy(encode_npy<std::int32_t>({1}, labels), "f")) == labels);
  CHECK(bytes_of(parse_npy(encode_npy<std::uint8_t>({}, std::vector<std::uint8_t>{9}), "f"))[0] == 9);
  CHECK(refuses([&] { encode_npy<float>({2}, numbers); }, "6 numbers for an array of 2"));
}

TEST_CASE("archives: arrays by name, packed or stored") {
  const TemporaryFolder folder;
  write(folder / "a.npz", npz_file());
  const Npz file = read_npz(folder / "a.npz");
  CHECK(file.names() == std::vector<std::string>{"x", "y"});
  CHECK((file.has("y") && !file.has("z")));
  const Dataset set = load_npz(folder / "a.npz", "x", "y");
  CHECK(set.shape() == Shape{2, 2, 1});
  CHECK(set.bytes(2)[3] == 11);
  CHECK(set.label(0) == 2);
  CHECK(refuses([&] { file.read("z"); }, "a.npz: has no array z; it has x, y"));

  // The same, stored: one array, whose sizes are those of ZIP64.
  const Bytes array = npy_file(1, four_bytes, "abcd");
  const auto number = [](Bytes& to, std::uint64_t value, int width) {
    for (int i = 0; i < width; i++) to.push_back(static_cast<unsigned char>(value >> 8 * i));
  };
  const auto archive = [&](int method, std::uint32_t checksum, int flags) {
    Bytes out;
    number(out, 0x04034B50, 4), number(out, 20, 2), number(out, flags, 2), number(out, method, 2), number(out, 0, 16);
    number(out, 1, 2), number(out, 0, 2), out.push_back('v');
    out.insert(out.end(), array.begin(), array.end());
    const std::size_t directory = out.size();
    number(out, 0x02014B50, 4), number(out, 0x2D, 4), number(out, flags, 2), number(out, method, 2), number(out, 0, 4);
    number(out, checksum, 4), number(out, 0xFFFFFFFF, 4), number(out, 0xFFFFFFFF, 4);
    number(out, 1, 2), number(out, 20, 2), number(out, 0, 2), number(out, 0, 8), number(out, 0, 4), out.push_back('v');
    number(out, 1, 2), number(out, 16, 2), number(out, array.size(), 8), number(out, array.size(), 8);
    number(out, 0x06054B50, 4), number(out, 0, 4), number(out, 1, 2), number(out, 1, 2);
    number(out, out.size() - directory, 4), number(out, directory, 4), number(out, 4, 2);
    out.insert(out.end(), {'n', 'o', 't', 'e'});
    return out;
  };
  const std::uint32_t checksum = std::uint32_t(crc32_z(0, array.data(), array.size()));
  CHECK(bytes_of(Npz(archive(0, checksum, 0), "f").read("v")) == std::vector<std::uint8_t>{'a', 'b', 'c', 'd'});
  CHECK(refuses([&] { Npz(archive(0, checksum + 1, 0), "f").read("v"); }, "f: v does not have its checksum"));
  CHECK(refuses([&] { Npz(archive(0, checksum, 1), "f").read("v"); }, "encrypted"));
  CHECK(refuses([&] { Npz(archive(12, checksum, 0), "f").read("v"); }, "method 12"));
  CHECK(refuses([&] { Npz(archive(8, checksum, 0), "f").read("v"); }, "f: v is damaged"));
}

TEST_CASE("a damaged archive is refused, and one that promises too much before it is unpacked") {
  const Bytes file = npz_file();
  for (std::size_t size = 0; size < file.size(); size++)
    CHECK(!refusal([&] { Npz(Bytes(file.begin(), file.begin() + std::ptrdiff_t(size)), "f").read("y"); }).empty());
  const auto with = [&](std::size_t at, std::uint32_t value) {
    Bytes out = file;
    for (int i = 0; i < 4; i++) out[at + std::size_t(i)] = static_cast<unsigned char>(value >> 8 * i);
    return out;
  };
  const std::size_t directory = 0x10C;
  CHECK(refuses([&] { Npz(with(directory + 24, 1u << 30), "f").read("x"); }, "is damaged"));
  CHECK(refuses([&] { Npz(with(directory + 42, 1u << 30), "f").read("x"); }, "is damaged"));
  Bytes large = with(directory + 24, 1u << 21);
  large[directory + 22] = 1;  // packed into more bytes than the archive has
  CHECK(refuses([&] { Npz(large, "f").read("x", 1000L); }, "is damaged"));
}
