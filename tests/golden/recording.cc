#include "tests/golden/recording.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace lvs::test {

std::optional<std::vector<Json>> read_recordings(const std::string& file) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the test has one thread
  const char* const named = std::getenv("LVSKIT_SHARED");
  std::ifstream in(std::string(named != nullptr ? named : LVSKIT_SHARED_DEFAULT) + "/golden/" +
                   file);
  if (!in) return std::nullopt;
  std::vector<Json> recordings;
  for (std::string line; std::getline(in, line);) {
    Result<Json> recording = parse_json(line);
    if (recording) recordings.push_back(*std::move(recording));
  }
  return recordings;
}

std::string text_of(const Json& object, const std::string& key) {
  const Json* const member = object.find(key);
  const std::string* const text = member == nullptr ? nullptr : member->as_string();
  return text == nullptr ? std::string{} : *text;
}

const Json::Array& items_of(const Json& object, const std::string& key) {
  static const Json::Array kNone;
  const Json* const member = object.find(key);
  const Json::Array* const items = member == nullptr ? nullptr : member->as_array();
  return items == nullptr ? kNone : *items;
}

std::vector<std::string> texts_of(const Json& object, const std::string& key) {
  std::vector<std::string> texts;
  for (const Json& item : items_of(object, key))
    if (const std::string* const text = item.as_string()) texts.push_back(*text);
  return texts;
}

std::size_t number_of(const Json& object, const std::string& key) {
  return static_cast<std::size_t>(object.int_at(key).value_or(0));
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace lvs::test
