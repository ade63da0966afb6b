# cmake --install: the headers, and a package for
# find_package(strata [COMPONENTS native kernels xtensor idx safetensors png jpeg cuda cudnn nccl]).
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/strata)  # no architecture in it: headers only

install(DIRECTORY include/strata DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(TARGETS strata EXPORT strata)
install(EXPORT strata NAMESPACE strata:: FILE strata-targets.cmake DESTINATION ${package_dir})
configure_package_config_file(cmake/strata-config.cmake.in ${PROJECT_BINARY_DIR}/strata-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/strata-config-version.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  ${PROJECT_BINARY_DIR}/strata-config.cmake ${PROJECT_BINARY_DIR}/strata-config-version.cmake
  cmake/benchmark.cmake cmake/compile_candidate.cmake cmake/cuda.cmake cmake/cudnn.cmake cmake/dependencies.cmake cmake/experiment.cmake cmake/formats.cmake cmake/kernels.cmake
  cmake/native.cmake cmake/nccl.cmake
  DESTINATION ${package_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
