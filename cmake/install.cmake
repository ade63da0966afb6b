# cmake --install: the headers, what pkg-config reads, and a package for
# find_package(strata [COMPONENTS native kernels xtensor idx safetensors png jpeg cuda cudnn nccl]).
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/strata)  # no architecture in it: headers only

install(DIRECTORY include/strata DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")
install(TARGETS strata EXPORT strata)
install(EXPORT strata NAMESPACE strata:: FILE strata-targets.cmake DESTINATION ${package_dir})
configure_package_config_file(cmake/strata-config.cmake.in ${PROJECT_BINARY_DIR}/strata-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/strata-config-version.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  ${PROJECT_BINARY_DIR}/strata-config.cmake ${PROJECT_BINARY_DIR}/strata-config-version.cmake
  cmake/benchmark.cmake cmake/c_library.cmake cmake/compile_candidate.cmake cmake/cuda.cmake
  cmake/cuda_architectures.cmake cmake/cudnn.cmake cmake/dependencies.cmake cmake/dispatch.cmake cmake/experiment.cmake cmake/formats.cmake cmake/kernels.cmake
  cmake/native.cmake cmake/nccl.cmake
  DESTINATION ${package_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(IS_ABSOLUTE "${CMAKE_INSTALL_DATADIR}")
  set(strata_pc_prefix ${CMAKE_INSTALL_PREFIX})
else()  # relative to the file, so that the installed folder may be moved
  file(RELATIVE_PATH strata_pc_prefix /${CMAKE_INSTALL_DATADIR}/pkgconfig /)
  string(REGEX REPLACE "/$" "" strata_pc_prefix "\${pcfiledir}/${strata_pc_prefix}")
endif()
configure_file(cmake/packaging/strata.pc.in ${PROJECT_BINARY_DIR}/strata.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/strata.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)

if(PROJECT_IS_TOP_LEVEL)
  include(cmake/packaging/deb.cmake)
  add_custom_target(single_header
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${PROJECT_BINARY_DIR}/single_header/strata.hpp -P ${PROJECT_SOURCE_DIR}/cmake/single_header.cmake
    COMMAND ${CMAKE_COMMAND} -DHEADERS=strata/embedded.hpp -DOUTPUT=${PROJECT_BINARY_DIR}/single_header/strata_embedded.hpp
      -P ${PROJECT_SOURCE_DIR}/cmake/single_header.cmake
    COMMENT "Writing ${PROJECT_BINARY_DIR}/single_header/strata.hpp and strata_embedded.hpp" VERBATIM)
endif()
