// SPDX-License-Identifier: MIT
// WAV files: RIFF "WAVE" with the chunks "fmt " and "data", of PCM of 8, 16, 24 or 32 bits, or floats of 32 or 64.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/finite.hpp>
#include <strata/data/free_memory.hpp>

namespace strata::data {

/// A sound.
struct Wave {
  int rate = 0;                ///< frames per second
  int channels = 1;            ///< numbers per frame
  std::vector<float> samples;  ///< [frames][channels]: PCM from -1 to below 1, floats as they are stored

  /// How many frames there are.
  long frames() const { return long(samples.size()) / channels; }
};

namespace detail {

inline constexpr int most_wave_channels = 64;

/// `width` bytes, least significant first.
inline std::uint64_t little_endian(const unsigned char* at, int width) {
  std::uint64_t out = 0;
  for (int i = width; i-- > 0;) out = out << 8 | at[i];
  return out;
}

/// A sample of PCM of `width` bytes, whose middle is 0, or 128 of 8 bits.
inline float pcm_sample(const unsigned char* at, int width) {
  if (width == 1) return float(*at - 128) / 128;
  const std::uint32_t top = std::uint32_t(little_endian(at, width)) << (32 - 8 * width);
  return float(std::int32_t(top)) * 0x1p-31f;
}
inline float float_sample(const unsigned char* at, int width) {
  const std::uint64_t bits = little_endian(at, width);
  return width == 4 ? std::bit_cast<float>(std::uint32_t(bits)) : float(std::bit_cast<double>(bits));
}

}  // namespace detail

/// Parses a file in memory. `name` appears in error messages; throws Error where it is damaged, packed in another way,
/// or holds a number that is not finite.
inline Wave parse_wav(const core::Bytes& bytes, const std::string& name) {
  const auto is = [&](std::size_t at, const char* tag) { return std::equal(tag, tag + 4, bytes.begin() + long(at)); };
  if (bytes.size() < 12 || !is(0, "RIFF") || !is(8, "WAVE"))
    throw Error(name, bytes.empty() ? ": is empty" : ": is not a WAV file", "; give sounds as WAV");
  const unsigned char* format = nullptr;
  std::size_t format_size = 0;
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const unsigned char* const body = bytes.data() + at + 8;
    const std::uint64_t size = detail::little_endian(bytes.data() + at + 4, 4), left = bytes.size() - at - 8;
    const bool streamed = size == 0xFFFFFFFF;  // written into a pipe: the sound ends with the file
    if (is(at, "fmt ") && size >= 16 && size <= left) format = body, format_size = std::size_t(size);
    if (!is(at, "data")) {
      if (size > left) break;
      at += 8 + std::size_t(size) + std::size_t(size % 2);
      continue;
    }
    if (!format) throw Error(name, ": does not describe its samples (damaged?); get the file again");
    if (size > left && !streamed)
      throw Error(name, ": declares ", long(size),
                  " bytes of sound, but fewer follow (truncated?); get the file again");
    int kind = int(detail::little_endian(format, 2));
    if (kind == 0xFFFE && format_size >= 26) kind = int(detail::little_endian(format + 24, 2));  // the subformat's
    const int bits = int(detail::little_endian(format + 14, 2)), width = bits / 8;
    const bool floats = kind == 3;
    if (!(kind == 1 && (bits == 8 || bits == 16 || bits == 24 || bits == 32)) &&
        !(floats && (bits == 32 || bits == 64)))
      throw Error(name, ": holds sound of the format ", kind, " with ", bits,
                  " bits; store it as PCM of 8, 16, 24 or 32 bits, or as floats");
    Wave out;
    out.channels = int(detail::little_endian(format + 2, 2)), out.rate = int(detail::little_endian(format + 4, 4));
    if (out.channels < 1 || out.channels > detail::most_wave_channels || out.rate < 1 ||
        int(detail::little_endian(format + 12, 2)) != out.channels * width)
      throw Error(name, ": holds ", out.channels, " channels at ", out.rate, " Hz in frames of ",
                  long(detail::little_endian(format + 12, 2)), " bytes, which do not fit together; get the file again");
    const std::size_t frames = std::size_t(std::min(size, left)) / std::size_t(out.channels * width);
    const std::size_t count = frames * std::size_t(out.channels);
    require_memory(count * sizeof(float), name, "as floats, it needs");
    out.samples.resize(count);
    for (std::size_t i = 0; i < count; i++) {
      const unsigned char* const sample = body + i * std::size_t(width);
      out.samples[i] = floats ? detail::float_sample(sample, width) : detail::pcm_sample(sample, width);
      if (floats && !core::is_finite(out.samples[i]))
        throw Error(name, ": sample ", i, " is not a finite number; get the file again");
    }
    return out;
  }
  throw Error(name, ": holds no sound (truncated?); get the file again");
}

/// The same from a file. Throws Error where it cannot be read or is damaged.
inline Wave read_wav(const std::string& path) { return parse_wav(core::read_file(path), path); }

/// The first `length` frames, [length][channels], followed by zeros where the sound is shorter. One channel is repeated
/// for all, and several become the mean of them where one is wanted. `name` appears in the error message; throws Error
/// for any other number of channels.
inline std::vector<float> fit_wave(const Wave& wave, int length, int channels, const std::string& name) {
  if (wave.channels != channels && wave.channels != 1 && channels != 1)
    throw Error(name, ": has ", wave.channels, " channels, but the network takes ", channels,
                "; give sounds of one channel, or of as many");
  std::vector<float> out(std::size_t(length) * std::size_t(channels), 0.f);
  const long frames = std::min(wave.frames(), long(length));
  for (long i = 0; i < frames; i++) {
    const float* const frame = wave.samples.data() + i * wave.channels;
    float* const to = out.data() + i * channels;
    if (wave.channels == channels) {
      std::copy_n(frame, channels, to);
    } else if (channels == 1) {
      float sum = 0;
      for (int c = 0; c < wave.channels; c++) sum += frame[c];
      *to = sum / float(wave.channels);
    } else {
      std::fill_n(to, channels, *frame);
    }
  }
  return out;
}

}  // namespace strata::data
