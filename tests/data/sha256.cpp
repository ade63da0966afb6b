// SPDX-License-Identifier: MIT
// The digests of FIPS 180-4's examples.
#include <strata/data/sha256.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace strata;
using namespace strata::data;

namespace {

std::string digest(const std::string& text) {
  return sha256(reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

}  // namespace

TEST_CASE("known digests") {
  CHECK(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(digest(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("the same digest in pieces of any size") {
  const std::string text(1000, 'b');
  for (const std::size_t piece : {1u, 7u, 63u, 64u, 65u, 128u, 200u, 999u}) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += piece)
      hash.add(text.data() + at, std::min(piece, text.size() - at));
    CHECK_MESSAGE(hash.finish() == digest(text), piece);
  }
}
