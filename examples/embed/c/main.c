/* SPDX-License-Identifier: MIT */
/* A trained network in a C program: embed_c MODEL.safetensors PICTURE.txt [NETWORK] */
#include <strata/infer/c_interface.h>

#include <stdio.h>
#include <stdlib.h>

/* Reads lines of characters: '#' is full ink, '+' half ink, all others none. Only those within the shape count. */
static int read_picture(const char* path, strata_shape shape, uint8_t* image) {
  FILE* file = fopen(path, "r");
  int row = 0, column = 0, c;
  if (!file) return 0;
  while ((c = fgetc(file)) != EOF) {
    if (c == '\n') {
      row++, column = 0;
      continue;
    }
    if (row < shape.height && column < shape.width)
      image[row * shape.width + column] = c == '#' ? 255 : c == '+' ? 128 : 0;
    column++;
  }
  fclose(file);
  return 1;
}

static int classify(const strata_model* model, const char* picture) {
  strata_shape input, output;
  strata_input_shape(model, &input);
  strata_output_shape(model, &output);
  if (input.channels != 1 || output.height != 1 || output.width != 1) {
    fprintf(stderr, "embed_c: the network '%s' does not classify gray images\n", strata_model_name(model));
    return 1;
  }
  const size_t pixels = (size_t)input.height * (size_t)input.width, classes = (size_t)output.channels;
  uint8_t* image = calloc(pixels, 1);
  float* scores = malloc(classes * sizeof *scores);
  int status = 1;
  if (!image || !scores) {
    fprintf(stderr, "embed_c: there is not enough memory\n");
  } else if (!read_picture(picture, input, image)) {
    fprintf(stderr, "embed_c: %s cannot be read; name a file of lines of characters, with # for ink\n", picture);
  } else if (strata_predict_bytes(model, image, pixels, scores, classes) != STRATA_OK) {
    fprintf(stderr, "embed_c: %s\n", strata_error());
  } else {
    int32_t best = 0;
    for (int32_t i = 1; i < output.channels; i++)
      if (scores[i] > scores[best]) best = i;
    const char* name = strata_class_name(model, best);
    if (name) printf("It is a %s (%.1f %%).\n", name, 100 * (double)scores[best]);
    else printf("It is a %d (%.1f %%).\n", (int)best, 100 * (double)scores[best]);
    status = 0;
  }
  free(scores);
  free(image);
  return status;
}

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    fprintf(stderr, "usage: %s MODEL.safetensors PICTURE.txt [NETWORK]\nnetworks:", argv[0]);
    for (int32_t i = 0; i < strata_network_count(); i++) fprintf(stderr, " %s", strata_network_name(i));
    fputc('\n', stderr);
    return 2;
  }
  if (strata_abi_version() != STRATA_ABI_VERSION) {
    fprintf(stderr, "embed_c: the library has version %d of the interface, but this program was compiled for %d\n",
            (int)strata_abi_version(), STRATA_ABI_VERSION);
    return 1;
  }
  strata_model* model;
  if (strata_create_from_file(argc == 4 ? argv[3] : "digits", argv[1], 1, &model) != STRATA_OK) {
    fprintf(stderr, "embed_c: %s\n", strata_error());
    return 1;
  }
  const int status = classify(model, argv[2]);
  strata_destroy(model);
  return status;
}
