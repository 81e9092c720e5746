#include "sinks/journald_output.hpp"

#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace fastrsi {
namespace {

constexpr const char* kJournalSocket = "/run/systemd/journal/socket";
constexpr const char* kNoJournal = "this system has no journal: nothing listens at ";

// The library says nothing when there is no journal, and the lines would be lost.
bool has_journal() noexcept {
  return ::access(kJournalSocket, F_OK) == 0;
}

// 0, or the number of an error.
int send(std::vector<std::string>& fields) noexcept {
  std::vector<iovec> parts;
  parts.reserve(fields.size());
  for (std::string& field : fields) parts.push_back({field.data(), field.size()});
  if (!has_journal()) return ENOENT;
  // The function: the macro of that name adds a place in this file to our fields.
  const int result = (sd_journal_sendv)(parts.data(), static_cast<int>(parts.size()));
  if (result < 0) return -result;
  return has_journal() ? 0 : ENOENT;
}

}  // namespace

JournaldOutput::JournaldOutput(std::string sink) : sink_(std::move(sink)) {
  if (!has_journal()) {
    throw std::runtime_error("sink " + sink_ + ": " + kNoJournal + kJournalSocket +
                             " (name a file, or - for the screen)");
  }
}

JournaldOutput::~JournaldOutput() {
  JournaldOutput::flush();
}

void JournaldOutput::add_line(std::string_view line, std::uint64_t records, OutputFields fields) {
  constexpr std::string_view kNotice = "PRIORITY=5";
  Entry entry{
      {"MESSAGE=", std::string(kNotice), "SYSLOG_IDENTIFIER=fastrsi", "FASTRSI_SINK=" + sink_},
      records};
  entry.fields.front().append(line);
  for (const OutputField& field : fields) {
    std::string text = "FASTRSI_";
    text.append(field.name).append("=").append(field.value);
    entry.fields.push_back(std::move(text));
  }
  entries_.push_back(std::move(entry));
}

void JournaldOutput::flush() noexcept {
  for (Entry& entry : entries_) {
    const int error = send(entry.fields);
    if (error == 0) continue;
    failed_records_ += entry.records;
    last_error_ = error == ENOENT ? std::string(kNoJournal) + kJournalSocket
                                  : "cannot write to the system's journal: " +
                                        std::generic_category().message(error);
  }
  entries_.clear();
}

}  // namespace fastrsi
