# The spelling is American, without the words and phrases that this project avoids. codespell finds the words, in its
# own dictionaries and in words.txt, whose lines are "wrong->right": this project's own, and British ones that
# codespell's dictionary lacks. .codespellrc configures it and explains the exceptions. The phrases are below.
cmake_minimum_required(VERSION 3.22)
find_program(codespell codespell NO_CACHE)
if(NOT codespell)
  message(FATAL_ERROR "codespell, which checks the spelling, is not installed; install it: apt-get install codespell")
endif()
set(scanned include examples bench tests cmake .ci .clang-format .clang-tidy CMakeLists.txt CMakePresets.json)
file(GLOB pages RELATIVE ${SOURCE} ${SOURCE}/*.md)
list(APPEND scanned ${pages})
execute_process(COMMAND ${codespell} --dictionary - --dictionary tests/support/words.txt ${scanned}
  WORKING_DIRECTORY ${SOURCE} RESULT_VARIABLE code OUTPUT_VARIABLE wrong ERROR_VARIABLE errors)
if(NOT code EQUAL 0 AND wrong STREQUAL "")
  message(FATAL_ERROR "codespell failed (${code}):\n${errors}")
endif()

# Regular expressions, each with what to say instead. A match within a longer word does not count; a phrase that is
# broken between two lines is not found.
set(phrases
  "[Mm]ade again|[Mm]akes? again|[Mm]aking again|[Cc]omputed again" "recomputed"
  "(that|which|what|it) (is|are|was|were) none" "what it is: an invalid graph"
  "(that|which|what) (is|are) no (number|picture|rate|class|[a-z]*([a-df-qt-z]|[a-rt-z]s))" "is not a, are not"
  "([Aa]n?|[Oo]ne) [a-z]+ an? (epoch|iteration|file|pixel|class|image|picture|section|pair|line|row|node|input)"
    "one line per epoch"
  "(is|are) said" "is reported, is given"
  "(TEST_CASE|SUBCASE)[(].[Ww]ho" "a thread that, a process that"
  "[Pp]laces behind|[Bb]ehind an? (convolution|model|norm|pool|node|enlargement)" "after"
  "([Cc]onvolution|norm|pool|node|functor|softmax) behind|[Bb]ehind the (pixels|last|first|convolution|norm)" "after"
  "channels beside|beside (ours|PyTorch)" "next to, around, compared with"
  "[Tt]imes what" "3 times as long as"
  "[Ss]ays? the rest" "lists all options"
  "by heart" "known"
  "per cent" "percent"
  "[Cc]an not" "cannot"
  "[Aa]llows? to|[Pp]ermits? to|[Ee]nables? to|[Rr]ecommends? to" "lets a program do, allows doing"
  "[Ii]t's own" "its own"
  "resp[.]" "respectively, or"
  "the the|of of|is is|are are|to to|and and|in in|for for|with with|be be" "one of the two"
  "[Aa] (in|un[a-hj-z]|e[a-tv-z]|i[a-mo-z]|o[a-mo-z]|a[a-z])[a-z][a-z][a-z]+" "an"
  "[Aa]n (user|unit|one|uniform|unique|union|GPU|CPU|CUDA|cuDNN|[bcdfgjklmnpqrstvwyz][aeiou])[a-z]*" "a")

file(GLOB_RECURSE files RELATIVE ${SOURCE} ${SOURCE}/include/* ${SOURCE}/examples/* ${SOURCE}/bench/* ${SOURCE}/tests/*
  ${SOURCE}/cmake/* ${SOURCE}/.ci/*)
list(APPEND files ${pages} CMakeLists.txt CMakePresets.json)
list(FILTER files EXCLUDE REGEX "^tests/support/words[.]|^tests/golden/([de]|zoo/).*[.]hpp$|[.]pyc$")
foreach(file IN LISTS files)
  file(READ ${SOURCE}/${file} text)
  set(left ${phrases})
  while(left)
    list(POP_FRONT left phrase instead)
    if(text MATCHES "${phrase}")
      file(STRINGS ${SOURCE}/${file} lines ENCODING UTF-8 REGEX "(^|[^A-Za-z_'])(${phrase})([^A-Za-z_[]|$)")
      foreach(line IN LISTS lines)
        string(STRIP "${line}" line)
        string(APPEND wrong "${file}: ${line} ==> ${instead}\n")
      endforeach()
    endif()
  endwhile()
endforeach()
if(wrong)
  string(REPLACE "\n" "\n  " wrong "${wrong}")
  message(FATAL_ERROR "Words and phrases to replace:\n  ${wrong}")
endif()
