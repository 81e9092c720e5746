#include "feeds/feeds.hpp"
#include "feeds/json.hpp"

namespace fastrsi {

std::string json_kernel() {
  return simdjson::get_active_implementation()->name() + "/" +
         simdjson::builtin_implementation()->name();
}

}  // namespace fastrsi
