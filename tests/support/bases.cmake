# The headers that headers/alone/* precompile, chosen by measurement, the largest first: a header uses the first that it
# includes.
set(strata_bases report/run_record cpu/nhwc/prologue core/formulas/simd cuda/planning/weights cuda/runtime/library core/files/file
  core/error)
