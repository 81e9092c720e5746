// Any bytes as a journal's files: it opens, says what it set aside, and works; nothing of what it
// was given is deleted. The input begins with the length of its -wal (u32, little-endian, of the
// whole input's rest), then come the -wal and the database.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "engine/base/assert.hpp"
#include "sinks/journal.hpp"
#include "tests/scratch_folder.hpp"

namespace {

void write(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void use(fastrsi::Journal& journal) {
  const fastrsi::RuleLabel rule{"fuzz", 14, 2, 12};
  const fastrsi::Symbol symbol{"venue", "NAME", "venue:NAME"};
  std::uint64_t last = 0;
  for (const fastrsi::JournalEntry& entry : journal.read(0, 100)) {
    FASTRSI_ASSERT(entry.seq > last);
    last = entry.seq;
    FASTRSI_ASSERT(!to_json(entry).empty());
  }
  journal.checkpoint();
  journal.set_checkpoint({{{"part", "bytes"}}});
  fastrsi::JournalEntry entry;
  entry.signal.rule = &rule;
  entry.signal.symbol = &symbol;
  const bool is_new = journal.add(entry);
  FASTRSI_ASSERT(!is_new || entry.seq > last);
  FASTRSI_ASSERT(journal.commit());
  journal.tidy();
  FASTRSI_ASSERT(!is_new || !journal.find(signal_id(entry.signal)).empty());
  FASTRSI_ASSERT(journal.checkpoint().parts.size() == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size < 4) return 0;
  std::size_t wal_size = 0;
  for (std::size_t i = 4; i-- > 0;) wal_size = wal_size << 8U | data[i];
  wal_size = std::min(wal_size, size - 4);
  const std::string_view wal = input.substr(4, wal_size);
  const std::string_view database = input.substr(4 + wal_size);

  const fastrsi::test::ScratchFolder scratch;
  const std::filesystem::path folder = scratch.path("");
  write(folder / "journal.db", database);
  if (!wal.empty()) write(folder / "journal.db-wal", wal);
  bool said_aside = false;
  {
    fastrsi::JournalSettings settings;
    settings.dir = folder.string();
    settings.ballast_bytes = 0;
    fastrsi::NameStore names;
    fastrsi::Journal journal(
        settings, names,
        [&](const std::string& line) {
          said_aside = said_aside || line.find("kept as") != std::string::npos;
        },
        [] { return std::int64_t{1'723'161'252'000'000'000}; });
    use(journal);
  }
  const std::filesystem::path aside = folder / "journal.db.aside-1";
  FASTRSI_ASSERT(said_aside == std::filesystem::exists(aside));
  if (said_aside) FASTRSI_ASSERT(std::filesystem::file_size(aside) == database.size());
  return 0;
}
