// SPDX-License-Identifier: MIT
// .gz in memory, through zlib. Needs strata::idx, as what includes it.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <new>
#include <string>

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>

namespace strata {

inline bool is_gzip(const Bytes& bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

/// More than this, the most that deflate makes of a byte (https://zlib.net/zlib_tech.html), no .gz can hold.
inline constexpr std::size_t gzip_ratio = 1032;

/// The unpacked bytes. Stops at `limit` + 1 of them, so that a small file cannot fill the memory and yet too long a
/// content is seen; up to `limit` the checksums within are checked. Zeros behind the last member are padding, as gzip takes
/// them. Room for `expected` bytes is made at once.
inline Bytes gunzip(const Bytes& packed, const std::string& name, std::size_t limit, std::size_t expected = 0) {
  struct Stream : z_stream {
    Stream() : z_stream{} {}
    ~Stream() { inflateEnd(this); }
  } stream;
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw Error(name, ": zlib cannot start; is there memory left?");
  Bytes out;
  try {
    out.reserve(expected);
  } catch (const std::bad_alloc&) {
    throw Error(name, ": unpacked it takes ", double(expected) / 1e9, " GB, more memory than there is; free some or give a smaller set");
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
      if (taken < packed.size() && inflateReset(&stream) != Z_OK) throw Error(name, ": zlib cannot go on");
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

}  // namespace strata
