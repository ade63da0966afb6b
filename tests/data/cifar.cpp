// SPDX-License-Identifier: MIT
#include <strata/data/cifar.hpp>

#include <doctest/doctest.h>

#include <filesystem>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

/// Records with these labels, whose pixel p has the values label + p, 2 label + p, 3 label + p.
Bytes cifar_file(const std::vector<std::vector<int>>& labels) {
  Bytes out;
  for (const std::vector<int>& of_one : labels) {
    for (const int label : of_one) out.push_back(static_cast<unsigned char>(label));
    for (int c = 1; c <= 3; c++)
      for (int p = 0; p < 1024; p++) out.push_back(static_cast<unsigned char>(c * of_one.back() + p));
  }
  return out;
}
std::string names_of(int count) {
  std::string out;
  for (int i = 0; i < count; i++) out += "class " + std::to_string(i) + "\n";
  return out + "\n";
}
void write_ten(const std::string& folder) {
  std::filesystem::create_directories(folder);
  for (int b = 1; b <= 5; b++)
    write(folder + "/data_batch_" + std::to_string(b) + ".bin", cifar_file({{b}, {b + 4}, {9}, {0}}));
  write(folder + "/test_batch.bin", cifar_file({{7}, {2}}));
  write(folder + "/batches.meta.txt", names_of(10));
}

}  // namespace

TEST_CASE("CIFAR-10 as its archive unpacks: images with channels last, names, a tenth for validation") {
  const TemporaryFolder folder;
  write_ten(folder / "cifar-10-batches-bin");
  const Splits cifar = load_cifar(folder.path());
  CHECK(cifar.name == "CIFAR-10");
  CHECK(cifar.classes == 10);
  CHECK(cifar.class_names[9] == "class 9");
  CHECK(cifar.train.count() == 18);
  CHECK(cifar.validation.count() == 2);
  CHECK(cifar.test.count() == 2);
  CHECK(cifar.train.shape() == Shape{32, 32, 3});
  int ones = 0, wrong = 0;
  for (const Dataset& set : {cifar.train, cifar.validation, cifar.test})
    for (int i = 0; i < set.count(); i++) {
      ones += set.label(i) == 9;
      for (int p = 0; p < 1024; p++)
        for (int c = 0; c < 3; c++) wrong += set.bytes(i)[3 * p + c] != std::uint8_t((c + 1) * set.label(i) + p);
    }
  CHECK(ones == 6);
  CHECK(wrong == 0);
  CHECK(cifar.test.label(0) == 7);

  const Splits same = load_cifar(folder / "cifar-10-batches-bin"),
               other = load_cifar(folder.path(), {.validation = 4, .seed = 2});
  CHECK(same.train.conditions() == cifar.train.conditions());
  CHECK(other.train.count() == 16);
  CHECK(other.test.conditions() == cifar.test.conditions());
  CHECK(load_cifar(folder.path(), {.validation = 0}).validation.count() == 0);
  CHECK(refuses([&] { load_cifar(folder.path(), {.validation = 20}); }, "20 validation images of 20"));
  std::filesystem::remove(folder / "cifar-10-batches-bin/batches.meta.txt");
  CHECK(load_cifar(folder.path()).class_names.empty());
}

TEST_CASE("CIFAR-100 by fine or coarse labels") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "cifar-100-binary");
  const std::string at = folder / "cifar-100-binary/";
  write(at + "train.bin", cifar_file({{19, 99}, {3, 4}}));
  write(at + "test.bin", cifar_file({{0, 50}}));
  write(at + "fine_label_names.txt", names_of(100));
  write(at + "coarse_label_names.txt", names_of(20));
  const Splits fine = load_cifar(folder.path(), {.validation = 0}),
               coarse = load_cifar(at, {.validation = 0, .coarse = true});
  CHECK(fine.name == "CIFAR-100");
  CHECK(fine.class_names.size() == 100);
  CHECK(fine.test.label(0) == 50);
  CHECK(coarse.classes == 20);
  CHECK(coarse.class_names.size() == 20);
  CHECK(coarse.test.label(0) == 0);
  CHECK(std::max(fine.train.label(0), fine.train.label(1)) == 99);
  CHECK(fine.test.bytes(0)[0] == 50);
  write_ten(folder / "cifar-10-batches-bin");
  CHECK(refuses([&] { load_cifar(folder.path()); }, "holds CIFAR-10 and CIFAR-100; give "));
}

TEST_CASE("damaged and other files are refused in one sentence") {
  const Bytes file = cifar_file({{3}, {9}});
  CHECK(parse_cifar10(file, "f").labels == std::vector<std::int32_t>{3, 9});
  CHECK(parse_cifar100(cifar_file({{3, 9}}), "f", true).labels == std::vector<std::int32_t>{3});
  CHECK(refuses([&] { parse_cifar10(Bytes(file.begin(), file.end() - 1), "f"); }, "f: holds 6145 bytes", "3073",
                "truncated", "CIFAR-10"));
  CHECK(refuses([] { parse_cifar10({}, "f"); }, "holds 0 bytes"));
  CHECK(refuses([] { parse_cifar10({0x80, 2, 3}, "f"); }, "the version for Python?"));
  CHECK(refuses([] { parse_cifar10(cifar_file({{1}, {10}}), "f"); }, "record 1 has the label 10", "10 classes"));
  CHECK(refuses([] { parse_cifar100(cifar_file({{20, 1}}), "f", true); }, "label 20", "20 classes"));

  const TemporaryFolder folder;
  CHECK(refuses([&] { load_cifar(folder.path()); }, "neither data_batch_1.bin (CIFAR-10) nor train.bin (CIFAR-100); "));
  write(folder / "data_batch_1", std::string("x"));
  CHECK(refuses([&] { load_cifar(folder.path()); }, "but the version for Python"));
  write_ten(folder.path());
  std::filesystem::remove(folder / "data_batch_4.bin");
  CHECK(refuses([&] { load_cifar(folder.path()); }, "data_batch_4.bin: cannot be opened"));
  write_ten(folder.path());
  write(folder / "batches.meta.txt", names_of(9));
  CHECK(refuses([&] { load_cifar(folder.path()); }, "names 9 classes, but there are 10"));
}
