// SPDX-License-Identifier: MIT
// What a run needed, in a form from which the needs of other batch sizes and machines follow; and the settings and data
// that its result depends on. Part of run.json from schema strata.run/2 on.
#pragma once

#include <string>

#include <strata/core/condition.hpp>
#include <strata/core/divide.hpp>
#include <strata/graph/work.hpp>
#include <strata/report/checked_json.hpp>

namespace strata::report {

/// How the planned memory of a run grows, in bytes. All 0: not recorded.
struct MemoryGrowth {
  long per_image = 0;   ///< with each image that is computed at once
  long per_thread = 0;  ///< with each thread
  int group = 1;        ///< images are rounded up to a multiple of this
  long cache = 0;       ///< held for speed alone: decoded images
  long device = 0;      ///< planned on a GPU; 0: a CPU computed
  bool operator==(const MemoryGrowth&) const = default;

  /// The images for which a batch needs memory.
  long images(int batch) const { return core::round_up(long(batch), long(group)); }
};

/// The measured memory of a run, in bytes, with another batch size and number of threads, without cached images.
inline double grown(const MemoryGrowth& growth, long measured, int from_batch, int to_batch, int from_threads,
                    int to_threads) {
  return double(measured) - double(growth.cache) +
         double(growth.per_image) * double(growth.images(to_batch) - growth.images(from_batch)) +
         double(growth.per_thread) * (to_threads - from_threads);
}

namespace detail {

inline Json to_json(const graph::StepWork& work) {
  Json out{{"pieces", Json::array()}, {"update_bytes", work.update_bytes}, {"working_set", work.working_set}};
  for (int k = 0; k < work.count; k++) {
    const graph::Piece& p = work.pieces[k];
    out["pieces"].push_back(Json{{"channels", p.channels},
                                 {"kernels", p.kernels},
                                 {"macs", p.macs},
                                 {"products", p.products},
                                 {"bytes", p.bytes}});
  }
  return out;
}

/// Throws Unfit if there are too many pieces or they are not sorted.
inline graph::StepWork work_from_json(const Json& in) {
  graph::StepWork work;
  const Json& pieces = in.at("pieces");
  if (!pieces.is_array() || pieces.empty() || pieces.size() > std::size_t(graph::StepWork::most))
    throw Unfit{core::sentence("its work is not a list of 1 to ", graph::StepWork::most, " pieces")};
  for (const Json& piece : pieces) {
    graph::Piece& p = work.pieces[work.count++];
    read(p.channels, piece, "channels");
    if (work.count > 1 && p.channels <= work.pieces[work.count - 2].channels)
      throw Unfit{"the pieces of its work are not sorted"};
    read_amount(p.kernels, piece, "kernels"), read_amount(p.macs, piece, "macs");
    read_amount(p.products, piece, "products"), read_amount(p.bytes, piece, "bytes");
  }
  read_amount(work.update_bytes, in, "update_bytes"), read(work.working_set, in, "working_set");
  return work;
}

inline Json to_json(const MemoryGrowth& m) {
  return {{"per_image", m.per_image},
          {"per_thread", m.per_thread},
          {"group", m.group},
          {"cache", m.cache},
          {"device", m.device}};
}

inline MemoryGrowth growth_from_json(const Json& in) {
  MemoryGrowth m;
  read(m.per_image, in, "per_image"), read(m.per_thread, in, "per_thread"), read(m.group, in, "group");
  read(m.cache, in, "cache"), read(m.device, in, "device");
  for (const long bytes : {m.per_image, m.per_thread, m.cache, m.device})
    if (bytes > 1L << 50) throw Unfit{core::sentence("its memory is ", bytes, " bytes, which is out of range")};
  if (m.group < 1 || m.group > 1 << 20)
    throw Unfit{core::sentence("the group of its memory is ", m.group, ", which is out of range")};
  return m;
}

/// As an object. JSON allows each key once: of conditions with the same name, the first counts.
inline Json to_json(const core::Conditions& conditions) {
  Json out = Json::object();
  for (const core::Condition& c : conditions)
    if (!out.contains(c.name) && out.size() < JsonCheck::most_keys) out[c.name] = c.value;
  return out;
}

inline core::Conditions conditions_from_json(const Json& in) {
  if (!in.is_object()) throw Unfit{"its conditions are not an object"};
  core::Conditions out;
  for (const auto& [name, value] : in.items()) out.add(name, value.get<std::string>());
  return out;
}

}  // namespace detail

}  // namespace strata::report
