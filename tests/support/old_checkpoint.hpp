// SPDX-License-Identifier: MIT
// A checkpoint as version 2 wrote it.
#pragma once

#include <strata/train/checkpoint.hpp>

namespace strata::testing {

/// The same training in the older format: without what its state has had since version 3.
inline Bytes as_version_2(const Bytes& newer) {
  Bytes out(newer.begin(), newer.begin() + 8);
  out[7] = '2';
  detail::Checksum sum;
  int item = 0;
  for (std::size_t at = 8; at + 8 < newer.size(); item++) {
    std::uint64_t length;
    std::memcpy(&length, newer.data() + at, 8);
    const unsigned char* const bytes = newer.data() + at + 8;
    const std::uint64_t kept = item == 1 ? detail::state_bytes_2 : length;
    out.insert(out.end(), reinterpret_cast<const unsigned char*>(&kept), reinterpret_cast<const unsigned char*>(&kept + 1));
    out.insert(out.end(), bytes, bytes + kept);
    sum.add(bytes, kept);
    at += 8 + length;
  }
  const unsigned char* const word = reinterpret_cast<const unsigned char*>(&sum.value);
  out.insert(out.end(), word, word + 8);
  return out;
}

}  // namespace strata::testing
