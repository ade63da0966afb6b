// SPDX-License-Identifier: MIT
#include "references.hpp"

namespace street_scenes {

namespace {

/// Accuracy, IoU, mean BF score.
struct PublishedRow {
  const char* name;
  double accuracy, iou, bf_score;
};

constexpr PublishedRow example[] = {{"Sky", 0.93112, 0.90209, 0.8952},         {"Building", 0.78453, 0.76098, 0.58511},
                                    {"Pole", 0.71586, 0.21477, 0.51439},       {"Road", 0.93024, 0.91465, 0.76696},
                                    {"Pavement", 0.88466, 0.70571, 0.70919},   {"Tree", 0.87377, 0.76323, 0.70875},
                                    {"SignSymbol", 0.79358, 0.39309, 0.48302}, {"Fence", 0.81507, 0.46484, 0.48566},
                                    {"Car", 0.90956, 0.76799, 0.69233},        {"Pedestrian", 0.87629, 0.4366, 0.60792},
                                    {"Bicyclist", 0.87844, 0.60829, 0.55089}};
constexpr PublishedRow workshop[] = {{"Sky", 0.93887, 0.90804, 0.90636},        {"Building", 0.82986, 0.80341, 0.66167},
                                     {"Pole", 0.74593, 0.25494, 0.59589},       {"Road", 0.94582, 0.93057, 0.81708},
                                     {"Pavement", 0.8924, 0.7472, 0.76095},     {"Tree", 0.88676, 0.77623, 0.73405},
                                     {"SignSymbol", 0.75522, 0.43684, 0.55289}, {"Fence", 0.81132, 0.59367, 0.59107},
                                     {"Car", 0.92213, 0.79434, 0.75142},        {"Pedestrian", 0.86498, 0.4633, 0.6267},
                                     {"Bicyclist", 0.88703, 0.64193, 0.5652}};

template <int Rows>
strata::report::Metrics with_classes(strata::report::Metrics metrics, const PublishedRow (&rows)[Rows]) {
  for (const PublishedRow& row : rows) metrics.classes.push_back({row.name, row.accuracy, row.iou, row.bf_score});
  return metrics;
}

}  // namespace

std::vector<strata::report::ReferenceScores> references(bool generated) {
  const std::string of = generated ? " (CamVid)" : "";
  return {{"MathWorks" + of, with_classes({0.87695, 0.85392, 0.6302, 0.80851, 0.65051, {}}, example)},
          {"workshop" + of, workshop_scores()}};
}

strata::report::Metrics workshop_scores() {
  return with_classes({0.89658, 0.86185, 0.66822, 0.83346, 0.70117, {}}, workshop);
}

}  // namespace street_scenes
