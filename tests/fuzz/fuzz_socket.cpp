// Any bytes from a client of the local socket, in chunks of any size (the first byte): each line is
// found as it was sent, and has one answer, which is one line of JSON.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/assert.hpp"
#include "sinks/local_socket_protocol.hpp"

namespace {

using fastrsi::ClientCommand;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void check_answer(const std::string& line) {
  FASTRSI_ASSERT(line.back() == '\n');
  FASTRSI_ASSERT(line.find('\n') == line.size() - 1);
  const auto json = nlohmann::json::parse(line);
  FASTRSI_ASSERT(json.is_object());
  FASTRSI_ASSERT(json.contains("type"));
}

void check_command(const std::string& line) {
  ClientCommand command = fastrsi::parse_command(line);
  const bool failed = command.what == ClientCommand::What::Error;
  FASTRSI_ASSERT(failed == !command.error.empty());
  FASTRSI_ASSERT(failed || !command.cmd.empty());
  check_answer(fastrsi::error_line(command.error));
  check_answer(fastrsi::refusal_line(command.cmd, command.error));
  check_answer(fastrsi::ok_line(command.cmd));
  if (command.what != ClientCommand::What::Subscribe) return;
  fastrsi::SocketRecord record;
  record.symbol = line.substr(0, 20);
  const bool wanted = command.filter.wants(record);
  FASTRSI_ASSERT(command.filter.wants(record) == wanted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t chunk = std::size_t{data[0]} * data[0] + 1;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto wanted = lines_of(text);
  std::size_t found = 0;
  fastrsi::LineSplitter splitter;
  const auto take = [&] {
    while (const auto line = splitter.next()) {
      FASTRSI_ASSERT(found < wanted.size());
      FASTRSI_ASSERT(line->too_long == (wanted[found].size() > fastrsi::kSocketLineBytesMax));
      FASTRSI_ASSERT(line->too_long || line->text == wanted[found]);
      if (!line->too_long) check_command(line->text);
      ++found;
    }
  };
  for (std::size_t i = 0; i < text.size(); i += chunk) {
    splitter.add(text.substr(i, chunk));
    take();
  }
  splitter.end();
  take();
  FASTRSI_ASSERT(found == wanted.size());
  return 0;
}
