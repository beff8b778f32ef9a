# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# reconproof_pin_schema(<schema.json> <version> <sha256>): stops unless the file is the schema that this version has.
# Also a script: cmake -DSCHEMA=FILE -DVERSION=N -DSHA256=HASH -P SchemaPin.cmake
function(reconproof_pin_schema path version sha256)
  file(READ ${path} text)
  string(JSON stated ERROR_VARIABLE error GET "${text}" properties schema_version const)
  if(error)
    message(FATAL_ERROR "${path}: no schema_version to compare with: ${error}")
  endif()
  if(NOT stated STREQUAL version)
    message(FATAL_ERROR "${path}: schema_version is ${stated}, but version ${version} is pinned: "
      "pin version ${stated} in challenge/CMakeLists.txt and set kSchemaVersion in challenge/edition.cpp")
  endif()
  file(SHA256 ${path} found)
  if(NOT found STREQUAL sha256)
    message(FATAL_ERROR "${path}: its SHA-256 is ${found}, but version ${version} has ${sha256}: "
      "a changed schema needs a new schema_version, in this file and as kSchemaVersion in challenge/edition.cpp; "
      "then pin both in challenge/CMakeLists.txt")
  endif()
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  reconproof_pin_schema(${SCHEMA} ${VERSION} ${SHA256})
endif()
