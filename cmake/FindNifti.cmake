# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Debian's libnifti-dev has no complete package file: the headers and the two libraries by name.
find_path(NIFTI_INCLUDE_DIR nifti1_io.h PATH_SUFFIXES nifti REQUIRED)
find_library(NIFTI_LIBRARY niftiio REQUIRED)
find_library(ZNZ_LIBRARY znz REQUIRED)
add_library(nifti::nifti INTERFACE IMPORTED)
target_include_directories(nifti::nifti SYSTEM INTERFACE ${NIFTI_INCLUDE_DIR})
target_link_libraries(nifti::nifti INTERFACE ${NIFTI_LIBRARY} ${ZNZ_LIBRARY})
