# Every compiler flag of the project stands here; targets get them through banter_flags.
add_library(banter_flags INTERFACE)
target_compile_features(banter_flags INTERFACE cxx_std_23)
target_compile_options(banter_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror
  -g1 -fno-omit-frame-pointer
  "SHELL:-Xclang -fno-pch-timestamp")  # else ccache cannot keep what uses a precompiled header
target_compile_definitions(banter_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_ARRAY BOOST_ASIO_DISABLE_BOOST_BIND)

set(BANTER_SANITIZE "" CACHE STRING "address, thread or empty")
if(BANTER_SANITIZE STREQUAL "address")
  target_compile_options(banter_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  target_link_options(banter_flags INTERFACE -fsanitize=address,undefined)
elseif(BANTER_SANITIZE STREQUAL "thread")
  target_compile_options(banter_flags INTERFACE -fsanitize=thread)
  target_link_options(banter_flags INTERFACE -fsanitize=thread)
endif()
if(BANTER_DEFECTS)
  target_compile_definitions(banter_flags INTERFACE BANTER_DEFECTS)
endif()
if(BANTER_FUZZ)  # coverage for the fuzz targets; executables without a fuzzer ignore it
  target_compile_options(banter_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_options(banter_flags INTERFACE -fuse-ld=lld)
