// What the socket asks of the service: records from the window or, older ones, from the journal;
// and commands, which the main thread answers.
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "tools/service/service.hpp"

namespace fastrsi {
namespace {

using CommandJson = nlohmann::json;

// Batches fetched from the journal that no client has come back for.
constexpr std::size_t kFetchedMax = 256;

std::string failure(const std::string& error) {
  return R"("ok":false,"error":)" +
         CommandJson(error).dump(-1, ' ', false, CommandJson::error_handler_t::replace);
}

// A member of a command, or its default; throws when it is of another type.
template <typename T>
T argument(const CommandJson& command, const char* name, T missing) {
  return command.contains(name) ? command.at(name).get<T>() : std::move(missing);
}

using Answer = std::string (*)(Service&, const CommandJson&);

std::string answer_levels(Service& service, const CommandJson& command) {
  return service.levels_json(argument<std::string>(command, "symbol", "*"),
                             argument<std::string>(command, "timeframe", ""));
}
std::string answer_why(Service& service, const CommandJson& command) {
  return service.why_json(command.at("id").get<std::string>());
}
std::string answer_silence(Service& service, const CommandJson& command) {
  return service.silence_json(argument<std::string>(command, "glob", ""),
                              argument<std::int64_t>(command, "seconds", 0));
}
std::string answer_watch(Service& service, const CommandJson& command) {
  return service.watch_json(argument<std::vector<std::string>>(command, "add", {}),
                            argument<std::vector<std::string>>(command, "remove", {}));
}
std::string answer_dead(Service& service, const CommandJson& command) {
  return service.dead_json(
      argument<std::string>(command, "what", "list"), argument<std::string>(command, "sink", ""),
      argument<std::string>(command, "message", ""), argument<std::string>(command, "target", ""));
}

const std::map<std::string, Answer>& answers() {
  static const std::map<std::string, Answer> kAnswers = {
      {"status", [](Service& service, const CommandJson&) { return service.status_json(); }},
      {"scan", [](Service& service, const CommandJson&) { return service.scan_json(); }},
      {"reload", [](Service& service, const CommandJson&) { return service.reload_json(); }},
      {"levels", answer_levels},
      {"why", answer_why},
      {"silence", answer_silence},
      {"watch", answer_watch},
      {"dead", answer_dead}};
  return kAnswers;
}

class SocketHost final : public LocalSocketHost {
 public:
  SocketHost(Service& service, std::function<LocalSocket*()> socket)
      : service_(service), socket_(std::move(socket)) {}

  Span span() override {
    const JournalWindow& window = service_.recorder().window();
    return {window.oldest(), window.newest()};
  }

  bool read(std::uint64_t after, std::size_t most, std::vector<SocketRecordPtr>& out) override {
    std::vector<PublishedPtr> entries;
    if (!service_.recorder().window().read(after, most, entries)) {
      if (!take_fetched(after, entries)) {
        fetch(after, most);
        return false;
      }
    }
    for (PublishedPtr& entry : entries) {
      const SocketRecord* record = &entry->record;
      out.emplace_back(std::move(entry), record);
    }
    return true;
  }

  bool command(std::uint64_t client, const std::string& cmd, const std::string& line) override {
    const auto known = answers().find(cmd);
    if (known == answers().end()) return false;
    service_.post([this, client, cmd, line, answer = known->second] {
      socket_()->answer(client, cmd, answer_to(answer, line));
    });
    return true;
  }

 private:
  std::string answer_to(Answer answer, const std::string& line) {
    try {
      return answer(service_, CommandJson::parse(line));
    } catch (const CommandJson::exception& error) {
      return failure(std::string("a member is missing or of the wrong type: ") + error.what());
    } catch (const std::exception& error) {
      return failure(error.what());
    }
  }

  bool take_fetched(std::uint64_t after, std::vector<PublishedPtr>& entries) {
    const std::lock_guard lock(mutex_);
    const auto found = fetched_.find(after);
    if (found == fetched_.end()) return false;
    entries = std::move(found->second);
    fetched_.erase(found);
    return true;
  }

  void fetch(std::uint64_t after, std::size_t most) {
    {
      const std::lock_guard lock(mutex_);
      if (!asked_.insert(after).second) return;
      if (fetched_.size() >= kFetchedMax) fetched_.clear();
    }
    service_.recorder().post([this, after, most](Journal& journal) {
      std::vector<PublishedPtr> entries;
      for (JournalEntry& entry : journal.read(after, most)) {
        entries.push_back(publish_form_of(std::move(entry)));
      }
      {
        const std::lock_guard lock(mutex_);
        asked_.erase(after);
        fetched_[after] = std::move(entries);
      }
      if (LocalSocket* socket = socket_()) socket->wake();
    });
  }

  Service& service_;
  const std::function<LocalSocket*()> socket_;
  std::mutex mutex_;
  std::set<std::uint64_t> asked_;
  std::map<std::uint64_t, std::vector<PublishedPtr>> fetched_;  // by the seq they come after
};

}  // namespace

std::unique_ptr<LocalSocketHost> make_socket_host(Service& service,
                                                  std::function<LocalSocket*()> socket) {
  return std::make_unique<SocketHost>(service, std::move(socket));
}

}  // namespace fastrsi
