# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Script, run at every build: writes OUTPUT (a C++ fragment) when the revision or the sources changed, so that
# every artifact can name the exact program that made it.
set(revision "unknown")
set(dirty "true")
find_program(GIT git)
if(GIT)
  # A checkout that another user owns is still ours to describe.
  set(git ${GIT} -c safe.directory=* -C ${SOURCE_DIR})
  execute_process(COMMAND ${git} rev-parse HEAD OUTPUT_VARIABLE head RESULT_VARIABLE failed
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT failed)
    set(revision ${head})
    execute_process(COMMAND ${git} status --porcelain OUTPUT_VARIABLE status
                    RESULT_VARIABLE failed ERROR_QUIET)
    if(NOT failed AND status STREQUAL "")
      set(dirty "false")
    endif()
  endif()
endif()

set(sources)
foreach(folder system formats challenge submission checks reports workflows cli baseline cmake)
  file(GLOB_RECURSE found RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/${folder}/*)
  list(APPEND sources ${found})
endforeach()
list(SORT sources)
set(hashes "")
foreach(source IN LISTS sources)
  file(SHA256 ${SOURCE_DIR}/${source} hash)
  string(APPEND hashes "${hash}  ${source}\n")
endforeach()
string(SHA256 source_hash "${hashes}")

set(text "constexpr const char* kRevision = \"${revision}\";
constexpr bool kDirty = ${dirty};
constexpr const char* kSourceSha256 = \"${source_hash}\";
")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
