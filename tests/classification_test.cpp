// Every recorded message of the houses whose markets we read: none is left unknown. The table of
// what each became is tests/data/classification/messages.txt; that of the captures is made where
// their trades are counted (parser_corpus_test.cpp).
#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/classification.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;

namespace {

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string file_bytes(const std::filesystem::path& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void classify(const std::string& file, const std::string& venue, const std::string& frame,
              testing::Classification& table) {
  testing::FrameTester tester{make_parser(venue, TradeStream::FirstSeen)};
  const FrameEvents& events = tester.parse(frame);
  table.add(file, events);
  INFO(file << ": " << frame.substr(0, 300));
  CHECK(testing::is_consistent(events));
  CHECK(events.reject != Reject::UnknownMessage);
  // Samples of documentation have times of 1973.
  CHECK((events.rejected_trades == 0 || events.reject == Reject::BadTime));
}

}  // namespace

TEST_CASE("classification: no recorded message of our venues' houses is unknown",
          "[corpus][parsers][classification]") {
  const auto corpus = testing::corpus_folder();
  if (!corpus) return;
  testing::Classification table;
  for (const auto& path : files_of(*corpus / "messages" / "tardis")) {
    const std::string name = path.filename().string();
    const std::string venue = testing::venue_of_file(name);
    std::ifstream file{path};
    for (std::string line; !venue.empty() && std::getline(file, line);) {
      classify("tardis/" + name, venue, line, table);
    }
  }
  for (const auto& folder : files_of(*corpus / "messages" / "nautilus")) {
    const std::string name = folder.filename().string();
    const std::string venue = testing::venue_of_file(name);
    if (venue.empty()) continue;
    for (const auto& path : files_of(folder)) {
      classify("nautilus/" + name + "/" + path.filename().string(), venue, file_bytes(path), table);
    }
  }
  const std::string text = table.text();
  std::cout << text;
  CHECK(text == testing::golden_classification("messages.txt", text));
}
