// SPDX-License-Identifier: MIT
// Decompresses .gz data in memory with zlib. Needs strata::idx.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <new>
#include <string>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>

namespace strata::data {

inline bool is_gzip(const core::Bytes& bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

/// The most bytes that deflate can expand one byte to (https://zlib.net/zlib_tech.html).
inline constexpr std::size_t gzip_ratio = 1032;

/// Returns the decompressed bytes. Stops after `limit` + 1 of them: a small file cannot fill the memory, and the caller
/// still sees that the content is too long. The checksums of a content of up to `limit` bytes are verified. Zeros after
/// the last member are padding, as for gzip. Reserves `expected` bytes up front. `name` appears in error messages;
/// throws Error where the data is truncated or corrupt.
inline core::Bytes gunzip(const core::Bytes& packed, const std::string& name, std::size_t limit,
                          std::size_t expected = 0) {
  struct Stream : z_stream {
    Stream() : z_stream{} {}
    ~Stream() { inflateEnd(this); }
  } stream;
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw Error(name, ": zlib cannot start; is there enough memory?");
  core::Bytes out;
  try {
    out.reserve(expected);
  } catch (const std::bad_alloc&) {
    throw Error(name, ": unpacked, it needs ", double(expected) / 1e9,
                " GB, more memory than is free; free some or give a smaller set");
  }
  std::size_t filled = 0, taken = 0;
  for (bool member_ended = false; taken < packed.size() || !member_ended;) {
    if (filled == out.size()) {
      if (out.size() > limit) return out;
      const std::size_t grown = out.size() ? 2 * out.size() : std::size_t(1) << 16;
      out.resize(grown < limit + 1 ? grown : limit + 1);
    }
    constexpr std::size_t most = 1u << 30;
    const std::size_t give = packed.size() - taken < most ? packed.size() - taken : most;
    const std::size_t room = out.size() - filled < most ? out.size() - filled : most;
    stream.next_in = const_cast<unsigned char*>(packed.data() + taken);
    stream.avail_in = uInt(give);
    stream.next_out = out.data() + filled;
    stream.avail_out = uInt(room);
    const int code = inflate(&stream, Z_NO_FLUSH);
    const std::size_t read = give - stream.avail_in, wrote = room - stream.avail_out;
    taken += read;
    filled += wrote;
    if (code == Z_STREAM_END) {
      member_ended = true;
      std::size_t padding = taken;
      while (padding < packed.size() && packed[padding] == 0) padding++;
      if (padding == packed.size()) break;
      if (taken < packed.size() && inflateReset(&stream) != Z_OK) throw Error(name, ": zlib cannot continue");
      if (taken < packed.size()) member_ended = false;
      continue;
    }
    if (code == Z_BUF_ERROR || (code == Z_OK && read == 0 && wrote == 0))
      throw Error(name, ": the .gz ends too early (truncated?); get the file again");
    if (code != Z_OK)
      throw Error(name, ": the .gz is corrupt (", stream.msg ? stream.msg : "zlib refuses it", "); get the file again");
  }
  out.resize(filled);
  return out;
}

}  // namespace strata::data
