// SPDX-License-Identifier: MIT
// The split of MNIST: of the real files where STRATA_DATA has them, else of a small set in the same format.
#include <strata/data/mnist.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>
#include <map>

#include "../support/mnist_files.hpp"
#include "../support/refusal.hpp"

namespace data_mnist {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

/// How often each image (its bytes as text, its label) occurs.
std::map<std::string, int> contents(const Dataset& set) {
  std::map<std::string, int> out;
  for (int i = 0; i < set.count(); i++)
    out[std::string(reinterpret_cast<const char*>(set.bytes(i)), 784) + char(set.label(i))]++;
  return out;
}

}  // namespace

TEST_CASE("the split keeps every image once, by the seed") {
  TemporaryFolder folder;
  write_mnist(folder.path(), 80, 20);
  const Splits one = mnist::load(folder.path(), {.seed = 1}), again = mnist::load(folder.path(), {.seed = 1});
  const Splits other = mnist::load(folder.path(), {.seed = 2}), all = mnist::load(folder.path(), {.validation = 0});
  CHECK(one.train.count() == 70);
  CHECK(one.validation.count() == 10);
  CHECK(one.test.count() == 20);
  CHECK(one.classes == 10);
  CHECK(one.class_names == std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
  CHECK(all.train.count() == 80);
  std::map<std::string, int> parts = contents(one.train);
  for (const auto& [image, count] : contents(one.validation)) parts[image] += count;
  CHECK(parts == contents(all.train));
  CHECK(contents(one.train) == contents(again.train));
  CHECK(contents(one.train) != contents(other.train));
  CHECK(refuses([&] { mnist::load(folder.path(), {.validation = 80}); }, "leave some for training"));
}

TEST_CASE("a folder that lacks a file, or holds other sizes") {
  TemporaryFolder folder;
  write_mnist(folder.path(), 10, 5);
  CHECK(mnist::complete(folder.path()));
  std::filesystem::remove(folder / "t10k-labels-idx1-ubyte.gz");
  CHECK(!mnist::complete(folder.path()));
  CHECK(refuses([&] { mnist::load(folder.path()); }, folder.path(), "t10k-labels-idx1-ubyte"));
  write(folder / "t10k-labels-idx1-ubyte", idx({5}, Bytes(5, 1)));
  write(folder / "t10k-images-idx3-ubyte", idx({5, 2, 2}, Bytes(20, 1)));
  CHECK(refuses([&] { mnist::load(folder.path()); }, "28 x 28", "2 x 2"));
}

TEST_CASE("files under the names and in the places that others use") {
  TemporaryFolder folder;
  const auto renamed = [&](const std::string& place, const std::string& prefix,
                           const std::function<std::string(std::string)>& change) {
    const std::string to = folder / place;
    std::filesystem::create_directories(to);
    write_mnist(to, 16, 5);
    for (const mnist::File& file : mnist::files) {
      const std::string path = mnist::detail::find_from(to + "/", file);
      const std::string name = path.substr(path.rfind('/') + 1);
      std::filesystem::rename(path, to + "/" + prefix + change(name));
    }
  };
  const auto dotted = [](std::string name) { return name.replace(name.find("-idx"), 1, "."); };
  const auto same = [](std::string name) { return name; };
  const auto emnist = [](std::string name) { return name.starts_with("t10k") ? name.replace(0, 4, "test") : name; };
  renamed("kaggle", "", dotted);
  renamed("kmnist/MNIST/raw", "", same), renamed("fashion/raw", "", same), renamed("root/FashionMNIST/raw", "", dotted);
  renamed("one", "emnist-digits-", emnist);
  renamed("emnist", "emnist-digits-", emnist), renamed("emnist", "emnist-letters-", emnist);
  std::filesystem::create_directories(folder /
                                      "doubled/train-images.idx3-ubyte");  // like Kaggle's folders named as the files
  renamed("doubled", "", same);
  std::filesystem::rename(folder / "doubled/train-images-idx3-ubyte",
                          folder / "doubled/train-images.idx3-ubyte/train-images.idx3-ubyte");
  struct Case {
    const char *place, *name;
  };
  for (const Case& c : {Case{"kaggle", "kaggle"},
                        {"kaggle/", "kaggle"},
                        {"kaggle/.", "kaggle"},
                        {"fashion", "fashion"},
                        {"fashion/raw", "fashion"},
                        {"root", "FashionMNIST"},
                        {"one", "emnist-digits"},
                        {"emnist/emnist-letters", "emnist-letters"},
                        {"doubled", "doubled"},
                        {"kmnist", "MNIST (other files than MNIST's)"}}) {
    CHECK_MESSAGE(mnist::complete(folder / c.place), c.place);
    const Splits set = mnist::load(folder / c.place);
    CHECK(set.name == c.name);
    CHECK(set.test.count() == 5);
    CHECK(set.train.count() == 14);
  }
  CHECK(refuses([&] { mnist::load(folder / "emnist"); }, "several sets; give one of ", "emnist/emnist-digits, ",
                "emnist/emnist-letters"));
  CHECK(!mnist::complete(folder / "nothing"));
}

TEST_CASE("labels say what the classes are: ten digits, or EMNIST's letters") {
  TemporaryFolder folder;
  const auto with = [&](const Bytes& train, const Bytes& test) {
    for (const char* kind : {"train", "t10k"}) {
      const Bytes& labels = kind == std::string("train") ? train : test;
      const std::uint32_t count = std::uint32_t(labels.size());
      write(folder / (std::string(kind) + "-images-idx3-ubyte"), idx({count, 1, 2}, Bytes(2 * labels.size(), 3)));
      write(folder / (std::string(kind) + "-labels-idx1-ubyte"), idx({count}, labels));
    }
  };
  const auto labels = [](const Dataset& set) {
    std::vector<int> out;
    out.reserve(std::size_t(set.count()));
    for (int i = 0; i < set.count(); i++) out.push_back(set.label(i));
    return out;
  };
  with({26, 7}, {1, 2});
  const Splits letters = mnist::load(folder.path(), {.validation = 0, .transposed = true});
  CHECK(letters.classes == 26);
  CHECK(letters.class_names.size() == 26);
  CHECK(letters.class_names[0] + letters.class_names[25] == "az");
  CHECK(labels(letters.test) == std::vector<int>{0, 1});
  CHECK(letters.train.shape() == Shape{2, 1, 1});
  with({1, 9}, {1, 9});
  CHECK(mnist::load(folder.path()).classes == 10);
  CHECK(labels(mnist::load(folder.path()).test) == std::vector<int>{1, 9});
  with({0, 46}, {3, 4});
  CHECK(refuses([&] { mnist::load(folder.path()); }, "labels of its set are 0 to 46", "SplitOptions::classes"));
  CHECK(mnist::load(folder.path(), {.classes = 47}).classes == 47);
  CHECK(mnist::load(folder.path(), {.classes = 47}).class_names[46] == "46");
  with({0, 10}, {3, 4});
  CHECK(refuses([&] { mnist::load(folder.path()); }, "labels of its set are 0 to 10"));
}

TEST_CASE("swapped files") {
  TemporaryFolder folder;
  write_mnist(folder.path(), 10, 5);
  std::filesystem::rename(folder / "train-images-idx3-ubyte", folder / "x");
  std::filesystem::rename(folder / "train-labels-idx1-ubyte", folder / "train-images-idx3-ubyte");
  std::filesystem::rename(folder / "x", folder / "train-labels-idx1-ubyte");
  CHECK(refuses([&] { mnist::load(folder.path()); }, "train-labels-idx1-ubyte: ", "are images and labels swapped?"));
}

TEST_CASE("the real MNIST") {
  const char* data = std::getenv("STRATA_DATA");
  const std::string folder = std::string(data ? data : "") + "/mnist";
  if (!data || !mnist::complete(folder)) {
    MESSAGE("STRATA_DATA has no MNIST: the small set above is used instead");
    return;
  }
  const Splits set = mnist::load(folder);
  CHECK(set.name == "MNIST");
  CHECK(set.train.count() == 52'500);
  CHECK(set.validation.count() == 7'500);
  CHECK(set.test.count() == 10'000);
  CHECK(set.test.label(0) == 7);
  CHECK(set.train.shape() == Shape{28, 28, 1});
}

}  // namespace data_mnist
