// Who runs a shard: the oneTBB flow graph, or plain calls in its place (for TSan, which sees false
// races in Debian's uninstrumented oneTBB, and as the benchmark's yardstick).
#pragma once

#include <memory>

#include "engine/engine.hpp"
#include "engine/record_output.hpp"

namespace fastrsi {

// Owner and thread: the shard's. run() works the message off before it returns: order holds by
// construction.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void run(const Message& message) noexcept = 0;
};

// series node (multifunction_node: emits only on an edge) -> publish node. Both are lightweight,
// unlimited and noexcept, so that try_put runs them inline in the caller's thread; that is
// asserted. `engine` and `publish` must outlive the executor.
std::unique_ptr<Executor> make_graph_executor(Engine& engine, RecordOutput& publish);
std::unique_ptr<Executor> make_plain_executor(Engine& engine, RecordOutput& publish);

// The graph, or plain calls where the build asks for them (FASTRSI_PLAIN_EXECUTOR).
std::unique_ptr<Executor> make_executor(Engine& engine, RecordOutput& publish);

using MakeExecutor = std::unique_ptr<Executor> (*)(Engine& engine, RecordOutput& publish);

}  // namespace fastrsi
