// Checks of more than one value that stand in files of their own.
#pragma once

#include <cstddef>
#include <string>

#include "tools/config_table.hpp"

namespace fastrsi {

// Whether a proxy's address has a secret in it.
bool has_password(const std::string& proxy);
// Whether more than its owner can read a file.
bool others_can_read(const std::string& file);

void check_delivery_sink(const Config& config, std::size_t index, const Origins& origins,
                         Report& report);

}  // namespace fastrsi
