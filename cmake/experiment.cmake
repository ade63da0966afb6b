# strata_experiment(<name> HEADER <header> TASK <task> [SOURCES <source>...] [LINK <target>...] [DEFAULTS <options>] [KERNELS])
# builds a program for each candidate of a sweep within its budgets, and the program <name>, which trains them all.
#   HEADER    defines the task (strata/experiment/task.hpp) and its sweep; it needs no more than strata and its own folder
#   TASK      the task, with its namespace
#   SOURCES   what the header only declares, such as the task's data(); compiled once
#   LINK      targets of the sources and the candidates; strata::native is always linked
#   DEFAULTS  designated initializers of strata::experiment::RunOptions, such as ".epochs = 8, .halving = 3"
#   KERNELS   compiles the kernels that depend on no network once (kernels.cmake), which takes as long as four candidates
#             and halves the time of each
# The header is compiled while CMake configures, to know its candidates; CMake configures again when it changes. A
# candidate that does not compile is not an error: it becomes a row of the results. Candidates are compiled in a job pool
# of Ninja that keeps within the machine's memory, at STRATA_CANDIDATE_MEMORY MiB each.
set(STRATA_CANDIDATE_MEMORY 1024 CACHE STRING "MiB of memory for the compiler of one candidate of an experiment")

# Collects a target's flags for the compiler, and those of what it links, into strata_flags of the caller. Generator
# expressions other than BUILD_INTERFACE are left out.
function(strata_collect_flags target)
  if(NOT TARGET ${target} OR target IN_LIST strata_collected)
    return()
  endif()
  list(APPEND strata_collected ${target})
  foreach(property IN ITEMS INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS LINK_LIBRARIES)
    get_target_property(values ${target} INTERFACE_${property})
    if(NOT values)
      continue()
    endif()
    string(REGEX REPLACE "\\$<BUILD_INTERFACE:([^>]*)>" "\\1" values "${values}")
    foreach(value IN LISTS values)
      if(value MATCHES "\\$<|^$")
        continue()
      elseif(property STREQUAL "INCLUDE_DIRECTORIES")
        list(APPEND strata_flags -I${value})
      elseif(property STREQUAL "COMPILE_DEFINITIONS")
        list(APPEND strata_flags -D${value})
      elseif(property STREQUAL "COMPILE_OPTIONS")
        list(APPEND strata_flags ${value})
      else()
        strata_collect_flags(${value})
      endif()
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES strata_flags)
  set(strata_flags ${strata_flags} PARENT_SCOPE)
  set(strata_collected ${strata_collected} PARENT_SCOPE)
endfunction()

# Those of strata itself, taken here, where the targets that it links are visible.
set(strata_flags "")
set(strata_collected "")
strata_collect_flags(strata::native)
set_property(GLOBAL PROPERTY strata_native_flags "${strata_flags}")

# Sets strata_candidates to the lines of the header's candidates ("STRATA-CANDIDATE index parameters MACs name").
# Compiles the header only if it, what it includes, or a flag has changed since.
function(strata_list_candidates name folder header task)
  set(list ${folder}/list.cpp)
  set(text "#include \"${header}\"\n#include <strata/experiment/listing.hpp>\n")
  foreach(part RANGE 399)  # as many as the largest sweep has
    string(APPEND text "static_assert(strata::experiment::judged_part<${task}::Candidates, ${part}>);\ninline void strata_part_${part}() {}\n")
  endforeach()
  string(APPEND text "extern const char* const* const strata_candidates;\n"
    "const char* const* const strata_candidates = strata::experiment::Listing<${task}>::all;\n")
  file(CONFIGURE OUTPUT ${list} CONTENT "${text}" @ONLY)
  get_property(strata_flags GLOBAL PROPERTY strata_native_flags)
  set(strata_collected "")
  foreach(target IN LISTS ARGN)
    strata_collect_flags(${target})
  endforeach()
  separate_arguments(own UNIX_COMMAND "${CMAKE_CXX_FLAGS}")
  set(command ${CMAKE_CXX_COMPILER} -std=c++20 ${own} ${strata_flags} -w -O0 -c ${list} -o ${folder}/list.o -MMD -MF ${folder}/list.d)
  set(current FALSE)
  if(EXISTS ${folder}/list.o AND EXISTS ${folder}/list.d AND EXISTS ${folder}/list.command)
    file(READ ${folder}/list.command before)
    file(READ ${folder}/list.d inputs)
    string(REGEX REPLACE "^[^:]*:|\\\\\n" " " inputs "${inputs}")
    separate_arguments(inputs UNIX_COMMAND "${inputs}")
    if(before STREQUAL "${command}")
      set(current TRUE)
    endif()
    foreach(input IN LISTS inputs)
      if(NOT EXISTS ${input} OR ${input} IS_NEWER_THAN ${folder}/list.o)
        set(current FALSE)
      endif()
    endforeach()
  endif()
  if(NOT current)
    message(STATUS "${name}: judging the candidates of ${task}")
    execute_process(COMMAND ${command} RESULT_VARIABLE code ERROR_VARIABLE errors)
    if(NOT code EQUAL 0)
      file(REMOVE ${folder}/list.o)
      string(SUBSTRING "${errors}" 0 4000 errors)
      message(FATAL_ERROR "strata_experiment(${name}): ${header} does not compile by itself; it may use strata, the standard library, "
        "its own folder, and what LINK names:\n${errors}")
    endif()
    file(WRITE ${folder}/list.command "${command}")
    file(READ ${folder}/list.d inputs)
    string(REGEX REPLACE "^[^:]*:|\\\\\n" " " inputs "${inputs}")
    separate_arguments(inputs UNIX_COMMAND "${inputs}")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${inputs})
  file(STRINGS ${folder}/list.o lines REGEX "^STRATA-(CANDIDATE|SWEEP) ")
  list(FILTER lines EXCLUDE REGEX "^STRATA-(CANDIDATE|SWEEP) $")
  set(strata_candidates "${lines}" PARENT_SCOPE)
endfunction()

# Creates the pool in which candidates are compiled, as wide as cores and memory allow; sets strata_jobs.
function(strata_candidate_pool)
  cmake_host_system_information(RESULT jobs QUERY NUMBER_OF_LOGICAL_CORES)
  cmake_host_system_information(RESULT memory QUERY TOTAL_PHYSICAL_MEMORY)  # MiB
  math(EXPR most "${memory} / ${STRATA_CANDIDATE_MEMORY}")
  if(most LESS 1)
    set(most 1)
  endif()
  if(most LESS jobs)
    set(jobs ${most})
  endif()
  get_property(pools GLOBAL PROPERTY JOB_POOLS)
  if(NOT pools MATCHES "strata_candidates=")
    set_property(GLOBAL APPEND PROPERTY JOB_POOLS strata_candidates=${jobs})
  endif()
  set(strata_jobs ${jobs} PARENT_SCOPE)
endfunction()

function(strata_experiment name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "KERNELS" "HEADER;TASK;DEFAULTS" "SOURCES;LINK")
  if(NOT arg_HEADER OR NOT arg_TASK)
    message(FATAL_ERROR "strata_experiment(${name}): HEADER and TASK are needed, the header that defines the task and the task's name")
  endif()
  if(NOT TARGET strata::safetensors)
    message(FATAL_ERROR "strata_experiment(${name}): needs strata::safetensors; install nlohmann-json, and name the component "
      "safetensors in find_package(strata ...)")
  endif()
  get_filename_component(header ${arg_HEADER} ABSOLUTE)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name}.experiment)
  set(programs ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  if(NOT programs)
    set(programs ${CMAKE_CURRENT_BINARY_DIR})
  endif()
  set(programs ${programs}/${name}.candidates)
  file(MAKE_DIRECTORY ${folder} ${programs})
  strata_list_candidates(${name} ${folder} ${header} ${arg_TASK} ${arg_LINK})
  string(REPLACE ";" "\n" list "${strata_candidates}")
  file(CONFIGURE OUTPUT ${programs}/candidates.txt CONTENT "${list}\n" @ONLY)
  set(chosen ${strata_candidates})
  list(FILTER chosen INCLUDE REGEX "^STRATA-CANDIDATE")
  list(LENGTH chosen count)
  if(count EQUAL 0)
    message(FATAL_ERROR "strata_experiment(${name}): no candidate of ${arg_TASK} is within the budgets")
  endif()
  strata_candidate_pool()
  if(CMAKE_GENERATOR MATCHES "Ninja")
    message(STATUS "${name}: ${count} candidates, ${strata_jobs} compiled at once")
  else()
    message(STATUS "${name}: ${count} candidates; compile at most ${strata_jobs} at once: cmake --build ... --target ${name} -j ${strata_jobs}")
  endif()

  # What is compiled once: the task's sources, and the main functions.
  file(CONFIGURE OUTPUT ${folder}/candidate_main.cpp CONTENT "#include <strata/experiment/candidate_main.hpp>\n" @ONLY)
  file(CONFIGURE OUTPUT ${folder}/main.cpp CONTENT "#include <strata/experiment/main.hpp>
int main(int argc, char** argv) { return strata::experiment::experiment_main(argc, argv, \"${name}\", {${arg_DEFAULTS}}); }
" @ONLY)
  set(link strata::native strata::safetensors ${arg_LINK})
  if(arg_KERNELS)
    strata_add_kernels(${name}_kernels strata::native ${arg_LINK})
    list(APPEND link ${name}_kernels)
  endif()
  add_library(${name}_task OBJECT ${folder}/candidate_main.cpp ${arg_SOURCES})
  add_executable(${name} ${folder}/main.cpp)
  foreach(target IN ITEMS ${name}_task ${name})
    target_link_libraries(${target} PRIVATE ${link})
    set_target_properties(${target} PROPERTIES CXX_STANDARD 20)
  endforeach()

  # The candidates.
  add_custom_target(${name}_candidates)
  add_dependencies(${name} ${name}_candidates)
  foreach(line IN LISTS chosen)
    string(REGEX MATCH "^STRATA-CANDIDATE ([0-9a-z]+) [0-9]+ [0-9]+ (.*)$" match "${line}")
    set(file ${CMAKE_MATCH_1})
    set(candidate "${CMAKE_MATCH_2}")
    set(network "${arg_TASK}::Candidates::network<${file}>")
    if(file STREQUAL "reference")
      set(network "${arg_TASK}::Reference")
    endif()
    file(CONFIGURE OUTPUT ${folder}/${file}.cpp CONTENT "#include \"${header}\"
#include <strata/experiment/candidate.hpp>
int main(int argc, char** argv) { return strata::experiment::run_candidate<${arg_TASK}, ${network}>(argc, argv); }
" @ONLY)
    set(target ${name}_${file})
    set(launcher ${CMAKE_COMMAND} "-DNAME=${candidate}" -DERROR=${programs}/${file}.error -DFOLDER=${programs} -DCOUNT=${count}
      -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/compile_candidate.cmake -- ${CMAKE_CXX_COMPILER_LAUNCHER})
    add_executable(${target} ${folder}/${file}.cpp $<TARGET_OBJECTS:${name}_task>)
    target_link_libraries(${target} PRIVATE ${link})
    target_compile_options(${target} PRIVATE -ffunction-sections)  # code that nothing calls does not count
    target_link_options(${target} PRIVATE LINKER:--gc-sections)
    set_target_properties(${target} PROPERTIES CXX_STANDARD 20 OUTPUT_NAME ${file} RUNTIME_OUTPUT_DIRECTORY ${programs}
      JOB_POOL_COMPILE strata_candidates
      CXX_COMPILER_LAUNCHER "${launcher}")
    add_dependencies(${name}_candidates ${target})
  endforeach()
endfunction()
