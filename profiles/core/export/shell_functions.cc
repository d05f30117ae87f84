#include "profiles/core/export/shell_functions.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "profiles/core/export/shell_library.h"

namespace lvs::profiles {
namespace {

/// Lines of the library without an empty one between them, and the functions that they define.
struct Block {
  std::string_view text;
  std::vector<std::string_view> names;
  bool is_needed = false;
};

std::vector<std::string_view> names_in(std::string_view block) {
  constexpr std::string_view opens = "() {";
  std::vector<std::string_view> names;
  for (std::size_t at = block.find(opens); at != std::string_view::npos;
       at = block.find(opens, at + 1)) {
    const std::size_t feed = block.rfind('\n', at);
    const std::size_t begin = feed == std::string_view::npos ? 0 : feed + 1;
    names.push_back(block.substr(begin, at - begin));
  }
  return names;
}

std::vector<Block> blocks_of(std::string_view library) {
  std::vector<Block> blocks;
  while (!library.empty()) {
    const std::size_t end = std::min(library.find("\n\n"), library.size());
    const std::string_view text = library.substr(0, end);
    blocks.push_back({text, names_in(text)});
    library.remove_prefix(std::min(end + 2, library.size()));
  }
  return blocks;
}

bool is_part_of_name(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// True when the text has the name as a word of its own.
bool calls(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool begins = at == 0 || !is_part_of_name(text[at - 1]);
    const bool ends = end == text.size() || !is_part_of_name(text[end]);
    if (begins && ends) return true;
  }
  return false;
}

bool calls_any(std::string_view text, const std::vector<std::string_view>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return calls(text, name); });
}

/// Marks the blocks that the text calls, and what those call.
void mark(std::vector<Block>& blocks, std::string_view text) {
  std::vector<std::string_view> to_read{text};
  while (!to_read.empty()) {
    const std::string_view reading = to_read.back();
    to_read.pop_back();
    for (Block& block : blocks) {
      if (block.is_needed || !calls_any(reading, block.names)) continue;
      block.is_needed = true;
      to_read.push_back(block.text);
    }
  }
}

}  // namespace

std::string functions_for(const std::string& body) {
  // The literal begins and ends with a line feed of its own.
  std::vector<Block> blocks = blocks_of(kShellLibrary.substr(1, kShellLibrary.size() - 2));
  mark(blocks, body);
  std::string text;
  for (const Block& block : blocks)
    if (block.is_needed) text += (text.empty() ? "" : "\n\n") + std::string(block.text);
  return text;
}

}  // namespace lvs::profiles
