// Arrays as PostgreSQL sends them: any bytes are an array or none.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "store/postgres/values.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto values =
      banter::store::postgres::decode_integers({reinterpret_cast<const char*>(data), size});
  ASSERT(!values || values->size() <= size, "an element takes bytes");
  return 0;
}
