# The functions that tests/CMakeLists.txt uses.

# doctest's main, compiled once. STRATA_DATA gives tests real data; without it they make their own.
add_library(strata_test_main OBJECT support/main.cpp)
target_link_libraries(strata_test_main PUBLIC strata::developer doctest::doctest)

# What depends on no network, compiled once for most tests of kernels and networks: strata_test_uses_kernels.
strata_add_kernels(strata_test_kernels strata::developer ${STRATA_KERNEL_TEST_FLAGS})

# The checks of back ends and plans, for the files that include their headers; of headers alone, and with kernels.
foreach(checks strata_test_checks strata_test_checks_with_kernels)
  add_library(${checks} OBJECT EXCLUDE_FROM_ALL support/check_backend.cpp support/check_plans.cpp)
  target_link_libraries(${checks} PUBLIC strata::developer doctest::doctest)
endforeach()
target_link_libraries(strata_test_checks_with_kernels PUBLIC strata_test_kernels)

# The counter of steps, for tests that are marked with STEPS.
add_library(strata_test_steps OBJECT support/steps.cpp)
target_link_libraries(strata_test_steps PUBLIC strata::developer)

# The driver of the programs of tests/fuzz, which counts their memory and steps.
add_library(strata_test_fuzz OBJECT EXCLUDE_FROM_ALL support/fuzz_main.cpp support/allocations.cpp)
target_link_libraries(strata_test_fuzz PUBLIC strata::developer)

# A predictor in code without exceptions and RTTI.
add_library(strata_test_embedded OBJECT support/embedded.cpp)
target_link_libraries(strata_test_embedded PUBLIC strata::developer)
target_compile_options(strata_test_embedded PRIVATE -fno-exceptions -fno-rtti)

# Headers of weights, which tests of programs that include them compile. The target strata_test_headers builds them.
add_executable(strata_test_write_headers EXCLUDE_FROM_ALL support/write_headers.cpp)
target_link_libraries(strata_test_write_headers PRIVATE strata::developer)
set(strata_headers_of_weights ${PROJECT_BINARY_DIR}/tests/headers_of_weights)
file(MAKE_DIRECTORY ${strata_headers_of_weights})
add_custom_command(OUTPUT ${strata_headers_of_weights}/mix_expected.hpp
  COMMAND strata_test_write_headers ${strata_headers_of_weights} DEPENDS strata_test_write_headers VERBATIM)
add_custom_target(strata_test_headers DEPENDS ${strata_headers_of_weights}/mix_expected.hpp)
add_library(strata_test_header_files INTERFACE)
target_include_directories(strata_test_header_files INTERFACE ${strata_headers_of_weights})
add_dependencies(strata_test_header_files strata_test_headers)

# The same trainings from headers alone, in a namespace of another name, and with strata::kernels.
add_library(strata_test_training_bits OBJECT EXCLUDE_FROM_ALL support/training_bits.cpp)
target_link_libraries(strata_test_training_bits PRIVATE strata_test_kernels)
target_compile_definitions(strata_test_training_bits PRIVATE STRATA_TRAINING_BITS=training_bits_of_kernels)
add_library(strata_test_training_bits_of_headers OBJECT EXCLUDE_FROM_ALL support/training_bits.cpp)
target_link_libraries(strata_test_training_bits_of_headers PRIVATE strata::developer)
target_compile_options(strata_test_training_bits_of_headers PRIVATE ${STRATA_KERNEL_TEST_FLAGS})
target_compile_definitions(strata_test_training_bits_of_headers PRIVATE
  strata=strata_of_headers STRATA_TRAINING_BITS=training_bits_of_headers)

# Makes system calls of the programs fail; it is preloaded (support/failing_calls.hpp).
if(NOT CMAKE_CROSSCOMPILING)
  add_library(strata_failing_calls SHARED support/failing_calls.cpp)
  target_link_libraries(strata_failing_calls PRIVATE ${CMAKE_DL_LIBS})
  set_target_properties(strata_failing_calls PROPERTIES CXX_STANDARD 20)
endif()

include(support/cuda/targets.cmake)
include(support/ptx/ptx.cmake)

# strata_chosen(<result> <name>): whether STRATA_TESTS selects the test.
function(strata_chosen result name)
  set(${result} TRUE PARENT_SCOPE)
  if(STRATA_TESTS STREQUAL "kernels" AND NOT name MATCHES "${strata_kernel_tests}")
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

include(support/cuda/cudnn.cmake)
include(support/languages/targets.cmake)

# Targets that build the tests: `tests` for all, `tests_of_cpu` for those that do not need CUDA, which have no label
# "cuda". tests/targets.txt in the build folder has a line "name target" for each test. Tests that are scripts need
# nothing built.
add_custom_target(tests)
add_custom_target(tests_of_cpu)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/targets.txt "")
function(strata_built_for_test name target)
  file(APPEND ${CMAKE_CURRENT_BINARY_DIR}/targets.txt "${name} ${target}\n")
  add_dependencies(tests ${target})
  if(ARGN MATCHES "cuda|gpu|cudnn|nccl|on_stand_in")
    set_tests_properties(${name} PROPERTIES LABELS cuda)
  else()
    add_dependencies(tests_of_cpu ${target})
  endif()
endfunction()

set(STRATA_KERNEL_TEST_FLAGS "" CACHE STRING "Further flags of the tests that depend on the instruction set")
set(STRATA_TEXT_TEST_FLAGS "" CACHE STRING "Further flags of the tests of files, words, programs and graphs")
set(STRATA_STEPS_TEST_FLAGS "" CACHE STRING "Further flags of the tests that count steps, which are those of optimized code")
set(STRATA_OTHER_TEST_FLAGS "" CACHE STRING "Further flags of all other tests")
function(strata_test_kind result name counts_steps)
  set(kind OTHER)
  if(counts_steps)
    set(kind STEPS)
  elseif(name MATCHES "${strata_kernel_tests}|^models/")  # those load, compare and run whole networks
    set(kind KERNEL)
  elseif(name MATCHES "${strata_text_tests}")
    set(kind TEXT)
  endif()
  set(${result} ${kind} PARENT_SCOPE)
endfunction()

# strata_test_uses_kernels(<result> <name> <counts steps>): "_with_kernels" if the test is compiled with
# strata_test_kernels, which halves its time, else "". The others are compiled from headers alone, as users compile: the
# predictors, some trainings, the GPU back end, what calls the inside of a kernel, and what is optimized otherwise than
# that library.
function(strata_test_uses_kernels result name counts_steps)
  set(${result} "" PARENT_SCOPE)
  strata_test_kind(kind ${name} "${counts_steps}")
  if(STRATA_TESTS STREQUAL "kernels" OR name MATCHES "^(cuda|dist|infer)/|^train/(best_model|checkpoint|groups|trainer)$|^cpu/(policy|xtensor|nhwc/winograd)$|^core/compile_once$")
    return()
  endif()
  if(kind STREQUAL "KERNEL" OR (kind STREQUAL "OTHER" AND NOT STRATA_OTHER_TEST_FLAGS MATCHES "-O0"))
    set(${result} _with_kernels PARENT_SCOPE)
  endif()
endfunction()

function(strata_test_flags target name counts_steps)
  strata_test_kind(kind ${name} "${counts_steps}")
  target_compile_options(${target} PRIVATE ${STRATA_${kind}_TEST_FLAGS})
  if(NOT counts_steps)  # whose files are compiled with more flags than these
    strata_precompile(${target} ${kind})
  endif()
endfunction()

# Eigen and the standard library take half of a small file's compile time, so they are precompiled once per kind of
# flags. No header of strata is among them: a change to one would recompile every test.
function(strata_precompile target kind)
  set(headers strata_precompiled_${kind})
  if(NOT TARGET ${headers})
    add_library(${headers} OBJECT EXCLUDE_FROM_ALL support/precompiled.cpp)
    target_link_libraries(${headers} PRIVATE strata::developer doctest::doctest)
    target_compile_options(${headers} PRIVATE ${STRATA_${kind}_TEST_FLAGS})
    target_precompile_headers(${headers} PRIVATE <doctest/doctest.h> <Eigen/Core> <algorithm> <filesystem> <fstream> <functional> <map>
      <memory> <set> <sstream> <string> <thread> <vector>)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${headers})
endfunction()

function(strata_test name)
  strata_chosen(chosen ${name})
  if(NOT chosen)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "FAKE_DRIVER;STEPS" "TIMEOUT;GROUP" "LINK;ARGS;RUNS")
  if(arg_FAKE_DRIVER)
    list(APPEND arg_RUNS strata_fake_driver)
  endif()
  strata_missing(missing ${arg_LINK} ${arg_RUNS})
  if(missing)
    message(STATUS "test ${name} is left out: needs ${missing}")
    return()
  endif()
  string(REPLACE "/" "_" target "test_${name}")
  if(arg_GROUP)  # several files in one program, compiled together: what they share is instantiated once
    string(REPLACE "/" "_" target "test_${arg_GROUP}")
    set(arg_ARGS "--source-file=*/tests/${name}.cpp")
  endif()
  set_property(GLOBAL PROPERTY strata_target_of_${name} ${target})
  if(TARGET ${target})
    target_sources(${target} PRIVATE ${name}.cpp)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 4)
  else()
    add_executable(${target} ${name}.cpp)
  endif()
  target_link_libraries(${target} PRIVATE strata_test_main ${arg_LINK})
  file(STRINGS ${name}.cpp checks REGEX "support/(check_backend|check_losses|check_plans|cuda_backend|gpu_backend)[.]hpp")
  strata_test_uses_kernels(with_kernels ${name} "${arg_STEPS}")
  if(with_kernels)
    target_link_libraries(${target} PRIVATE strata_test_kernels)
  endif()
  if(checks)
    target_link_libraries(${target} PRIVATE strata_test_checks${with_kernels})
  endif()
  strata_test_flags(${target} ${name} ${arg_STEPS})
  if(arg_STEPS)
    target_compile_options(${target} PRIVATE -fsanitize-coverage=trace-pc)
    target_link_libraries(${target} PRIVATE strata_test_steps)
  endif()
  if(arg_RUNS)
    add_dependencies(${target} ${arg_RUNS})
  endif()
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
  add_test(NAME ${name} COMMAND ${target} ${arg_ARGS} WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(CMAKE_CROSSCOMPILING)  # an emulator runs it
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 4")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} FAIL_REGULAR_EXPRESSION "test cases: +0 ")  # a filter that fits nothing
  strata_built_for_test(${name} ${target} ${name} ${arg_LINK} ${arg_RUNS})
  if(arg_FAKE_DRIVER)
    set_tests_properties(${name} PROPERTIES
      ENVIRONMENT "LD_LIBRARY_PATH=${STRATA_FAKE_DRIVER_FOLDER}:$ENV{LD_LIBRARY_PATH}")
  endif()
endfunction()

# On a bare Cortex-M. The cross compiler is the same whatever the host's: the preset gcc tests it.
function(strata_microcontroller_test)
  if(CMAKE_CROSSCOMPILING OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  find_program(STRATA_ARM_NONE_EABI arm-none-eabi-g++)
  find_program(STRATA_QEMU_SYSTEM_ARM qemu-system-arm)
  set(packages "gcc-arm-none-eabi, libnewlib-arm-none-eabi, libstdc++-arm-none-eabi-newlib")
  if(STRATA_ARM_NONE_EABI)
    execute_process(COMMAND ${STRATA_ARM_NONE_EABI} -std=c++20 -mcpu=cortex-m7 -x c++ -fsyntax-only -include span -include cmath /dev/null
      RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
  endif()
  if(NOT STRATA_ARM_NONE_EABI OR NOT code EQUAL 0)
    message(STATUS "test embed/microcontroller is left out: needs ${packages}")
    return()
  endif()
  if(NOT STRATA_QEMU_SYSTEM_ARM)
    message(STATUS "test embed/microcontroller compiles, but its program is left out: needs qemu-system-arm")
  endif()
  strata_script_test(embed/microcontroller microcontroller CROSS=${STRATA_ARM_NONE_EABI} QEMU=$<$<BOOL:${STRATA_QEMU_SYSTEM_ARM}>:${STRATA_QEMU_SYSTEM_ARM}>
    HEADERS=${strata_headers_of_weights})
  strata_built_for_test(embed/microcontroller strata_test_headers)
endfunction()

# embed/MACHINE: on Linux on another machine, with Debian's cross compiler of TRIPLE and QEMU's EMULATOR.
function(strata_other_linux_test machine triple emulator flags)
  if(CMAKE_CROSSCOMPILING OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  string(MAKE_C_IDENTIFIER ${machine} id)
  find_program(STRATA_CROSS_${id} ${triple}-g++)
  find_program(STRATA_EMULATOR_${id} NAMES ${emulator}-static ${emulator})
  if(NOT STRATA_CROSS_${id} OR NOT STRATA_EMULATOR_${id})
    message(STATUS "test embed/${machine} is left out: needs g++-${triple} and qemu-user")
    return()
  endif()
  strata_script_test(embed/${machine} other_linux CROSS=${STRATA_CROSS_${id}} QEMU=${STRATA_EMULATOR_${id}} MACHINE=${machine}
    FLAGS=${flags} HEADERS=${strata_headers_of_weights} EIGEN=$<TARGET_PROPERTY:Eigen3::Eigen,INTERFACE_INCLUDE_DIRECTORIES>)
  strata_built_for_test(embed/${machine} strata_test_headers)
endfunction()

# strata_script_test(<name> <script> [VAR=value]...): runs a CMake script of tests/support.
function(strata_script_test name script)
  set(definitions "")
  foreach(definition IN LISTS ARGN)
    list(APPEND definitions "-D${definition}")
  endforeach()
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DBUILD=${PROJECT_BINARY_DIR}
    -DCOMPILER=${CMAKE_CXX_COMPILER} ${definitions} -P ${CMAKE_CURRENT_SOURCE_DIR}/support/${script}.cmake)
  set_tests_properties(${name} PROPERTIES TIMEOUT 900)
endfunction()

# headers/alone/<base>: the headers that include the base, and others (support/alone.cmake). Only with gcc, which can use
# precompiled headers without further options; clang's warnings about a header appear in the header's own test.
function(strata_alone_tests)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  set(flags "FLAGS=${STRATA_TEST_CUDNN_FLAGS}")
  foreach(library IN LISTS CUDAToolkit_INCLUDE_DIRS STRATA_NCCL_INCLUDE_DIR)
    if(NOT library STREQUAL "/usr/include")  # which the compiler knows, and finds its own headers after
      string(APPEND flags " -isystem \"${library}\"")
    endif()
  endforeach()
  include(support/bases.cmake)
  strata_script_test(headers/alone/others alone BASE= ${flags})
  foreach(base IN LISTS strata_bases)
    strata_script_test(headers/alone/${base} alone BASE=${base} ${flags})
  endforeach()
endfunction()

function(strata_source_tests)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    strata_script_test(headers/names names)
  else()  # which call no compiler
    strata_script_test(list/complete list_complete)
    strata_script_test(list/layers layers_tested)
    strata_script_test(list/words words)
    strata_script_test(list/errors_page errors_page)  # include/strata/ERRORS.md explains every sentence of the compiler
    strata_script_test(headers/arrows arrows)
    strata_script_test(headers/switches switches)
    strata_script_test(headers/locale locale)
  endif()
  strata_script_test(headers/umbrella umbrella)
  strata_script_test(readme/compiles readme)
  strata_script_test(readme/tutorial tutorial)
  strata_alone_tests()
endfunction()

# Tests of the kernels' object code, for the instruction sets of the compiler's machine, independent of
# STRATA_ARCHITECTURE.
function(strata_object_tests)
  find_program(STRATA_NM nm)
  if(STRATA_NM AND NOT CMAKE_CROSSCOMPILING)
    strata_script_test(object/embedded embedded NM=${STRATA_NM} OBJECTS=$<TARGET_OBJECTS:strata_test_embedded>)
    strata_built_for_test(object/embedded strata_test_embedded)
  endif()
  strata_microcontroller_test()
  strata_other_linux_test(aarch64 aarch64-linux-gnu qemu-aarch64 "")
  strata_other_linux_test(armhf arm-linux-gnueabihf qemu-arm "")
  strata_other_linux_test(armhf-neon arm-linux-gnueabihf qemu-arm "-march=armv7-a -mfpu=neon-vfpv4")
  strata_other_linux_test(riscv riscv64-linux-gnu qemu-riscv64 "")
  set(objdump ${CMAKE_OBJDUMP})
  if(NOT CMAKE_CROSSCOMPILING)  # next to clang CMake finds LLVM's, whose output differs
    find_program(STRATA_OBJDUMP objdump)
    set(objdump ${STRATA_OBJDUMP})
  endif()
  if(NOT objdump)
    message(STATUS "test object/spills is left out: objdump of the binutils is not installed")
    return()
  endif()
  strata_script_test(object/spills spills OBJDUMP=${objdump})
  if(TARGET strata::cuda)
    strata_script_test(object/device_kernels device_kernels NVCC=${CMAKE_CUDA_COMPILER} TOOLKIT=${CUDAToolkit_VERSION}
      CUDA_INCLUDE=${CUDAToolkit_INCLUDE_DIRS})
  endif()
  if(TARGET strata::cuda)
    strata_script_test(object/occupancy occupancy NVCC=${CMAKE_CUDA_COMPILER} CUDA_INCLUDE=${CUDAToolkit_INCLUDE_DIRS})
  endif()
endfunction()

function(strata_reject_tests)
  set(recent "")
  file(GLOB zig ${PROJECT_SOURCE_DIR}/build/ziglang/lib/python3.*/site-packages/ziglang/zig)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND zig)
    set(recent ZIG=${zig})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/reject reject/*.cpp)
  foreach(source IN LISTS sources)
    string(REGEX REPLACE "[.]cpp$" "" name ${source})
    strata_script_test(reject/${name} reject FILE=${CMAKE_CURRENT_SOURCE_DIR}/reject/${source} ${recent})
  endforeach()
endfunction()

function(strata_consumer_tests)
  set(ways find_package add_subdirectory kernels)
  if(TARGET strata::safetensors)
    list(APPEND ways experiment c)
  endif()
  if(TARGET strata::safetensors AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")  # find_package with another program
    list(APPEND ways tutorial)
  endif()
  find_package(benchmark QUIET)
  if(TARGET strata::safetensors AND benchmark_FOUND)
    list(APPEND ways benchmark)
  endif()
  if(TARGET strata::cuda)
    list(APPEND ways gpu)
  endif()
  foreach(way IN LISTS ways)
    strata_script_test(consumer/${way} consumer WAY=${way} GENERATOR=${CMAKE_GENERATOR} CUDNN_FRONTEND=${STRATA_CUDNN_FRONTEND})
  endforeach()
endfunction()

# consumer/package: the Debian package and pkg-config; not again with clang, since neither knows the compiler.
# consumer/single_header: the header in one file. consumer/compilers: a few cells of matrix.py, with the compiler of the
# build.
function(strata_package_tests)
  find_program(STRATA_PKG_CONFIG pkg-config)
  find_program(STRATA_CPACK cpack)
  find_program(STRATA_DPKG dpkg)
  find_package(Python3 3.9 COMPONENTS Interpreter)
  if(STRATA_INSTALL AND STRATA_PKG_CONFIG AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    strata_script_test(consumer/package package PKG_CONFIG=${STRATA_PKG_CONFIG} CPACK=$<$<BOOL:${STRATA_CPACK}>:${STRATA_CPACK}>
      DPKG=$<$<BOOL:${STRATA_DPKG}>:${STRATA_DPKG}>)
  elseif(NOT STRATA_PKG_CONFIG)
    message(STATUS "test consumer/package is left out: needs pkg-config")
  endif()
  get_target_property(eigen Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
  string(REGEX REPLACE "^\\$<BUILD_INTERFACE:([^>]*)>.*" "\\1" eigen "${eigen}")
  strata_script_test(consumer/single_header single_header EIGEN=${eigen})
  if(Python3_FOUND)
    add_test(NAME consumer/compilers COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/matrix.py --sample
      --compilers ${CMAKE_CXX_COMPILER} --eigen ${eigen} --folder ${PROJECT_BINARY_DIR}/tests/matrix)
    set_tests_properties(consumer/compilers PROPERTIES TIMEOUT 900)
  else()
    message(STATUS "test consumer/compilers is left out: Python 3.9 or newer is not installed")
  endif()
endfunction()

# mutants/sample: a few of the faults of mutants.ini, put into the library one by one; a test must notice each. Only with
# gcc, since a second compiler would say the same.
function(strata_mutants_test)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  find_package(Python3 3.9 COMPONENTS Interpreter)
  if(NOT Python3_FOUND)
    message(STATUS "test mutants/sample is left out: Python 3.9 or newer is not installed")
    return()
  endif()
  add_test(NAME mutants/sample COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/mutants.py --sample 5)
  set_tests_properties(mutants/sample PROPERTIES TIMEOUT 900 LABELS mutants ENVIRONMENT "CXX=${CMAKE_CXX_COMPILER}")
endfunction()

# docs/complete: the API reference builds, and no public name lacks a part of its comment. Only with gcc, since a second
# compiler would say the same.
function(strata_docs_test)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  find_package(Python3 3.9 COMPONENTS Interpreter)
  find_program(STRATA_DOXYGEN doxygen)
  if(NOT Python3_FOUND OR NOT STRATA_DOXYGEN)
    message(STATUS "test docs/complete is left out: Doxygen and Python 3.9 are not both installed")
    return()
  endif()
  strata_script_test(docs/complete docs_complete DOXYGEN=${STRATA_DOXYGEN} PYTHON=${Python3_EXECUTABLE})
endfunction()

# list/tidy: the format of all files, and what clang-tidy says of headers, changed sources and a sample. Only with clang, whose
# commands it reads.
function(strata_tidy_test)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    return()
  endif()
  find_package(Python3 3.9 COMPONENTS Interpreter)
  find_program(STRATA_CLANG_FORMAT clang-format-14)
  find_program(STRATA_CLANG_TIDY clang-tidy-14)
  if(NOT Python3_FOUND OR NOT STRATA_CLANG_FORMAT OR NOT STRATA_CLANG_TIDY)
    message(STATUS "test list/tidy is left out: clang-format-14, clang-tidy-14 and Python 3.9 are not all installed")
    return()
  endif()
  add_test(NAME list/tidy COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/tidy.py --build ${PROJECT_BINARY_DIR}
    --jobs 1 --seconds 120 --list-sources)
  set_tests_properties(list/tidy PROPERTIES TIMEOUT 900)
endfunction()

# strata_fuzz_test(<name> [LINK <target>...]): tests/fuzz/<name>.cpp, run on damaged copies of its seeds. With clang,
# -DSTRATA_FUZZER=ON makes libFuzzer programs of them instead, which tests/fuzz/run.sh builds and runs.
option(STRATA_FUZZER "Build tests/fuzz with clang's libFuzzer" OFF)
function(strata_fuzz_test name)
  strata_chosen(chosen fuzz/${name})
  if(NOT chosen)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  strata_missing(missing ${arg_LINK})
  if(missing)
    message(STATUS "test fuzz/${name} is left out: needs ${missing}")
    return()
  endif()
  add_executable(fuzz_${name} fuzz/${name}.cpp)
  target_link_libraries(fuzz_${name} PRIVATE strata::developer ${arg_LINK})
  strata_test_flags(fuzz_${name} fuzz/${name} TRUE)
  set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
  if(STRATA_FUZZER)
    set(sanitizers -fsanitize=fuzzer,address,undefined,float-cast-overflow -fno-sanitize-recover=all)
    target_sources(fuzz_${name} PRIVATE support/fuzz_seeds.cpp)
    target_compile_options(fuzz_${name} PRIVATE ${sanitizers} -fprofile-instr-generate -fcoverage-mapping)
    target_link_options(fuzz_${name} PRIVATE ${sanitizers} -fprofile-instr-generate)
    return()
  endif()
  target_compile_options(fuzz_${name} PRIVATE -fsanitize-coverage=trace-pc)
  target_link_libraries(fuzz_${name} PRIVATE strata_test_fuzz strata_test_steps)
  add_test(NAME fuzz/${name} COMMAND fuzz_${name})
  strata_built_for_test(fuzz/${name} fuzz_${name})
  set_tests_properties(fuzz/${name} PROPERTIES TIMEOUT 300)
endfunction()
