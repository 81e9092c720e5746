// Parts of THE table that stand in files of their own.
#pragma once

#include <vector>

#include "tools/config_table.hpp"

namespace fastrsi {

void add_delivery_keys(std::vector<KeyRow>& keys);

}  // namespace fastrsi
