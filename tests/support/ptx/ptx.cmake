# The code that nvcc generates, run on the CPU: its PTX, translated to C++ (translate.py). Left out where nvcc or Python
# is missing; only with gcc, as the code is the same whatever the host's compiler.
set(STRATA_RUNS_PTX OFF)
set(strata_ptx_folder ${CMAKE_CURRENT_LIST_DIR})
if(TARGET strata_test_own_kernels AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT STRATA_SANITIZED AND NOT CMAKE_CROSSCOMPILING
    AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  find_package(Python3 3.9 COMPONENTS Interpreter)
  if(NOT CUDAToolkit_NVCC_EXECUTABLE OR NOT Python3_FOUND)
    message(STATUS "tests cuda/device_code/* are left out: nvcc and Python 3.9 are not both installed")
  else()
    if(NOT DEFINED STRATA_NVCC_TAKES_COMPILER)  # it refuses hosts' compilers that are newer than it is
      file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/device_code/empty.cu "")
      execute_process(COMMAND ${CUDAToolkit_NVCC_EXECUTABLE} -ccbin ${CMAKE_CXX_COMPILER} -std=c++20
          -gencode arch=compute_75,code=compute_75 -c empty.cu -o empty.o
        WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/device_code RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
      string(COMPARE EQUAL "${code}" 0 works)
      set(STRATA_NVCC_TAKES_COMPILER ${works} CACHE INTERNAL "Whether nvcc compiles with CMAKE_CXX_COMPILER")
    endif()
    if(STRATA_NVCC_TAKES_COMPILER)
      set(STRATA_RUNS_PTX ON)
    else()
      message(STATUS "tests cuda/device_code/* are left out: nvcc does not work with ${CMAKE_CXX_COMPILER}")
    endif()
  endif()
endif()

if(STRATA_RUNS_PTX)
  # What runs translated kernels, with doctest's main; strata_test_ptx_on_device: also the memory of the stand-in device.
  add_library(strata_test_ptx OBJECT EXCLUDE_FROM_ALL)
  foreach(source executor fibers launch main races)
    target_sources(strata_test_ptx PRIVATE ${strata_ptx_folder}/${source}.cpp)
  endforeach()
  target_link_libraries(strata_test_ptx PUBLIC strata::developer strata::cuda_headers doctest::doctest)
  if(TARGET strata_test_gpu)
    add_library(strata_test_ptx_on_device OBJECT EXCLUDE_FROM_ALL ${strata_ptx_folder}/stand_in_memory.cpp
      ${CMAKE_CURRENT_SOURCE_DIR}/support/cuda/library.cpp)
    target_link_libraries(strata_test_ptx_on_device PUBLIC strata_test_cuda)
    target_sources(strata_test_ptx_on_device INTERFACE $<TARGET_OBJECTS:strata_test_cuda>)
  endif()
endif()

# strata_device_code(<target> <architecture> <source>): the source, compiled by nvcc for compute_<architecture>; what links
# the target launches kernels that run as translated PTX.
function(strata_device_code target architecture source)
  if(NOT STRATA_RUNS_PTX)
    return()
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/device_code/${target})
  file(MAKE_DIRECTORY ${folder})
  get_filename_component(base ${source} NAME_WE)
  add_library(${target} OBJECT EXCLUDE_FROM_ALL ${folder}/${base}.ptx.cpp)
  target_link_libraries(${target} PUBLIC strata::developer strata::cuda_headers)
  set(includes "$<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>")
  add_custom_command(OUTPUT ${folder}/${base}.o ${folder}/${base}.ptx
    COMMAND ${CUDAToolkit_NVCC_EXECUTABLE} -ccbin ${CMAKE_CXX_COMPILER} -x cu -std=c++20 --expt-relaxed-constexpr -O1
      "-I$<JOIN:${includes},;-I>" -gencode arch=compute_${architecture},code=compute_${architecture} --keep --keep-dir ${folder}
      -MD -MF ${folder}/${base}.d -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${folder}/${base}.o
    DEPENDS ${source} DEPFILE ${folder}/${base}.d COMMENT "Compiling ${source} for compute_${architecture}"
    JOB_POOL compile COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_command(OUTPUT ${folder}/${base}.ptx.cpp
    COMMAND ${Python3_EXECUTABLE} ${strata_ptx_folder}/translate.py ${folder}/${base}.ptx ${folder}/${base}.ptx.cpp
    DEPENDS ${folder}/${base}.ptx ${strata_ptx_folder}/translate.py ${strata_ptx_folder}/instructions.py
      ${strata_ptx_folder}/ptx_module.py VERBATIM)
  target_include_directories(${target} PRIVATE ${strata_ptx_folder})
  target_compile_options(${target} PRIVATE -Og -fwrapv -ffp-contract=off -w)
  set_source_files_properties(${folder}/${base}.o PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  target_sources(${target} INTERFACE ${folder}/${base}.o)
endfunction()

# strata_device_code_test(<name> [OF <test>] GROUP <group> LINK <target>... [PASSES <pass>...] [TIMEOUT <s>]): OF: the cases of another test,
# whose object files are linked with device code instead of the code that its own program has for the host; else a test whose
# file is among the device code. The tests of a group are one program. Passes: main.cpp.
function(strata_device_code_test name)
  strata_chosen(chosen ${name})
  if(NOT STRATA_RUNS_PTX OR NOT chosen)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OF;GROUP;TIMEOUT" "LINK;PASSES")
  set(file ${name})
  set(objects "")
  if(arg_OF)
    set(file ${arg_OF})
    get_property(objects GLOBAL PROPERTY strata_target_of_${arg_OF})
  endif()
  strata_missing(missing ${arg_LINK})
  if(missing OR (arg_OF AND NOT objects))
    message(STATUS "test ${name} is left out: needs ${missing} ${arg_OF}")
    return()
  endif()
  string(REPLACE "/" "_" target "test_${arg_GROUP}")
  if(NOT TARGET ${target})
    add_executable(${target})
    target_link_libraries(${target} PRIVATE strata_test_ptx ${arg_LINK})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin LINKER_LANGUAGE CXX)
  endif()
  get_target_property(linked ${target} strata_objects)
  if(objects AND NOT objects IN_LIST linked)
    set_property(TARGET ${target} APPEND PROPERTY strata_objects ${objects})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
  endif()
  set(arguments "--source-file=*/tests/${file}.cpp")
  if(arg_PASSES)
    list(JOIN arg_PASSES "," passes)
    list(APPEND arguments --passes=${passes})
  endif()
  add_test(NAME ${name} COMMAND ${target} ${arguments} WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} FAIL_REGULAR_EXPRESSION "test cases: +0 ")
  strata_built_for_test(${name} ${target} ${name})
endfunction()

# What nvcc compiles, for two generations: bfloat16 is emulated on the first.
strata_device_code(strata_test_own_kernels_sm_75 75 support/cuda/kernels.cpp)
strata_device_code(strata_test_own_kernels_sm_90 90 support/cuda/kernels.cpp)
strata_device_code(strata_test_functor_code_sm_90 90 support/cuda/functor_code.cpp)
strata_device_code(strata_test_whole_network_code_sm_90 90 support/cuda/whole_network_code.cpp)
strata_device_code(strata_test_faults_sm_90 90 cuda/device_code/faults.cpp)

# cuda/device_code/unknown_instruction: what the translation does not know stops it, with a sentence.
if(STRATA_RUNS_PTX AND NOT STRATA_TESTS STREQUAL "kernels")
  add_test(NAME cuda/device_code/unknown_instruction COMMAND ${Python3_EXECUTABLE} ${strata_ptx_folder}/translate.py
    ${strata_ptx_folder}/unknown_instruction.ptx ${PROJECT_BINARY_DIR}/tests/unknown_instruction.ptx.cpp)
  set_tests_properties(cuda/device_code/unknown_instruction PROPERTIES LABELS cuda PASS_REGULAR_EXPRESSION
    "^translate.py: unknown_instruction.ptx:15: the instruction 'vote.sync.any.pred %p1, %p1, -1' cannot be translated, since its opcode has no rule")
endif()
