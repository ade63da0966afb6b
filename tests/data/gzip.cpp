// SPDX-License-Identifier: MIT
#include <strata/data/gzip.hpp>

#include <doctest/doctest.h>

#include "../support/gzip.hpp"
#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

Bytes sample(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; i++) out[i] = (unsigned char)(i * i / 7);
  return out;
}

}  // namespace

TEST_CASE("what is packed is unpacked") {
  for (std::size_t size : {std::size_t(0), std::size_t(1), std::size_t(65536), std::size_t(300000)})
    CHECK(gunzip(gzip(sample(size)), "f", 1 << 20) == sample(size));
}

TEST_CASE("several members are one content") {
  Bytes two = gzip(sample(10));
  const Bytes second = gzip(sample(20));
  two.insert(two.end(), second.begin(), second.end());
  Bytes expected = sample(10);
  const Bytes rest = sample(20);
  expected.insert(expected.end(), rest.begin(), rest.end());
  CHECK(gunzip(two, "f", 100) == expected);
}

TEST_CASE("zeros after the last member are padding, other bytes are not") {
  Bytes padded = gzip(sample(1000));
  padded.resize(padded.size() + 600, 0);
  CHECK(gunzip(padded, "f", 1 << 20) == sample(1000));
  padded.back() = 7;
  CHECK(refuses([&] { gunzip(padded, "f", 1 << 20); }, "f: the .gz"));
}

TEST_CASE("more than the limit is not unpacked, but noticed") {
  const Bytes bomb = gzip(Bytes(50'000'000, 0));
  CHECK(bomb.size() < 100'000);
  CHECK(gunzip(bomb, "f", 1000).size() == 1001);
}

TEST_CASE("truncated or damaged anywhere, it is refused") {
  const Bytes packed = gzip(sample(5000));
  for (std::size_t size = 0; size < packed.size(); size += size < 30 ? 1 : 97)
    CHECK(refuses([&] { gunzip(Bytes(packed.begin(), packed.begin() + long(size)), "f", 1 << 20); }, "f: the .gz",
                  "get the file again"));
  for (std::size_t at : {std::size_t(0), std::size_t(2), packed.size() / 2, packed.size() - 6, packed.size() - 2}) {
    Bytes damaged = packed;
    damaged[at] ^= 0x55;
    CHECK(refuses([&] { gunzip(damaged, "f", 1 << 20); }, "f: the .gz"));
  }
}
