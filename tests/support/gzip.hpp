// SPDX-License-Identifier: MIT
// Bytes packed as .gz, and IDX files made of numbers.
#pragma once

#include <zlib.h>

#include <strata/core/files/file.hpp>

#include <initializer_list>

namespace strata::testing {

inline core::Bytes gzip(const core::Bytes& plain) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  core::Bytes out(deflateBound(&stream, uLong(plain.size())) + 64);
  stream.next_in = const_cast<unsigned char*>(plain.data()), stream.avail_in = uInt(plain.size());
  stream.next_out = out.data(), stream.avail_out = uInt(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// An IDX file of bytes: its header, and `numbers` after it.
inline core::Bytes idx(std::initializer_list<std::uint32_t> dims, const core::Bytes& numbers) {
  core::Bytes out{0, 0, 8, (unsigned char)(dims.size())};
  for (std::uint32_t dim : dims)
    for (int shift : {24, 16, 8, 0}) out.push_back((unsigned char)(dim >> shift));
  out.insert(out.end(), numbers.begin(), numbers.end());
  return out;
}

}  // namespace strata::testing
