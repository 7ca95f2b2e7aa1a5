# embed_migrations(target dialect): makes migrations_<dialect>.cpp from migrations/<dialect>/*.sql,
# in the order of their numbers, and adds it to the target. The files are named NNNN_words.sql.
function(embed_migrations target dialect)
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/migrations/${dialect})
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.sql)
  list(SORT files)
  set(rows "")
  set(number 0)
  foreach(file IN LISTS files)
    math(EXPR number "${number} + 1")
    get_filename_component(name ${file} NAME_WE)
    string(REGEX MATCH "^0*([0-9]+)_" _ ${name})
    if(NOT CMAKE_MATCH_1 EQUAL number)
      message(FATAL_ERROR "${file}: expected migration number ${number}")
    endif()
    file(READ ${file} sql)
    string(APPEND rows "    {${number}, \"${name}\", R\"banter_sql(${sql})banter_sql\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/migrations_${dialect}.cpp)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
"#include \"store/migrations/migration.hpp\"

namespace banter::store {
namespace {
constexpr Migration table[] = {
@rows@};
}  // namespace

std::span<const Migration> migrations_${dialect}() { return table; }

}  // namespace banter::store
")
  target_sources(${target} PRIVATE ${source})
endfunction()
