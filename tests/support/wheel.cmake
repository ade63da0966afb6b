# pip makes a wheel of examples/embed/python for this platform, without the network and without optimization, and the
# module in it runs.
cmake_minimum_required(VERSION 3.22)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)
set(work ${BUILD}/tests/wheel)
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work}/installed)
run(${PYTHON} -m pip wheel --no-index --no-deps --no-build-isolation --wheel-dir ${work}
  --config-settings cmake.define.CMAKE_CXX_COMPILER=${COMPILER} --config-settings cmake.define.CMAKE_CXX_FLAGS_RELEASE=-O0
  ${SOURCE}/examples/embed/python)
file(GLOB wheels ${work}/*.whl)
if(NOT wheels MATCHES "/strata_networks-[0-9.]+-py3-none-linux_[a-z0-9_]+[.]whl$")
  message(FATAL_ERROR "pip made no wheel for this platform and every Python: ${wheels}")
endif()
file(ARCHIVE_EXTRACT INPUT ${wheels} DESTINATION ${work}/installed)
run(${CMAKE_COMMAND} -E env PYTHONPATH=${work}/installed ${PYTHON} -c
  "print(__import__('strata_networks').networks())")
if(NOT output MATCHES "^[(]'digits', 'regions'[)]")
  message(FATAL_ERROR "the module in the wheel says: ${output}")
endif()
