# One target per file format that needs a library beyond the core's: strata::<format> is strata::strata with that
# library. Used by the build and by the installed package, so each offers the formats that its machine supports.
set(strata_formats idx safetensors png jpeg)
set(strata_idx_needs ZLIB ZLIB::ZLIB)                                       # <strata/data/idx.hpp>, .gz files
set(strata_safetensors_needs nlohmann_json nlohmann_json::nlohmann_json)    # <strata/io/weights.hpp>
set(strata_png_needs PNG PNG::PNG)                                          # <strata/data/png.hpp>
set(strata_jpeg_needs JPEG JPEG::JPEG)                                      # <strata/data/jpeg.hpp>

# Stops where strata::safetensors, which reads files of weights, is not there; `call` is the function that needs it.
function(strata_require_safetensors call)
  if(NOT TARGET strata::safetensors)
    message(FATAL_ERROR "${call} needs strata::safetensors, which reads files of weights; install "
      "nlohmann-json, and with an installed strata name the component: find_package(strata COMPONENTS safetensors)")
  endif()
endfunction()

# Creates strata::<format> and sets strata_<format>_FOUND, which is false if its library is not installed.
macro(strata_format format)
  list(GET strata_${format}_needs 0 strata_package)
  list(GET strata_${format}_needs 1 strata_library)
  find_package(${strata_package} QUIET)
  set(strata_${format}_FOUND ${${strata_package}_FOUND})
  if(${strata_package}_FOUND AND NOT TARGET strata::${format})
    add_library(strata::${format} INTERFACE IMPORTED)
    set_target_properties(strata::${format} PROPERTIES IMPORTED_GLOBAL TRUE)
    target_link_libraries(strata::${format} INTERFACE strata::strata ${strata_library})
  elseif(NOT ${strata_package}_FOUND)
    message(STATUS "strata::${format} is left out: ${strata_package} is not installed")
  endif()
endmacro()
