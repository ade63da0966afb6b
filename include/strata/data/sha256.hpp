// SPDX-License-Identifier: MIT
// SHA-256 (FIPS 180-4), for checksums and message authentication.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

namespace strata::data {

namespace detail {

/// The first 32 bits of the fractional part of the square (2) or cube (3) root of prime n, from 0, in integers.
consteval std::uint32_t prime_root_bits(int n, int root) {
  __extension__ using Wide = unsigned __int128;  // which ISO C++ has not
  int prime = 1;
  for (int found = -1; found < n;) {
    bool divided = false;
    prime++;
    for (int d = 2; d * d <= prime; d++) divided = divided || prime % d == 0;
    found += !divided;
  }
  // floor(root(prime) * 2^32) by bisection on 128-bit squares, or on cubes scaled down without loss of order.
  std::uint64_t low = 0, high = std::uint64_t(32) << 32;
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    Wide power = static_cast<Wide>(middle) * middle;  // < 2^74
    bool below;
    if (root == 2) {
      below = power <= static_cast<Wide>(prime) << 64;
    } else {  // middle^3 <= prime 2^96, as middle^2 <= floor(prime 2^96 / middle)
      below = power <= (static_cast<Wide>(prime) << 96) / middle;
    }
    (below ? low : high) = middle;
  }
  return std::uint32_t(low);
}

template <std::size_t Count, int Root>
consteval std::array<std::uint32_t, Count> prime_roots() {
  std::array<std::uint32_t, Count> out{};
  for (std::size_t i = 0; i < Count; i++) out[i] = prime_root_bits(int(i), Root);
  return out;
}

}  // namespace detail

class Sha256 {
 public:
  using Digest = std::array<unsigned char, 32>;

  void add(const void* data, std::size_t size) {
    const unsigned char* at = static_cast<const unsigned char*>(data);
    total_ += size;
    for (; size >= 64 && filled_ == 0; at += 64, size -= 64) compress(at);
    for (; size > 0; size--) {
      block_[filled_++] = *at++;
      if (filled_ < 64) continue;
      compress(block_);
      filled_ = 0;
      for (; size > 64; at += 64, size -= 64) compress(at);
    }
  }
  /// The digest; nothing may be added afterward.
  Digest digest() {
    const std::uint64_t bits = total_ * 8;
    const unsigned char one = 0x80, zero = 0;
    add(&one, 1);
    while (filled_ != 56) add(&zero, 1);
    for (int i = 7; i >= 0; i--) {
      const unsigned char byte = static_cast<unsigned char>(bits >> (8 * i));
      add(&byte, 1);
    }
    Digest out;
    for (std::size_t i = 0; i < out.size(); i++)
      out[i] = static_cast<unsigned char>(state_[i / 4] >> (24 - 8 * (i % 4)));
    return out;
  }
  /// The digest as 64 hexadecimal digits; nothing may be added afterward.
  std::string finish() {
    std::string out;
    for (const unsigned byte : digest()) out += "0123456789abcdef"[byte >> 4], out += "0123456789abcdef"[byte & 15];
    return out;
  }

 private:
  void compress(const unsigned char* block) {
    static constexpr auto constants = detail::prime_roots<64, 3>();
    std::uint32_t w[64];
    for (int i = 0; i < 16; i++)
      w[i] = std::uint32_t(block[4 * i]) << 24 | std::uint32_t(block[4 * i + 1]) << 16 |
             std::uint32_t(block[4 * i + 2]) << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
      const std::uint32_t a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
             (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
    }
    auto [a, b, c, d, e, f, g, h] = state_;
    for (std::size_t i = 0; i < 64; i++) {
      const std::uint32_t first =
          h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
      const std::uint32_t second =
          (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
    }
    const std::array<std::uint32_t, 8> add{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; i++) state_[i] += add[i];
  }

  std::array<std::uint32_t, 8> state_ = detail::prime_roots<8, 2>();
  unsigned char block_[64];
  std::size_t filled_ = 0;
  std::uint64_t total_ = 0;
};

/// The SHA-256 of the bytes as 64 hexadecimal digits.
inline std::string sha256(const void* data, std::size_t size) {
  Sha256 hash;
  hash.add(data, size);
  return hash.finish();
}

}  // namespace strata::data
