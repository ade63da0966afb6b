// SPDX-License-Identifier: MIT
// Files as NumPy writes them.
#pragma once

#include <strata/core/files/file.hpp>

#include <string>
#include <string_view>

namespace strata::testing {

/// A .npy file: the version, the header, padded as NumPy does, and the numbers.
inline core::Bytes npy_file(int version, std::string header, std::string_view numbers) {
  const std::size_t start = version == 1 ? 10 : 12;
  header.append(63 - (start + header.size()) % 64, ' ');
  header += '\n';
  std::string out = "\x93NUMPY";
  out += char(version), out += '\0', out += char(header.size() & 255), out += char(header.size() >> 8);
  if (version > 1) out.append(2, '\0');
  out += header;
  out += numbers;
  return core::Bytes(out.begin(), out.end());
}

/// numpy.savez_compressed(x = numpy.arange(12, dtype = 'u1').reshape(3, 2, 2), y = numpy.array([2, 0, 1])), by NumPy
/// 1.24.2.
inline core::Bytes npz_file() {
  constexpr std::string_view digits =
      "504b0304140000000800000021009a09b11c540000008c00000005001400782e6e7079010010008c0000000000000054000000000000"
      "009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416"
      "a402f91ac63a0a4640a4a9a350ab401ee06260646266616563e7e0e4e20600504b0304140000000800000021008a1ace134a00000098"
      "00000005001400792e6e70790100100098000000000000004a000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e"
      "9369a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91ac63a9a3a0ab50a14002e260654c008a501504b"
      "01021403140000000800000021009a09b11c540000008c000000050000000000000000000000800100000000782e6e7079504b010214"
      "03140000000800000021008a1ace134a0000009800000005000000000000000000000080018b000000792e6e7079504b050600000000"
      "02000200660000000c0100000000";
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  core::Bytes out;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    out.push_back(static_cast<unsigned char>(16 * value(digits[i]) + value(digits[i + 1])));
  return out;
}

}  // namespace strata::testing
