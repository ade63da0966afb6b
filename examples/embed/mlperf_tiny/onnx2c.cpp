// SPDX-License-Identifier: MIT
// The same around the C code that onnx2c writes for a network: its function takes an image as [C][H][W].
#include "report.hpp"

extern "C" void entry(const float* image, float* scores);

static float scores[measured::outputs];
static float image[measured::inputs];

int main() {
  constexpr int channels = measured::input.channels, pixels = measured::input.pixels();
  for (int i = 0; i < measured::inputs; i++)
    image[i % channels * pixels + i / channels] = float(mlperf_tiny::drawn_number(i));
  const board::Stopwatch watch;
  entry(image, scores);
  measured::report(scores, watch.ticks());
}
