// SPDX-License-Identifier: MIT
// A driver without a device, named libcuda.so.1: it accepts every kernel that is loaded, and runs none. cuDNN loads the
// kernels that it compiles while it builds a plan, so with this library it builds plans without a GPU. Every other
// function of the driver (refusals.cpp, written by CMake from the symbols of the toolkit's stub) returns
// CUDA_ERROR_STUB_LIBRARY, like that stub. The names are the driver's; its header is not included, since it renames
// some of them.

extern "C" {

typedef int Result;  // CUresult
constexpr Result success = 0;

// Handles: never dereferenced, but they must not be null.
static char library, module, kernel, function;

Result cuInit(unsigned) { return 34; }
Result cuDriverGetVersion(int* version) {
  *version = 13000;
  return success;
}

Result cuLibraryLoadData(void** made, const void*, void*, void*, unsigned, void*, void*, unsigned) {
  *made = &library;
  return success;
}
Result cuLibraryUnload(void*) { return success; }
Result cuLibraryGetKernel(void** found, void*, const char*) {
  *found = &kernel;
  return success;
}
Result cuLibraryGetKernelCount(unsigned* count, void*) {
  *count = 1;
  return success;
}
Result cuLibraryEnumerateKernels(void** kernels, unsigned count, void*) {
  for (unsigned i = 0; i < count; i++) kernels[i] = &kernel;
  return success;
}
Result cuKernelGetFunction(void** found, void*) {
  *found = &function;
  return success;
}
Result cuKernelGetAttribute(int* value, int, void*, int) {
  *value = 0;
  return success;
}
Result cuKernelSetAttribute(int, int, void*, int) { return success; }

Result cuModuleLoadData(void** made, const void*) {
  *made = &module;
  return success;
}
Result cuModuleUnload(void*) { return success; }
Result cuModuleGetFunction(void** found, void*, const char*) {
  *found = &function;
  return success;
}
Result cuFuncSetAttribute(void*, int, int) { return success; }

}  // extern "C"
