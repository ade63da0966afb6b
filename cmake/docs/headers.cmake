# The headers that the API reference documents: all but those that only the library itself includes or that say nothing
# to a user. What they define in namespaces `detail` is left out too (Doxyfile.in).
function(public_headers result folder)
  file(GLOB_RECURSE headers RELATIVE ${folder} ${folder}/*.hpp)
  set(kept ${headers})
  # Whole folders and rooms: compiler, kernels, programs, network traffic.
  list(FILTER kept EXCLUDE REGEX "^(core|cpu|cuda|dist|graph|reference)/")
  # What reads bytes, draws parts of pages or takes a step of a training.
  list(FILTER kept EXCLUDE REGEX
    "^data/(announced|csv|download|drawn_order|folder_listing|free_memory|gzip|mixup|mnist_download|mnist_files|orientation|picture_cache|read_ahead|resample|sample_change|sha256|split_lists|text_lines|warp|zip)[.]")
  # What compiles, runs and tabulates the candidates of a sweep.
  list(FILTER kept EXCLUDE REGEX
    "^experiment/(candidate|candidate_main|child|command_line|declared_cost|journal|json_text|listing|main|page|planned_size|point|programs|result|result_json|rounds|runner|standing|table|verdict)[.]")
  # What prepares, runs and tabulates the cases of a benchmark.
  list(FILTER kept EXCLUDE REGEX
    "^benchmark/(bandwidth|by_group|by_node|caches|case_names|clocked_step|command_line|complete_program|declare|first_line|given_backend|google|inputs|main|measure|network_list|node_alone|node_roof|onednn|prepared_groups|prepared_nodes|registry|rival|roofline_plot|spelled_arguments|steps|subject|subject_of|table|tune|whole_network|work)[.]")
  list(FILTER kept EXCLUDE REGEX "^infer/(header_weights|packed_format)[.]")
  list(FILTER kept EXCLUDE REGEX "^io/(difference|half|other_formats|replay_check|safetensors_header)[.]")
  list(FILTER kept EXCLUDE REGEX "^metrics/distance_transform[.]")
  list(FILTER kept EXCLUDE REGEX "^models/resnet18_names[.]")
  list(FILTER kept EXCLUDE REGEX "^report/(chart|csv_field|checked_json|heat_map|scatter)[.]")
  list(FILTER kept EXCLUDE REGEX "^spec/(functor_description|join|layer|windowed)[.]")
  list(FILTER kept EXCLUDE REGEX
    "^train/(check_options|checkpoint|checkpoint_check|checkpoint_items|kept_model|loop|loss_fit|order|survey|training_conditions)[.]")
  list(FILTER kept EXCLUDE REGEX "^old_names[.]")
  # What users of those folders call, return or pass on.
  list(APPEND kept core/error.hpp core/shape.hpp core/float_span.hpp core/input_scaling.hpp core/named_tensor.hpp core/formulas/functions.hpp core/samples/arrays.hpp
    core/samples/batch.hpp core/samples/image_transform.hpp core/samples/views.hpp core/threads/available_cores.hpp
    core/threads/parallel.hpp core/threads/team.hpp core/threads/teams.hpp cpu/cpu.hpp cpu/cost.hpp cuda/cuda.hpp cuda/instantiate.hpp
    cuda/planning/options.hpp dist/data_parallel.hpp dist/world.hpp graph/diagram.hpp graph/hash.hpp graph/lower.hpp
    graph/policy.hpp graph/summary.hpp reference/check_gradients.hpp reference/reference.hpp)
  set(${result} "")
  foreach(header IN LISTS kept)  # but those that only include others
    file(STRINGS ${folder}/${header} own REGEX "^namespace strata")
    if(own)
      list(APPEND ${result} ${header})
    endif()
  endforeach()
  set(${result} ${${result}} PARENT_SCOPE)
endfunction()
