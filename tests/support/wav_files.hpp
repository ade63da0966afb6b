// SPDX-License-Identifier: MIT
// WAV files of given samples.
#pragma once

#include <strata/core/files/file.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace strata::testing {

struct WavKind {
  int kind = 1, channels = 1, rate = 8000, bits = 16;  ///< kind: 1 PCM, 3 float
  bool extensible = false, odd_chunk = false;          ///< odd_chunk: another one, of 3 bytes, before the samples
};

inline core::Bytes wav_file(const WavKind& k, const std::vector<std::uint8_t>& samples) {
  std::string out;
  const auto text = [&](const char* tag) { out += tag; };
  const auto number = [&](long value, int width) {
    for (int i = 0; i < width; i++) out += char(value >> 8 * i & 255);
  };
  const int frame = k.channels * (k.bits / 8);
  text("RIFF"), number(36 + long(samples.size()), 4), text("WAVE");
  text("fmt "), number(k.extensible ? 40 : 16, 4), number(k.extensible ? 0xFFFE : k.kind, 2);
  number(k.channels, 2), number(k.rate, 4), number(long(k.rate) * frame, 4), number(frame, 2), number(k.bits, 2);
  if (k.extensible) number(22, 2), number(k.bits, 2), number(0, 4), number(k.kind, 2), out.append(14, 0);
  if (k.odd_chunk) text("LIST"), number(3, 4), number(0, 4);
  text("data"), number(long(samples.size()), 4);
  out.append(samples.begin(), samples.end());
  return core::Bytes(out.begin(), out.end());
}

}  // namespace strata::testing
