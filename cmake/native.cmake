# strata::native is strata::strata with the vector instructions of the machine that compiles, using only flags that its
# compiler accepts. Without -mprefer-vector-width=512, compilers use 256-bit vectors even with AVX-512.
include(CheckCXXCompilerFlag)
if(NOT TARGET strata::native)
  add_library(strata::native INTERFACE IMPORTED)
  set_target_properties(strata::native PROPERTIES IMPORTED_GLOBAL TRUE)
  target_link_libraries(strata::native INTERFACE strata::strata)
  foreach(flag -march=native -mprefer-vector-width=512)
    string(MAKE_C_IDENTIFIER "strata_accepts${flag}" accepted)
    check_cxx_compiler_flag(${flag} ${accepted})
    if(${accepted})
      target_compile_options(strata::native INTERFACE ${flag})
    endif()
  endforeach()
  # Without it gcc leaves the upper halves of vectors in use below -O2, after which each call of libm takes 20 times as long.
  target_compile_options(strata::native INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fexpensive-optimizations>)
endif()
