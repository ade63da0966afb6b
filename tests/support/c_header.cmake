# strata/infer/c_interface.h compiles without a warning in each standard of C and C++ that it promises, and needs nothing of
# C++: a file of C uses all of its types.
cmake_minimum_required(VERSION 3.22)
set(file ${BUILD}/tests/c_header)
file(MAKE_DIRECTORY ${BUILD}/tests)
file(WRITE ${file}.c "#include <strata/infer/c_interface.h>
#include <strata/infer/c_interface.h>
int predict(const strata_model *model, const float *image, float *score);
int predict(const strata_model *model, const float *image, float *score) {
  strata_shape input;
  strata_images images = { image, NULL, 4 };
  strata_scores scores = { score, 1 };
  strata_status status = strata_input_shape(model, &input);
  if (status != STRATA_OK || strata_abi_version() != STRATA_ABI_VERSION) return 1;
  if (strata_predict_heads(model, &images, 1, &scores, 1) != STRATA_OK) return 1;
  return strata_predict(model, image, (size_t)(input.height * input.width * input.channels), score, 1) == STRATA_OK;
}
")
configure_file(${file}.c ${file}.cpp COPYONLY)
set(warnings -pedantic -Wall -Wextra -Werror -Wconversion -I${SOURCE}/include -fsyntax-only)
foreach(command IN ITEMS "${C_COMPILER};-std=c99;-Wstrict-prototypes;${file}.c" "${C_COMPILER};-std=c11;-Wstrict-prototypes;${file}.c"
    "${COMPILER};-std=c++11;${file}.cpp" "${COMPILER};-std=c++20;${file}.cpp")
  execute_process(COMMAND ${command} ${warnings} RESULT_VARIABLE code ERROR_VARIABLE errors)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${command}\n${errors}")
  endif()
endforeach()
