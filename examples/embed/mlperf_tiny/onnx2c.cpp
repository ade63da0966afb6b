// SPDX-License-Identifier: MIT
// The same around the C code that onnx2c writes for a network: its function takes an image as [C][H][W].
#include "drawing.hpp"

extern "C" void entry(const float* image, float* scores);

static float scores[drawing::outputs];
static float image[drawing::inputs];

int main() {
  constexpr int channels = drawing::input.channels, pixels = drawing::input.pixels();
  for (int i = 0; i < drawing::inputs; i++) image[i % channels * pixels + i / channels] = float(drawing::number(i));
  const board::Stopwatch watch;
  entry(image, scores);
  drawing::report(scores, watch.ticks());
}
