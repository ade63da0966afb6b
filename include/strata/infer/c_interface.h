/* SPDX-License-Identifier: MIT */
/* The C interface of a shared library with trained networks, for C99 and later, C++, and all languages that call C. Who
 * writes such a library includes c_interface.hpp in one file of C++ (strata_add_c_library() of CMake builds it).
 *
 * Images are [image][row][column][channel], without gaps, as floats or as bytes. Results are scores of the same layout,
 * or classes: one per image, or one per pixel of a network that ends in a map. All sizes are numbers of elements, not
 * of bytes; an array of another size is refused, and nothing is written. The library keeps no pointer that it is given.
 *
 * A function that can fail returns a strata_status. If it is not STRATA_OK, strata_error() explains it in one sentence,
 * and no argument has changed. No C++ exception leaves the library.
 *
 * Which calls may run at once, in any number of threads:
 *   - all functions that take a const strata_model*, on the same model or on different ones. Predictions of one model
 *     take turns, each on all threads of the model; those of different models run side by side;
 *   - strata_create_...(), and all functions without a model. strata_error() is that of the calling thread.
 * strata_destroy() ends a model: no other call may use it then or later. After fork(), parent and child each have a
 * copy of the models and may use it. */
#ifndef STRATA_INFER_C_INTERFACE_H
#define STRATA_INFER_C_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

/* The version of this interface. It rises with every function or type that is added, changed or removed: a library
 * works for programs that were compiled with its version. */
#define STRATA_ABI_VERSION 2

#ifdef __cplusplus
extern "C" {
#endif
/* NOLINTBEGIN(modernize-use-using): this is C */

/* A network with its weights. */
typedef struct strata_model strata_model;

typedef struct strata_shape {
  int32_t height;   /* rows */
  int32_t width;    /* columns */
  int32_t channels; /* numbers per pixel */
} strata_shape;

typedef enum strata_status {
  STRATA_OK = 0,
  STRATA_INVALID_ARGUMENT = 1, /* a null pointer, a wrong size, an unknown network */
  STRATA_INVALID_FILE = 2,     /* it cannot be read, is damaged, or belongs to another network */
  STRATA_OUT_OF_MEMORY = 3,    /* or of threads */
  STRATA_FAILED = 4            /* anything else */
} strata_status;

/* The STRATA_ABI_VERSION that the library was compiled with. A program that may meet another library than the one it
 * was built with compares it with its own before it calls anything else. */
int32_t strata_abi_version(void);

/* What was wrong in the last call of this thread that failed: one sentence in UTF-8, empty if none did. It stays valid
 * until the thread's next call that fails. */
const char* strata_error(void);

/* The networks of the library: their number, and their names, from 0; null beyond them. */
int32_t strata_network_count(void);
const char* strata_network_name(int32_t index);

/* Writes to *model a new model of the network of that name, with the weights of a file in the safetensors format, which
 * may be in memory. threads: how many predict, the caller's included; 0: one per core available to the process. */
strata_status strata_create_from_file(const char* network, const char* path, int32_t threads, strata_model** model);
strata_status strata_create_from_memory(const char* network, const void* file, size_t bytes, int32_t threads,
                                        strata_model** model);

/* Ends the model and its threads; null is allowed. */
void strata_destroy(strata_model* model);

/* The name of the model's network; null if the model is. It stays valid as long as the model. */
const char* strata_model_name(const strata_model* model);

/* The shape of one image, and of one image's scores; of the first source, and of the first head. */
strata_status strata_input_shape(const strata_model* model, strata_shape* shape);
strata_status strata_output_shape(const strata_model* model, strata_shape* shape);

/* The sources that the network reads and the heads that it gives, in the order in which it declares them: their
 * numbers, at least 1, or 0 where the model is null; their names in UTF-8, empty where the network has only one and did
 * not name it, null beyond them; and the shapes of one image. The names stay valid as long as the model. */
int32_t strata_source_count(const strata_model* model);
int32_t strata_head_count(const strata_model* model);
const char* strata_source_name(const strata_model* model, int32_t index);
const char* strata_head_name(const strata_model* model, int32_t index);
strata_status strata_source_shape(const strata_model* model, int32_t index, strata_shape* shape);
strata_status strata_head_shape(const strata_model* model, int32_t index, strata_shape* shape);

/* The names of the classes, of the first head, if the file has them: their number, which is that of the output's
 * channels or 0, and their names in UTF-8, from 0; null beyond them. They stay valid as long as the model. */
int32_t strata_class_count(const strata_model* model);
const char* strata_class_name(const strata_model* model, int32_t index);

/* Writes the scores of images to scores. The number of images follows from images_size. Networks with several sources
 * or heads are refused: call strata_predict_heads(). */
strata_status strata_predict(const strata_model* model, const float* images, size_t images_size, float* scores,
                             size_t scores_size);
strata_status strata_predict_bytes(const strata_model* model, const uint8_t* images, size_t images_size, float* scores,
                                   size_t scores_size);

/* The images of one source, and where the scores of one head go. */
typedef struct strata_images {
  const float* floats;  /* or null: they are bytes */
  const uint8_t* bytes; /* or null: they are floats */
  size_t size;          /* in elements */
} strata_images;
typedef struct strata_scores {
  float* scores;
  size_t size; /* in elements */
} strata_scores;

/* The same for any network: predicts from as many images of each source, and writes the scores of each head. sources
 * and heads have one element for each that the network has, in the order of their numbers. */
strata_status strata_predict_heads(const strata_model* model, const strata_images* sources, int32_t source_count,
                                   const strata_scores* heads, int32_t head_count);

/* Writes the most probable class of each image, or pixel, to classes: the first of equal ones. A network with a single
 * output channel has no classes and is refused, as are networks with several sources or heads. */
strata_status strata_classify(const strata_model* model, const float* images, size_t images_size, int32_t* classes,
                              size_t classes_size);
strata_status strata_classify_bytes(const strata_model* model, const uint8_t* images, size_t images_size,
                                    int32_t* classes, size_t classes_size);

/* NOLINTEND(modernize-use-using) */
#ifdef __cplusplus
}
#endif

#endif /* STRATA_INFER_C_INTERFACE_H */
