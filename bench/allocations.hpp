// Counts what the whole process takes from the heap, in every thread and library.
#pragma once

#include <cstdint>

namespace fastrsi::bench {

// Calls of malloc and its relatives so far; operator new calls them.
std::uint64_t allocations() noexcept;

// False under the sanitizers, which have heaps of their own.
bool allocations_are_counted() noexcept;

}  // namespace fastrsi::bench
