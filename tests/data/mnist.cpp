// SPDX-License-Identifier: MIT
// The split of MNIST: of the real files where STRATA_DATA has them, else of a small set in their form.
#include <strata/data/mnist.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>

#include "../support/mnist_files.hpp"
#include "../support/refusal.hpp"

using namespace strata;
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
  CHECK(all.train.count() == 80);
  std::map<std::string, int> parts = contents(one.train);
  for (const auto& [image, count] : contents(one.validation)) parts[image] += count;
  CHECK(parts == contents(all.train));
  CHECK(contents(one.train) == contents(again.train));
  CHECK(contents(one.train) != contents(other.train));
  CHECK(refuses([&] { mnist::load(folder.path(), {.validation = 80}); }, "leave some to train with"));
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

TEST_CASE("the real MNIST") {
  const char* data = std::getenv("STRATA_DATA");
  const std::string folder = std::string(data ? data : "") + "/mnist";
  if (!data || !mnist::complete(folder)) {
    MESSAGE("STRATA_DATA has no MNIST: the small set above stands for it");
    return;
  }
  const Splits set = mnist::load(folder);
  CHECK(set.name == "mnist");
  CHECK(set.train.count() == 52'500);
  CHECK(set.validation.count() == 7'500);
  CHECK(set.test.count() == 10'000);
  CHECK(set.test.label(0) == 7);
  CHECK(set.train.shape() == Shape{28, 28, 1});
}
