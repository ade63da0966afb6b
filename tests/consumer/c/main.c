/* SPDX-License-Identifier: MIT */
/* A user's program in C: a file of its own network in memory, all zeros, makes both classes equally probable. */
#include <strata/infer/c_interface.h>

#include <stdio.h>
#include <string.h>

static const char header[] =
    "{\"0.weight\":{\"dtype\":\"F32\",\"shape\":[2,16],\"data_offsets\":[0,128]},"
    "\"0.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[128,136]}}";

int main(void) {
  unsigned char file[8 + sizeof header - 1 + 136] = {0};
  const float image[16] = {1};
  float scores[2] = {0, 0};
  strata_model* model = NULL;
  file[0] = sizeof header - 1;
  memcpy(file + 8, header, sizeof header - 1);
  if (strata_create_from_memory("exact", file, sizeof file, 1, &model) != STRATA_OK ||
      strata_predict(model, image, 16, scores, 2) != STRATA_OK) {
    fprintf(stderr, "consumer: %s\n", strata_error());
    return 1;
  }
  strata_destroy(model);
  printf("%g %g\n", (double)scores[0], (double)scores[1]);
  return scores[0] == 0.5f && scores[1] == 0.5f ? 0 : 1;
}
