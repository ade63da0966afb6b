// SPDX-License-Identifier: MIT
// A trained network embedded in a program: embed WEIGHTS.f32 [PICTURE.txt]; without a file, the drawing is read from
// stdin. All data is in static memory; nothing here allocates or throws.
#include <strata/infer/predictor.hpp>
#include <strata/models/digits.hpp>

#include <sys/stat.h>

#include <cstdio>

namespace {

using Digit = strata::Predictor<strata::Digits<8, 16, 32>>;

Digit::Storage storage;
float parameters[Digit::parameter_floats], buffers[Digit::buffer_floats];
std::uint8_t image[Digit::input_floats];

/// A weights file is all parameters, then all buffers, as floats of this machine, in the order of Model<Net>.
bool read_weights(const char* path) {
  struct stat status;
  if (::stat(path, &status) != 0 || !S_ISREG(status.st_mode)) return false;  // reading a pipe might block forever
  std::FILE* file = std::fopen(path, "rb");
  if (!file) return false;
  bool whole = std::fread(parameters, sizeof(float), Digit::parameter_floats, file) == Digit::parameter_floats;
  whole = whole && std::fread(buffers, sizeof(float), Digit::buffer_floats, file) == Digit::buffer_floats;
  whole = whole && std::fgetc(file) == EOF;
  std::fclose(file);
  return whole;
}

/// Reads lines of characters: '#' is full ink, '+' half ink, all others none. Only the first 28 x 28 count.
void read_picture(std::FILE* file) {
  int row = 0, column = 0;
  for (int c; (c = std::fgetc(file)) != EOF;) {
    if (c == '\n') {
      row++, column = 0;
      continue;
    }
    if (row < Digit::input.height && column < Digit::input.width)
      image[row * Digit::input.width + column] = c == '#' ? 255 : c == '+' ? 128 : 0;
    column++;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: %s WEIGHTS.f32 [PICTURE.txt]\n", argv[0]);
    return 2;
  }
  if (!read_weights(argv[1])) {
    std::fprintf(stderr, "embed: the weights cannot be read or are not %zu floats; embed_weights writes such a file\n",
                 Digit::parameter_floats + Digit::buffer_floats);
    return 1;
  }
  std::FILE* picture = argc == 3 ? std::fopen(argv[2], "r") : stdin;
  if (!picture) {
    std::fprintf(stderr,
                 "embed: the picture cannot be read; name a file of 28 lines of 28 characters, with # for ink\n");
    return 1;
  }
  read_picture(picture);

  Digit digit(storage, parameters, buffers);  // folds and packs the weights; their arrays may be reused
  float probability[Digit::output_floats];
  digit.run(image, probability);

  for (std::size_t i = 0; i < Digit::output_floats; i++) {
    std::printf("%zu %5.1f %% ", i, 100 * double(probability[i]));
    for (int k = 0; k < int(probability[i] * 50 + 0.5f); k++) std::putchar('#');
    std::putchar('\n');
  }
  std::printf("It is a %d.\n", digit.classify(image));
  return std::fflush(stdout) == 0 && !std::ferror(stdout) ? 0 : 1;
}
