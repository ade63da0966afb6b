# Writes headers of strata, with all headers of strata that they include, as one file:
#   cmake [-DHEADERS=strata/strata.hpp;strata/io/weights.hpp;...] -DOUTPUT=strata.hpp -P cmake/single_header.cmake
# The same sources give the same bytes. What other libraries the headers include, the file includes. Without HEADERS: what
# needs Eigen alone. The target single_header writes two such files.
cmake_minimum_required(VERSION 3.22)
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)
if(NOT HEADERS)
  set(HEADERS strata/strata.hpp strata/data/dataset.hpp strata/infer/export_header.hpp strata/models/deeplab_v3_plus.hpp
    strata/models/resnet18.hpp)
endif()
set(include "# *include <(strata/[a-z0-9_/]+[.]hpp)>[^\n]*\n")

# Appends a header to `text`, after those that it includes. One that is included between #if and #endif is left where it
# stands, and may then be included nowhere else.
set(text "")
set(written "")
set(guarded "")
function(append header)
  if(header IN_LIST guarded)
    message(FATAL_ERROR "single_header: ${header} is included between #if and #endif, and elsewhere too; include it unconditionally")
  elseif(header IN_LIST written)
    return()
  endif()
  list(APPEND written ${header})
  file(READ ${source}/include/${header} rest)
  string(REPLACE "\n#pragma once\n" "\n" rest "${rest}")
  set(own "")
  set(depth 0)
  while(rest MATCHES "${include}")
    set(line "${CMAKE_MATCH_0}")
    set(included ${CMAKE_MATCH_1})
    string(FIND "${rest}" "${line}" at)
    string(SUBSTRING "${rest}" 0 ${at} before)
    string(LENGTH "${line}" length)
    math(EXPR at "${at} + ${length}")
    string(SUBSTRING "${rest}" ${at} -1 rest)
    string(APPEND own "${before}")
    string(REGEX MATCHALL "\n# *if" opened "\n${before}")
    string(REGEX MATCHALL "\n# *endif" closed "\n${before}")
    list(LENGTH opened opened)
    list(LENGTH closed closed)
    math(EXPR depth "${depth} + ${opened} - ${closed}")
    string(REGEX MATCHALL "\n# *if[^\n]*" conditions "\n${own}")
    if(depth EQUAL 0)
      append(${included})
    elseif("${conditions}" MATCHES "STRATA_KERNELS[^;]*$")  # which the file refuses
    elseif(included IN_LIST written)
      message(FATAL_ERROR "single_header: ${header} includes ${included} between #if and #endif, and others include it too")
    else()
      set(outer "${text}")
      set(text "")
      append(${included})
      string(APPEND own "${text}")
      set(text "${outer}")
      list(APPEND guarded ${included})
    endif()
  endwhile()
  string(APPEND text "\n// --- ${header}\n${own}${rest}")
  set(text "${text}" PARENT_SCOPE)
  set(written "${written}" PARENT_SCOPE)
  set(guarded "${guarded}" PARENT_SCOPE)
endfunction()

foreach(header IN LISTS HEADERS)
  if(NOT EXISTS ${source}/include/${header})
    message(FATAL_ERROR "single_header: there is no header <${header}>; name it as programs include it, such as strata/strata.hpp")
  endif()
  append(${header})
endforeach()

file(STRINGS ${source}/include/strata/version.hpp version REGEX "define STRATA_VERSION \"")
string(REGEX REPLACE ".*\"(.*)\".*" "\\1" version "${version}")
file(READ ${source}/LICENSE license)
string(STRIP "${license}" license)
string(REGEX REPLACE "\n" "\n// " license "// ${license}")
string(REPLACE "// \n" "//\n" license "${license}")
list(JOIN HEADERS ">, <" names)
file(WRITE ${OUTPUT} "// SPDX-License-Identifier: MIT
// strata ${version} as one file, written by cmake/single_header.cmake: <${names}> and what they include.
//
${license}
#pragma once

#if defined(STRATA_KERNELS)
#error \"strata: this file compiles all that it declares; a program that links strata::kernels includes the separate headers\"
#endif
${text}")
