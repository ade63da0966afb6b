// SPDX-License-Identifier: MIT
// CamVid's 32 colors and the 11 classes that they are grouped into (as in the SegNet tutorial and MATLAB's example).
// Brostow, Fauqueur, Cipolla: Semantic object classes in video, 2009.
#pragma once

#include <algorithm>
#include <string>

#include <strata/data/class_list.hpp>
#include <strata/data/label_decoding.hpp>

namespace strata::data::camvid {

/// The 11 classes in the order of their indices, with their colors.
inline const data::ClassList& classes() {
  static const data::ClassList list{
      {"Sky", {128, 128, 128}},        {"Building", {128, 0, 0}},   {"Pole", {192, 192, 192}},
      {"Road", {128, 64, 128}},        {"Pavement", {60, 40, 222}}, {"Tree", {128, 128, 0}},
      {"SignSymbol", {192, 128, 128}}, {"Fence", {64, 64, 128}},    {"Car", {64, 0, 128}},
      {"Pedestrian", {64, 64, 0}},     {"Bicyclist", {0, 128, 192}}};
  return list;
}

/// A class of the original labels and its group among the 11 classes; -1: void.
struct Original {
  const char* name;   ///< CamVid's
  data::Color color;  ///< red, green, blue
  int group;          ///< index of the class, from 0 to 10; -1: void
};
/// The 32 classes of the original labels, in the order of their names.
inline constexpr Original originals[32] = {
    {"Animal", {64, 128, 64}, 9},
    {"Archway", {192, 0, 128}, 1},
    {"Bicyclist", {0, 128, 192}, 10},
    {"Bridge", {0, 128, 64}, 1},
    {"Building", {128, 0, 0}, 1},
    {"Car", {64, 0, 128}, 8},
    {"CartLuggagePram", {64, 0, 192}, 9},
    {"Child", {192, 128, 64}, 9},
    {"Column_Pole", {192, 192, 128}, 2},
    {"Fence", {64, 64, 128}, 7},
    {"LaneMkgsDriv", {128, 0, 192}, 3},
    {"LaneMkgsNonDriv", {192, 0, 64}, 3},
    {"Misc_Text", {128, 128, 64}, 6},
    {"MotorcycleScooter", {192, 0, 192}, 10},
    {"OtherMoving", {128, 64, 64}, 8},
    {"ParkingBlock", {64, 192, 128}, 4},
    {"Pedestrian", {64, 64, 0}, 9},
    {"Road", {128, 64, 128}, 3},
    {"RoadShoulder", {128, 128, 192}, 4},
    {"Sidewalk", {0, 0, 192}, 4},
    {"SignSymbol", {192, 128, 128}, 6},
    {"Sky", {128, 128, 128}, 0},
    {"SUVPickupTruck", {64, 128, 192}, 8},
    {"TrafficCone", {0, 0, 64}, 2},
    {"TrafficLight", {0, 64, 64}, 6},
    {"Train", {192, 64, 128}, 8},
    {"Tree", {128, 128, 0}, 5},
    {"Truck_Bus", {192, 128, 192}, 8},
    {"Tunnel", {64, 0, 64}, 1},
    {"VegetationMisc", {192, 192, 0}, 5},
    {"Void", {0, 0, 0}, -1},
    {"Wall", {64, 192, 0}, 1},
};

/// Labels stored as indices: 0 ... 10, and 11 for void.
inline data::LabelCoding index_coding() {
  data::LabelCoding out;
  for (int i = 0; i < 11; i++) out.index_label.push_back(std::uint8_t(i));
  out.index_label.push_back(data::void_label);
  return out;
}

/// Labels stored as the 32 colors, grouped into the 11 classes.
inline data::LabelCoding color_coding() {
  data::LabelCoding out;
  out.kind = data::LabelCoding::Kind::color;
  for (const Original& o : originals)
    out.colors.push_back({o.color, o.group < 0 ? data::void_label : std::uint8_t(o.group)});
  return out;
}

/// Whether a list names all 32 original classes and no other.
inline bool are_originals(const data::ClassList& list) {
  for (const data::ClassEntry& entry : list)
    if (std::none_of(originals, originals + 32, [&](const Original& o) { return entry.name == o.name; })) return false;
  return list.size() == 32;  // each once: lists have no duplicate names
}

/// The coding of a list of CamVid's original names, such as its label_colors.txt, grouped into the 11 classes. `file`
/// appears in error messages; throws Error where a name is not one of CamVid's 32.
inline data::LabelCoding coding(const data::ClassList& named, data::LabelCoding::Kind kind, const std::string& file) {
  data::LabelCoding out;
  out.kind = kind;
  for (const data::ClassEntry& entry : named) {
    const Original* found = nullptr;
    for (const Original& o : originals)
      if (entry.name == o.name) found = &o;
    if (!found)
      throw Error(file, ": names the class ", data::excerpt(entry.name),
                  ", which is not one of CamVid's 32; remove the file to use ",
                  "their usual colors, or give the set as images/, labels/ and classes.txt");
    const std::uint8_t label = found->group < 0 ? data::void_label : std::uint8_t(found->group);
    out.colors.push_back({entry.color, label}), out.index_label.push_back(label);
  }
  return out;
}

/// The same for labels stored as colors. Throws Error likewise.
inline data::LabelCoding color_coding(const data::ClassList& named, const std::string& file) {
  return coding(named, data::LabelCoding::Kind::color, file);
}

/// @deprecated Write color_coding. Throws Error as that does.
[[deprecated("strata: colour_coding is now color_coding")]] inline data::LabelCoding colour_coding() {
  return color_coding();
}
[[deprecated("strata: colour_coding is now color_coding")]] inline data::LabelCoding colour_coding(
    const data::ClassList& named, const std::string& file) {
  return color_coding(named, file);
}

}  // namespace strata::data::camvid
