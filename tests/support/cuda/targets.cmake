find_package(CUDAToolkit QUIET)
find_package(nlohmann_json QUIET)

# strata_test_own_kernels: the back end's own kernels, compiled for the host. strata_test_direct_launch: their launches
# without a device. They need only the toolkit's headers.
if(TARGET strata::cuda_headers)
  add_library(strata_test_own_kernels OBJECT EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/kernels.cpp)
  target_link_libraries(strata_test_own_kernels PUBLIC strata::developer strata::cuda_headers)
  add_library(strata_test_direct_launch OBJECT EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/direct_launch.cpp)
  target_link_libraries(strata_test_direct_launch PUBLIC strata::developer strata::cuda_headers)

  # strata_test_functor_code, strata_test_whole_network_code: the device code of networks, compiled for the host.
  foreach(code functor_code whole_network_code)
    add_library(strata_test_${code} OBJECT EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/${code}.cpp)
    target_link_libraries(strata_test_${code} PUBLIC strata::developer strata::cuda_headers)
  endforeach()
endif()

# strata_test_cuda: the device that stands in for a GPU, and the interpreter that stands in for cuDNN. Linked instead of
# CUDA's runtime; it needs only the toolkit's headers.
if(CUDAToolkit_FOUND AND nlohmann_json_FOUND)
  add_library(strata_test_cuda OBJECT EXCLUDE_FROM_ALL)
  foreach(source graph_executor graph_interpreter graph_json guarded_memory runtime_device runtime_graphs runtime_memory
      runtime_state runtime_streams work_queue)
    target_sources(strata_test_cuda PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${source}.cpp)
  endforeach()
  target_include_directories(strata_test_cuda SYSTEM PUBLIC ${CUDAToolkit_INCLUDE_DIRS})
  target_link_libraries(strata_test_cuda PUBLIC strata::developer nlohmann_json::nlohmann_json)
  # gcc warns about the deliberately undefined operands of its own AVX-512 header, inlined in Eigen's products.
  target_compile_options(strata_test_cuda PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized;-Wno-maybe-uninitialized>")

  # strata_test_gpu: the back end on that device, its own kernels compiled for the host.
  add_library(strata_test_gpu OBJECT ${CMAKE_CURRENT_LIST_DIR}/library.cpp)
  target_link_libraries(strata_test_gpu PUBLIC strata_test_cuda)
  target_sources(strata_test_gpu INTERFACE $<TARGET_OBJECTS:strata_test_cuda> $<TARGET_OBJECTS:strata_test_own_kernels>)
endif()

# strata_test_nccl: NCCL for those devices. It needs only the header of NCCL itself.
if(TARGET strata_test_cuda AND STRATA_NCCL_INCLUDE_DIR)
  add_library(strata_test_nccl OBJECT ${CMAKE_CURRENT_LIST_DIR}/fake_nccl.cpp)
  target_include_directories(strata_test_nccl SYSTEM PUBLIC ${STRATA_NCCL_INCLUDE_DIR})
  target_link_libraries(strata_test_nccl PUBLIC strata_test_cuda)
endif()

# digits_on_stand_in, street_scenes_on_stand_in: the unchanged example programs with that device as their GPU, in
# tests/bin.
if(TARGET strata_test_gpu AND TARGET strata::cuda)
  find_package(CLI11 QUIET)
  find_package(fmt QUIET)
  foreach(program IN ITEMS digits street_scenes)
    if(NOT TARGET ${program})
      continue()
    endif()
    file(GLOB device_code ${PROJECT_SOURCE_DIR}/examples/${program}/*.cu)
    set_source_files_properties(${device_code} PROPERTIES LANGUAGE CXX)
    add_executable(${program}_on_stand_in EXCLUDE_FROM_ALL ${device_code} $<TARGET_OBJECTS:${program}_host>)
    target_compile_definitions(${program}_on_stand_in PRIVATE STRATA_STREET_CLASSES=${STRATA_STREET_CLASSES})
    target_link_libraries(${program}_on_stand_in PRIVATE program_kernels strata_test_gpu CLI11::CLI11 fmt::fmt)
    foreach(format IN LISTS strata_formats)
      if(TARGET strata::${format})
        target_link_libraries(${program}_on_stand_in PRIVATE strata::${format})
      endif()
    endforeach()
    set_target_properties(${program}_on_stand_in PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
  endforeach()
endif()

# gpu_check_on_stand_in: bench/gpu's program on that device, with an interpreter as cuDNN.
if(TARGET strata_test_gpu AND TARGET gpu_check_host)
  set(gpu_folder ${PROJECT_SOURCE_DIR}/bench/gpu)
  set_source_files_properties(${gpu_folder}/device.cu PROPERTIES LANGUAGE CXX)
  add_executable(gpu_check_on_stand_in EXCLUDE_FROM_ALL ${gpu_folder}/gpu_check.cpp ${gpu_folder}/engine_stand_in.cpp ${gpu_folder}/device.cu
    $<TARGET_OBJECTS:strata_test_own_kernels> $<TARGET_OBJECTS:gpu_check_host>)
  target_link_libraries(gpu_check_on_stand_in PRIVATE strata_test_cuda)
  set_target_properties(gpu_check_on_stand_in PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
endif()

# bench_models_on_stand_in: bench_models with --device cuda on that device.
if(TARGET strata_test_gpu AND TARGET strata::cuda AND TARGET bench_models_host)
  set(device_code ${PROJECT_SOURCE_DIR}/bench/models/device.cu)
  set_source_files_properties(${device_code} PROPERTIES LANGUAGE CXX)
  add_executable(bench_models_on_stand_in EXCLUDE_FROM_ALL ${device_code} $<TARGET_OBJECTS:bench_models_host>)
  target_link_libraries(bench_models_on_stand_in PRIVATE strata_test_gpu strata::idx strata::safetensors)
  set_target_properties(bench_models_on_stand_in PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
endif()
