#include "engine/executor.hpp"

namespace fastrsi {
namespace {

class PlainExecutor final : public Executor {
 public:
  PlainExecutor(Engine& engine, RecordOutput& publish) : engine_(engine), publish_(publish) {}
  void run(const Message& message) noexcept override { engine_.handle(message, publish_); }

 private:
  Engine& engine_;
  RecordOutput& publish_;
};

}  // namespace

std::unique_ptr<Executor> make_plain_executor(Engine& engine, RecordOutput& publish) {
  return std::make_unique<PlainExecutor>(engine, publish);
}

std::unique_ptr<Executor> make_executor(Engine& engine, RecordOutput& publish) {
#ifdef FASTRSI_PLAIN_EXECUTOR
  return make_plain_executor(engine, publish);
#else
  return make_graph_executor(engine, publish);
#endif
}

}  // namespace fastrsi
