# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Finds LibTorch as one consistent set of files under one prefix and defines LibTorch::LibTorch.
#
# Torch's own TorchConfig.cmake is not used: for CUDA builds it demands the CUDA toolkit's compiler, which our
# code does not need, and its find_library calls may pair Debian's libc10 with a wheel's libtorch, a mix that
# aborts when the program starts. Here every library comes from the same folder or the configure fails.
#
# Where it looks: Torch_DIR (a folder .../share/cmake/Torch or .../cmake/Torch), else RECONPROOF_PYTHON's torch
# package, else Debian's libtorch-dev.

set(_torch_config_dir "${Torch_DIR}")
if(NOT _torch_config_dir AND DEFINED ENV{Torch_DIR})
  set(_torch_config_dir "$ENV{Torch_DIR}")
endif()
if(NOT _torch_config_dir AND RECONPROOF_PYTHON)
  execute_process(
    COMMAND ${RECONPROOF_PYTHON} -c
      "import importlib.util, os; s = importlib.util.find_spec('torch'); print(os.path.dirname(s.origin) if s else '')"
    OUTPUT_VARIABLE _torch_package OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE _python_result)
  if(NOT _python_result EQUAL 0 OR NOT _torch_package)
    message(FATAL_ERROR "PYTHON=${RECONPROOF_PYTHON} has no package 'torch'. Install it there (pip install torch), "
      "or leave PYTHON unset to use Debian's libtorch-dev.")
  endif()
  set(_torch_config_dir "${_torch_package}/share/cmake/Torch")
endif()
if(NOT _torch_config_dir)
  file(GLOB _torch_config_dir /usr/lib/*/cmake/Torch)
endif()
if(NOT EXISTS "${_torch_config_dir}/TorchConfig.cmake")
  message(FATAL_ERROR "LibTorch not found (looked for TorchConfig.cmake in '${_torch_config_dir}'). Install Debian's "
    "libtorch-dev (make deps), or set Torch_DIR to .../torch/share/cmake/Torch, or PYTHON to an interpreter with torch.")
endif()

if(_torch_config_dir MATCHES "^/usr/lib/[^/]+/cmake/Torch/?$")
  cmake_path(GET _torch_config_dir PARENT_PATH _torch_lib)
  cmake_path(GET _torch_lib PARENT_PATH _torch_lib)
  set(_torch_include /usr/include /usr/include/torch/csrc/api/include)
else()
  get_filename_component(_torch_prefix "${_torch_config_dir}/../../.." ABSOLUTE)
  set(_torch_lib ${_torch_prefix}/lib)
  # A wheel ships headers of other libraries too (fmt 12, ...), which would win over Debian's, whose libraries we
  # link. Only LibTorch's own folders are shown to the compiler.
  set(_torch_view ${PROJECT_BINARY_DIR}/libtorch-include)
  file(REMOVE_RECURSE ${_torch_view})
  file(MAKE_DIRECTORY ${_torch_view})
  foreach(_name ATen c10 caffe2 torch)
    if(EXISTS ${_torch_prefix}/include/${_name})
      file(CREATE_LINK ${_torch_prefix}/include/${_name} ${_torch_view}/${_name} SYMBOLIC)
    endif()
  endforeach()
  set(_torch_include ${_torch_view} ${_torch_view}/torch/csrc/api/include)
endif()

# A wheel built with the old C++ ABI cannot be linked with Debian's Boost, fmt and HDF5 wrappers: say so now
# instead of through thousands of undefined symbols.
file(STRINGS "${_torch_config_dir}/TorchConfig.cmake" _torch_abi REGEX "_GLIBCXX_USE_CXX11_ABI=0")
if(_torch_abi)
  message(FATAL_ERROR "LibTorch in ${_torch_lib} was built with the old C++ ABI (_GLIBCXX_USE_CXX11_ABI=0). "
    "Use torch 2.7 or newer, a wheel marked cxx11.abi, or Debian's libtorch-dev.")
endif()

add_library(LibTorch::LibTorch INTERFACE IMPORTED)
set(_torch_libraries)
foreach(_name torch_cpu c10)
  find_library(_torch_${_name} ${_name} PATHS ${_torch_lib} NO_DEFAULT_PATH NO_CACHE REQUIRED)
  list(APPEND _torch_libraries ${_torch_${_name}})
endforeach()
set(LIBTORCH_CUDA OFF)
find_library(_torch_cuda torch_cuda PATHS ${_torch_lib} NO_DEFAULT_PATH NO_CACHE)
find_library(_torch_c10_cuda c10_cuda PATHS ${_torch_lib} NO_DEFAULT_PATH NO_CACHE)
if(_torch_cuda AND _torch_c10_cuda)
  set(LIBTORCH_CUDA ON)
  # CUDA graphs need CUDA's headers: the toolkit's, or those of the package beside a wheel.
  cmake_path(GET _torch_lib PARENT_PATH _torch_package)
  file(GLOB _cuda_packages "${_torch_package}/../nvidia/cuda_runtime/include" "${_torch_package}/../nvidia/cu*/include")
  find_path(LIBTORCH_CUDA_INCLUDE cuda_runtime_api.h PATHS ${_cuda_packages} NO_DEFAULT_PATH NO_CACHE)
  find_path(LIBTORCH_CUDA_INCLUDE cuda_runtime_api.h PATHS /usr/local/cuda/include NO_CACHE)
  # Hardly anything of ours names a CUDA symbol, so the linker would drop the library that registers the kernels.
  list(APPEND _torch_libraries -Wl,--no-as-needed ${_torch_cuda} ${_torch_c10_cuda} -Wl,--as-needed)
endif()
target_link_libraries(LibTorch::LibTorch INTERFACE ${_torch_libraries}
  -Wl,--unresolved-symbols=ignore-in-shared-libs)
foreach(_dir IN LISTS _torch_include)
  if(NOT _dir STREQUAL "/usr/include")
    target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE ${_dir})
  endif()
endforeach()
if(NOT _torch_lib MATCHES "^/usr/lib/")
  target_link_options(LibTorch::LibTorch INTERFACE -Wl,-rpath,${_torch_lib})
endif()

# Folders outside /usr that the sandbox must show to reconproof-baseline.
set(LIBTORCH_LIBRARY_DIR ${_torch_lib})
set(LIBTORCH_FOLDER "")
if(NOT _torch_lib MATCHES "^/usr/")
  cmake_path(GET _torch_lib PARENT_PATH LIBTORCH_FOLDER)
  # A wheel's CUDA libraries lie in packages beside it.
  cmake_path(GET LIBTORCH_FOLDER PARENT_PATH LIBTORCH_FOLDER)
endif()

find_file(_torch_version_h torch/version.h PATHS ${_torch_include} NO_DEFAULT_PATH NO_CACHE REQUIRED)
file(STRINGS ${_torch_version_h} _torch_version REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
string(REGEX REPLACE "[^0-9]+([0-9]+)[^0-9]+([0-9]+)[^0-9]+([0-9]+).*" "\\1.\\2.\\3"
       LIBTORCH_VERSION "${_torch_version}")
message(STATUS "LibTorch: ${_torch_lib} (CUDA: ${LIBTORCH_CUDA}, headers for graphs: ${LIBTORCH_CUDA_INCLUDE})")
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS LIBTORCH_LIBRARY_DIR)
