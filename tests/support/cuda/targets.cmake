# strata_test_cuda: the device that stands in for a GPU, and the interpreter that stands in for cuDNN. Linked in the place of CUDA's
# runtime; of the toolkit it needs the headers.
find_package(CUDAToolkit QUIET)
find_package(nlohmann_json QUIET)
if(CUDAToolkit_FOUND AND nlohmann_json_FOUND)
  add_library(strata_test_cuda OBJECT EXCLUDE_FROM_ALL)
  foreach(source graph_executor graph_interpreter graph_json guarded_memory runtime_device runtime_graphs runtime_memory
      runtime_state runtime_streams work_queue)
    target_sources(strata_test_cuda PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${source}.cpp)
  endforeach()
  target_include_directories(strata_test_cuda SYSTEM PUBLIC ${CUDAToolkit_INCLUDE_DIRS})
  target_link_libraries(strata_test_cuda PUBLIC strata::developer nlohmann_json::nlohmann_json)
  # gcc takes the deliberately undefined operands of its own AVX-512 header, inlined in Eigen's products, for a mistake.
  target_compile_options(strata_test_cuda PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized;-Wno-maybe-uninitialized>")

  # strata_test_gpu: the back end on that device, its own kernels compiled for the host.
  add_library(strata_test_gpu OBJECT ${CMAKE_CURRENT_LIST_DIR}/kernels.cpp ${CMAKE_CURRENT_LIST_DIR}/library.cpp)
  target_link_libraries(strata_test_gpu PUBLIC strata_test_cuda)
  target_sources(strata_test_gpu INTERFACE $<TARGET_OBJECTS:strata_test_cuda>)
endif()

# strata_test_nccl: NCCL for those devices. Of NCCL itself it needs the header.
if(TARGET strata_test_cuda AND STRATA_NCCL_INCLUDE_DIR)
  add_library(strata_test_nccl OBJECT ${CMAKE_CURRENT_LIST_DIR}/fake_nccl.cpp)
  target_include_directories(strata_test_nccl SYSTEM PUBLIC ${STRATA_NCCL_INCLUDE_DIR})
  target_link_libraries(strata_test_nccl PUBLIC strata_test_cuda)
endif()
