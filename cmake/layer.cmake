# layer(name SOURCES ... DEPENDS ... HEADERS ... [LIBRARIES ...]): one static library per folder of
# src/.
#   DEPENDS    layers whose headers it may include
#   HEADERS    prefixes of third-party headers it may include (checked by tools/check_layers.py)
#   LIBRARIES  third-party targets it links
# unit_tests(layer SOURCES ... [DEPENDS ...]): the executable unit_<layer>, run by ctest.
function(layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;HEADERS;LIBRARIES" ${ARGN})
  set(target banter_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../src)
  target_link_libraries(${target} PUBLIC banter_flags)
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(${target} PUBLIC banter_${dependency})
  endforeach()
  target_link_libraries(${target} PUBLIC ${arg_LIBRARIES})
  if(name STREQUAL "base")
    target_precompile_headers(${target}
      PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/precompiled.hpp)
  else()
    target_precompile_headers(${target} REUSE_FROM banter_base)
  endif()
endfunction()

function(unit_tests name)
  if(NOT BANTER_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(unit_${name} ${arg_SOURCES})
  target_include_directories(unit_${name} PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../tests)
  target_link_libraries(unit_${name}
    PRIVATE banter_${name} GTest::gtest GTest::gmock GTest::gtest_main)
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(unit_${name} PRIVATE banter_${dependency})
  endforeach()
  target_precompile_headers(unit_${name} REUSE_FROM test_headers)
  add_test(NAME unit_${name} COMMAND unit_${name})
endfunction()
