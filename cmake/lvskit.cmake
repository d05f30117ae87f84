# How libraries, programs and tests of this project are made. There are no source lists: a folder's
# .cc files are its library.

add_library(lvs_flags INTERFACE)
target_include_directories(lvs_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(lvs_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Werror)
if(LVS_SANITIZE)
  target_compile_options(lvs_flags INTERFACE
    -fsanitize=${LVS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(lvs_flags INTERFACE -fsanitize=${LVS_SANITIZE})
endif()
if(LVS_FUZZ)
  target_compile_options(lvs_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# What a pure library may link, apart from other pure libraries. toml++ is for profiles/core/read.cc.
set(LVS_PURE_PACKAGES lvs_flags tl::expected PkgConfig::tomlplusplus)
set_property(GLOBAL PROPERTY LVS_PURE_LIBRARIES)

function(lvs_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "\\.bpf\\.cc$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC lvs_flags ${ARG_LINK})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE lvs_flags ${ARG_LINK})
  endif()
endfunction()

# The first purity gate: a library that decides may link only libraries that decide. The second
# (undefined symbols) and the third (headers) are in scripts/gates.
function(lvs_pure_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  get_property(pure GLOBAL PROPERTY LVS_PURE_LIBRARIES)
  foreach(dependency IN LISTS ARG_LINK)
    if(NOT dependency IN_LIST pure AND NOT dependency IN_LIST LVS_PURE_PACKAGES)
      message(FATAL_ERROR "${name} is pure and may not link ${dependency}")
    endif()
  endforeach()
  lvs_library(${name} LINK ${ARG_LINK})
  set_property(GLOBAL APPEND PROPERTY LVS_PURE_LIBRARIES ${name})
endfunction()

function(lvs_program name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE lvs_flags ${ARG_LINK})
endfunction()

# The tests that run with sanitizers as well: all but the labs.
add_custom_target(sanitized)

# One test binary from every .cc of the current folder. LABEL is the tier; a test that skips says why
# and is counted (scripts/test).
function(lvs_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "LINK" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE lvs_flags ${ARG_LINK} lvs_test_support GTest::gtest GTest::gtest_main)
  # Labs run one at a time: each builds a cluster of its own and listens to its wires.
  set(serial FALSE)
  if(ARG_LABEL STREQUAL "lab")
    set(serial TRUE)
  else()
    add_dependencies(sanitized ${name})
  endif()
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${serial})
endfunction()
