// The one door to oneTBB's flow graph.
//
// Measured: a lightweight node with a noexcept body costs 4 ns a message when nothing fires. A body
// that is not noexcept silently becomes a task (1 us and more), and an exception would make the
// graph drop everything while try_put goes on returning true; so bodies cannot throw, and every put
// is checked to have been worked off.
#include <oneapi/tbb/flow_graph.h>

#include <thread>
#include <tuple>

#include "engine/base/assert.hpp"
#include "engine/executor.hpp"

namespace fastrsi {
namespace {

namespace flow = oneapi::tbb::flow;

using SeriesNode = flow::multifunction_node<const Message*, std::tuple<Record>, flow::lightweight>;
using PublishNode = flow::function_node<Record, flow::continue_msg, flow::lightweight>;

// Sends what the engine says over the series node's edge.
class EdgeOutput final : public RecordOutput {
 public:
  EdgeOutput(SeriesNode::output_ports_type& ports, std::uint64_t& sent)
      : ports_(ports), sent_(sent) {}
  void record(const Record& record) noexcept override {
    ++sent_;
    std::get<0>(ports_).try_put(record);
  }

 private:
  SeriesNode::output_ports_type& ports_;
  std::uint64_t& sent_;
};

class GraphExecutor final : public Executor {
 public:
  GraphExecutor(Engine& engine, RecordOutput& publish)
      : series_(
            graph_, flow::unlimited,
            [this, &engine](const Message* message, SeriesNode::output_ports_type& ports) noexcept {
              FASTRSI_ASSERT(std::this_thread::get_id() == thread_);
              EdgeOutput out(ports, sent_);
              engine.handle(*message, out);
              ++completed_;
            }),
        publish_(graph_, flow::unlimited,
                 [this, &publish](const Record& record) noexcept -> flow::continue_msg {
                   FASTRSI_ASSERT(std::this_thread::get_id() == thread_);
                   publish.record(record);
                   ++published_;
                   return {};
                 }) {
    flow::make_edge(flow::output_port<0>(series_), publish_);
  }
  ~GraphExecutor() override { graph_.wait_for_all(); }

  void run(const Message& message) noexcept override {
    if (put_ == 0) thread_ = std::this_thread::get_id();
    ++put_;
    series_.try_put(&message);
    FASTRSI_ASSERT(completed_ == put_);
    FASTRSI_ASSERT(published_ == sent_);
  }

 private:
  flow::graph graph_;
  std::thread::id thread_;
  std::uint64_t put_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t published_ = 0;
  SeriesNode series_;
  PublishNode publish_;
};

}  // namespace

std::unique_ptr<Executor> make_graph_executor(Engine& engine, RecordOutput& publish) {
  return std::make_unique<GraphExecutor>(engine, publish);
}

}  // namespace fastrsi
