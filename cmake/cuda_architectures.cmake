# strata_cuda_architectures(<variable> <version>): the GPUs that a CUDA toolkit of this version compiles for by default, as
# CMAKE_CUDA_ARCHITECTURES has them: one of each generation that it knows, and for later ones the newest as PTX, which the
# driver compiles when the program starts.
#   70 Volta (V100)   75 Turing (T4)   80, 86 Ampere (A100, RTX 30)   89 Ada (L4, RTX 40)   90 Hopper (H100)
#   100, 120 Blackwell (B200, RTX 50)
function(strata_cuda_architectures variable version)
  set(architectures 75 80 86 89 90)
  if(version VERSION_LESS 13)
    list(PREPEND architectures 70)
  endif()
  if(version VERSION_GREATER_EQUAL 12.8)
    list(APPEND architectures 100 120)
  endif()
  list(TRANSFORM architectures APPEND -real)
  list(POP_BACK architectures newest)
  string(REPLACE -real "" newest ${newest})  # without a suffix: the GPU's code and PTX
  list(APPEND architectures ${newest})
  set(${variable} ${architectures} PARENT_SCOPE)
endfunction()
