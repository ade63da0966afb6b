// SPDX-License-Identifier: MIT
// Published results that the reports show next to ours.
#pragma once

#include <vector>

#include <strata/report/segmentation_page.hpp>

namespace street_scenes {

/// MathWorks' example and the workshop, on CamVid at 720 x 960. For `generated` scenes their names include CamVid.
std::vector<strata::report::ReferenceScores> references(bool generated);
/// The workshop's scores only.
strata::report::Metrics workshop_scores();

inline constexpr const char* reference_note =
    "Next to it: MathWorks' example \"Semantic Segmentation Using Deep Learning\" and the workshop \"Deep learning in MATLAB\" "
    "(Giosan, Vancea, 2021), both at 720 x 960 from ImageNet weights, on a random 60/20/20 split, whose test images are "
    "neighbors of training images in the same videos.";
inline constexpr const char* reference_note_for_generated =
    "The other columns are for CamVid, photographed streets, and are not comparable to generated scenes: MathWorks' example "
    "\"Semantic Segmentation Using Deep Learning\" and the workshop \"Deep learning in MATLAB\" (Giosan, Vancea, 2021).";
inline constexpr const char* generated_notice =
    "These scenes were drawn by a program. They are not CamVid and not photographs: the results show that the training "
    "works, but say nothing about real streets.";

}  // namespace street_scenes
