// Checks of more than one value that stand in files of their own.
#pragma once

#include <cstddef>

#include "tools/config_table.hpp"

namespace fastrsi {

void check_delivery_sink(const Config& config, std::size_t index, const Origins& origins,
                         Report& report);

}  // namespace fastrsi
