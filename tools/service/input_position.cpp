#include "tools/service/input_position.hpp"

#include "engine/state_archive.hpp"

namespace fastrsi {
namespace {

constexpr std::uint32_t kVersion = 1;

template <typename Archive, typename Position>
void walk(Archive& archive, Position& position) {
  archive.field(position.lines);
  archive.length(position.files);
  for (auto& file : position.files) archive.field(file);
}

}  // namespace

std::string to_bytes(const InputPosition& position) {
  StateWriter writer;
  writer.field(kVersion);
  walk(writer, position);
  return writer.take();
}

std::optional<InputPosition> position_from(std::string_view bytes) {
  StateReader reader(bytes);
  std::uint32_t version = 0;
  reader.field(version);
  InputPosition position;
  walk(reader, position);
  if (version != kVersion || !reader.is_whole()) return std::nullopt;
  return position;
}

}  // namespace fastrsi
