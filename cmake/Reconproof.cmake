# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Helpers used by the folders' CMakeLists.txt.

add_library(reconproof_options INTERFACE)
target_compile_options(reconproof_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # GCC 12 warns wrongly about std::string operator+ (its bug 105329)
  $<$<CXX_COMPILER_ID:Clang>:-Wno-unknown-pragmas>  # "GCC ivdep"
  # In a unity build a State behind a pointer looks as if headers shared it.
  $<$<AND:$<BOOL:${CMAKE_UNITY_BUILD}>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
  $<$<BOOL:${RECONPROOF_WERROR}>:-Werror>)
# Absolute paths of the build machine must not enter the binaries.
target_compile_options(reconproof_options INTERFACE
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
target_include_directories(reconproof_options INTERFACE ${PROJECT_SOURCE_DIR})
if(RECONPROOF_SANITIZE OR RECONPROOF_FUZZ)
  # GCC and clang tell it to a source in two ways.
  target_compile_definitions(reconproof_options INTERFACE RECONPROOF_ADDRESS_SANITIZER)
  target_compile_options(reconproof_options INTERFACE -fsanitize=address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1)  # -O0 runs the scripts ten times slower
  target_link_options(reconproof_options INTERFACE -fsanitize=address,undefined)
endif()
if(RECONPROOF_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    message(FATAL_ERROR "RECONPROOF_FUZZ needs clang (libFuzzer is a part of it): cmake --preset fuzz")
  endif()
  # clang names one of libfmt's functions otherwise than the GCC that compiled libfmt.so.
  target_compile_definitions(reconproof_options INTERFACE _GLIBCXX_ASSERTIONS FMT_HEADER_ONLY=1)
  target_compile_options(reconproof_options INTERFACE -fsanitize=fuzzer-no-link,float-cast-overflow)
endif()

# reconproof_library(<folder> SOURCES <file>... LINK <target>...): the folder's static library.
function(reconproof_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(reconproof_${name} STATIC)
  add_library(reconproof::${name} ALIAS reconproof_${name})
  target_sources(reconproof_${name} PRIVATE ${ARG_SOURCES})
  target_link_libraries(reconproof_${name} PUBLIC reconproof_options ${ARG_LINK})
endfunction()

# reconproof_embed(<target> <namespace> <file>...): compiles files into <target> as
# `std::span<const system::EmbeddedFile> embedded_files()` of reconproof::<namespace>.
function(reconproof_embed target namespace)
  set(files)
  foreach(file IN LISTS ARGN)
    list(APPEND files ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${namespace}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DNAMESPACE=${namespace} "-DFILES=${files}"
            -P ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
