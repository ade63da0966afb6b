// SPDX-License-Identifier: MIT
// Reads event files independently of the library: the frames with their checksums, then the fields of each event.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "temporary_folder.hpp"

namespace strata::testing {

struct ReadScalar {
  std::string tag;
  float value = 0;
};

struct ReadEvent {
  double wall_time = 0;
  long step = 0;
  std::string version;
  std::vector<ReadScalar> scalars;
  long session = 0;  ///< SessionLog.status; 1: START
};

namespace detail {

/// Takes values off the front of bytes; throws where they end too early.
struct EventBytes {
  const char* at;
  const char* end;

  std::string take(std::size_t count) {
    if (std::size_t(end - at) < count) throw std::runtime_error("a record ends too early");
    at += count;
    return {at - count, count};
  }
  template <class T>
  T number() {
    const std::string bytes = take(sizeof(T));
    T out;
    std::memcpy(&out, bytes.data(), sizeof out);
    return out;
  }
  std::uint64_t varint() {
    std::uint64_t out = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = number<unsigned char>();
      out |= std::uint64_t(byte & 127) << shift;
      if (byte < 128) return out;
    }
    throw std::runtime_error("a number is too long");
  }
};

inline std::uint32_t masked_crc(const std::string& bytes) {
  std::uint32_t c = ~0u;
  for (const char byte : bytes) {
    c ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; bit++) c = (c >> 1) ^ (0x82F63B78u & (0u - (c & 1)));
  }
  c = ~c;
  return ((c >> 15) | (c << 17)) + 0xA282EAD8u;
}

/// Calls field(number, type, rest) for each key; `field` takes the value off the rest.
template <class Field>
void for_each_field(const std::string& bytes, Field field) {
  EventBytes rest{bytes.data(), bytes.data() + bytes.size()};
  while (rest.at < rest.end) {
    const std::uint64_t key = rest.varint();
    field(int(key >> 3), int(key & 7), rest);
  }
}

inline ReadScalar scalar_of(const std::string& bytes) {
  ReadScalar out;
  for_each_field(bytes, [&](int number, int type, EventBytes& rest) {
    if (number == 1 && type == 2) out.tag = rest.take(rest.varint());
    else if (number == 2 && type == 5) out.value = rest.number<float>();
    else throw std::runtime_error("an unknown field of a scalar");
  });
  return out;
}

inline ReadEvent event_of(const std::string& bytes) {
  ReadEvent out;
  for_each_field(bytes, [&](int number, int type, EventBytes& rest) {
    if (number == 1 && type == 1) out.wall_time = rest.number<double>();
    else if (number == 2 && type == 0) out.step = long(rest.varint());
    else if (number == 3 && type == 2) out.version = rest.take(rest.varint());
    else if (number == 5 && type == 2)
      for_each_field(rest.take(rest.varint()), [&](int, int, EventBytes& values) {
        out.scalars.push_back(scalar_of(values.take(values.varint())));
      });
    else if (number == 7 && type == 2)
      for_each_field(rest.take(rest.varint()),
                     [&](int, int, EventBytes& values) { out.session = long(values.varint()); });
    else throw std::runtime_error("an unknown field of an event");
  });
  return out;
}

}  // namespace detail

/// All events of a file's bytes. Throws std::runtime_error for a damaged record.
inline std::vector<ReadEvent> events_of(const std::string& bytes) {
  std::vector<ReadEvent> out;
  detail::EventBytes rest{bytes.data(), bytes.data() + bytes.size()};
  while (rest.at < rest.end) {
    const std::string length = rest.take(8);
    if (rest.number<std::uint32_t>() != detail::masked_crc(length)) throw std::runtime_error("a length is damaged");
    std::uint64_t size;
    std::memcpy(&size, length.data(), sizeof size);
    const std::string data = rest.take(size);
    if (rest.number<std::uint32_t>() != detail::masked_crc(data)) throw std::runtime_error("an event is damaged");
    out.push_back(detail::event_of(data));
  }
  return out;
}

/// The same of the only file of events in a folder.
inline std::vector<ReadEvent> events_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const std::string& name : names_in(folder))
    if (name.find("tfevents") != std::string::npos) files.push_back(name);
  if (files.size() != 1) throw std::runtime_error("not one file of events in " + folder);
  return events_of(read(folder + "/" + files[0]));
}

/// "step:value" of a tag's scalars, in their order, with three digits.
inline std::string points_of(const std::vector<ReadEvent>& events, const std::string& tag) {
  std::string out;
  for (const ReadEvent& event : events)
    for (const ReadScalar& scalar : event.scalars)
      if (scalar.tag == tag) {
        char text[64];
        std::snprintf(text, sizeof text, "%s%ld:%.3g", out.empty() ? "" : " ", event.step, double(scalar.value));
        out += text;
      }
  return out;
}

}  // namespace strata::testing
