// SPDX-License-Identifier: MIT
// Statistics of decoding the labels of a set, and remarks on what looks suspicious.
#pragma once

#include <string>
#include <vector>

#include <strata/core/error.hpp>

namespace strata::data {

/// Sums over the images decoded so far, each counted once.
struct DecodeReport {
  int pictures = 0;                                         ///< decoded images
  long pixels = 0;                                          ///< all of them
  long void_pixels = 0;                                     ///< of no class; includes the next two numbers
  long unknown_pixels = 0;                                  ///< whose index or color is not in the coding
  long marked_pixels = 0;                                   ///< with index 255, which means void
  int pictures_with_unknown = 0, pictures_with_marked = 0;  ///< images that have such pixels
  bool only_0_and_255 = true;                               ///< whether no other index occurs, as in binary masks
  std::string unknown;  ///< from the lowest sample that has one: "color 1 2 3 in PATH"
};

/// One sentence for each suspicious finding; empty where there is none.
inline std::vector<std::string> remarks(const DecodeReport& report) {
  std::vector<std::string> out;
  const auto of = [](long pixels, int pictures) {
    return core::sentence(pixels, pixels == 1 ? " pixel of " : " pixels of ", pictures,
                          pictures == 1 ? " picture" : " pictures");
  };
  if (report.unknown_pixels > 0)
    out.push_back(core::sentence(of(report.unknown_pixels, report.pictures_with_unknown),
                                 " have labels that are not in the class list (the first: ", report.unknown,
                                 "); they count as void"));
  if (report.marked_pixels > 0)
    out.push_back(core::sentence(
        of(report.marked_pixels, report.pictures_with_marked), " have the label 255, which means void",
        report.only_0_and_255 ? "; all others are 0: if these are binary masks, store 1 instead of 255" : ""));
  return out;
}

}  // namespace strata::data
