// Where test data lies: tests/data in the repository, and the corpus of real captures beside it,
// when it is there.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

namespace fastrsi::testing {

inline std::filesystem::path data_folder() {
  return std::filesystem::path(FASTRSI_SOURCE_DIR) / "tests" / "data";
}

// $FASTRSI_CORPUS, else ../shared/data. Says "skipped" when it is not there.
inline std::optional<std::filesystem::path> corpus_folder() {
  const char* given = std::getenv("FASTRSI_CORPUS");
  const std::filesystem::path folder =
      given != nullptr
          ? given
          : std::filesystem::path(FASTRSI_SOURCE_DIR).parent_path() / "shared" / "data";
  if (std::filesystem::is_directory(folder)) return folder;
  std::cout << "skipped: no corpus\n";
  return std::nullopt;
}

}  // namespace fastrsi::testing
