#include "profiles/core/read/syntax_hint.h"

#include <algorithm>
#include <array>
#include <optional>

#include "net/wire/addr_text.h"
#include "profiles/core/read/words.h"

namespace lvs::profiles::reading {
namespace {

/// A word outside quotes that stands where a value is expected.
struct BareWord {
  std::string_view text;
  std::size_t begin = 0;  ///< its byte in the line
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
         std::string_view{"_-.:/+%@*"}.find(c) != std::string_view::npos;
}

/// True when an odd number of quotes stands before the byte: it is inside a text.
bool is_inside_quotes(std::string_view before) {
  return std::count(before.begin(), before.end(), '"') % 2 != 0;
}

/// The word that the byte `at` is in or just behind, if it is a value and not a key.
std::optional<BareWord> bare_word_at(std::string_view line, std::size_t at) {
  std::size_t begin = std::min(at, line.size());
  while (begin > 0 && is_word_character(line[begin - 1])) --begin;
  std::size_t end = begin;
  while (end < line.size() && is_word_character(line[end])) ++end;
  const std::size_t before = line.find_last_not_of(" \t", begin == 0 ? 0 : begin - 1);
  const std::size_t after = line.find_first_not_of(" \t", end);
  if (begin == end || begin == 0 || before == std::string_view::npos) return std::nullopt;
  if (std::string_view{"=[,"}.find(line[before]) == std::string_view::npos) return std::nullopt;
  if (after != std::string_view::npos && line[after] == '=') return std::nullopt;
  if (is_inside_quotes(line.substr(0, begin))) return std::nullopt;
  return BareWord{line.substr(begin, end - begin), begin};
}

/// Where the key of the value at byte `at` begins; `at` itself when there is no key before it.
std::size_t key_begin(std::string_view line, std::size_t at) {
  const std::size_t equals = line.substr(0, at).rfind('=');
  if (equals == std::string_view::npos || equals == 0) return at;
  const std::size_t end = line.find_last_not_of(" \t", equals - 1);
  if (end == std::string_view::npos) return at;
  std::size_t begin = end + 1;
  while (begin > 0 && (is_word_character(line[begin - 1]) || line[begin - 1] == '"')) --begin;
  return begin;
}

struct Explanation {
  std::string message;
  std::string hint;
  std::optional<std::size_t> begin = std::nullopt;  ///< byte of the line, when it is known better
};

Explanation explain_word(const BareWord& word, std::string_view rest) {
  const std::string text{word.text};
  const std::string in_quotes = "write \"" + text + "\"";
  if (parse_ip(text) || parse_prefix(text))
    return {"the address " + text + " is not in quotes", in_quotes, word.begin};
  if (parse_duration(text))
    return {"the duration " + text + " is not in quotes", in_quotes, word.begin};
  if (text == "True" || text == "TRUE" || text == "yes" || text == "on")
    return {"expected true or false, found " + text, "write true", word.begin};
  if (text == "False" || text == "FALSE" || text == "no" || text == "off")
    return {"expected true or false, found " + text, "write false", word.begin};
  if (rest.starts_with('"'))
    return {"a quote is missing at the beginning of " + text, in_quotes, word.begin};
  return {"the text " + text + " is not in quotes", in_quotes, word.begin};
}

/// What the library says of a mistake, and what we say of it.
struct Phrase {
  std::string_view part;  ///< all of these must be in the description
  std::string_view other;
  std::string_view message;
  std::string_view hint;
};
constexpr std::array kPhrases{
    Phrase{"cannot redefine existing", "table header", "this table is said twice",
           "each [host.NAME] is written once; a further service is a [[service]] of its own"},
    Phrase{"cannot redefine existing", "", "this key is said twice", "keep one of the two"},
    Phrase{"string: unescaped control", "", "the text does not end on its line",
           "the closing quote is missing"},
    Phrase{"string: control characters", "", "the text does not end on its line",
           "the closing quote is missing"},
    Phrase{"string: encountered end-of-file", "", "the text does not end",
           "the closing quote is missing"},
    Phrase{"table header: expected ']'", "", "the table's name is not closed",
           "the closing bracket is missing"},
    Phrase{"inline table", "saw '\\n'", "an inline table must end on its line",
           "put { … } on one line, or write a [table]"},
    Phrase{"inline table: expected comma", "", "expected a comma or }",
           "a comma is missing between two keys"},
    Phrase{"array: expected comma", "", "expected a comma or ]",
           "a comma or the closing bracket is missing"},
    Phrase{"array: encountered end-of-file", "", "the list does not end",
           "the closing bracket is missing"},
    Phrase{"expected '='", "", "expected = after the key", "a key is written KEY = VALUE"},
    Phrase{"expected value", "", "the value is missing", "a key is written KEY = VALUE"},
    Phrase{"expected a comment or whitespace", "saw ','", "a second value behind the first",
           "several values are a list: [ …, … ]"},
    Phrase{"leading zeroes", "", "a number does not begin with 0", ""},
    Phrase{"invalid utf-8", "", "the file is not UTF-8 text", ""},
    Phrase{"dangling comma", "", "an inline table does not end with a comma",
           "take the last comma away"},
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

constexpr std::string_view kLead = "Error while parsing ";

Explanation explain_phrase(std::string_view description) {
  const auto* phrase = std::find_if(kPhrases.begin(), kPhrases.end(), [&](const Phrase& candidate) {
    return contains(description, candidate.part) && contains(description, candidate.other);
  });
  if (phrase != kPhrases.end()) return {std::string{phrase->message}, std::string{phrase->hint}};
  if (description.starts_with(kLead)) description.remove_prefix(kLead.size());
  return {"not TOML: " + printable(description), ""};
}

/// “ ” „ ‟ ‘ ’: what word processors make of quotes.
bool begins_with_curly_quote(std::string_view text) {
  return text.starts_with("\xe2\x80\x9c") || text.starts_with("\xe2\x80\x9d") ||
         text.starts_with("\xe2\x80\x9e") || text.starts_with("\xe2\x80\x9f") ||
         text.starts_with("\xe2\x80\x98") || text.starts_with("\xe2\x80\x99");
}

/// A description that a value without quotes may give rise to. A table header, a key or a text
/// that is not closed have nothing to do with it.
bool is_about_a_value(std::string_view description) {
  return !contains(description, "table header") && !contains(description, "string:") &&
         !contains(description, "redefine");
}

Explanation explain_line(std::string_view description, std::string_view line, std::size_t at) {
  if (begins_with_curly_quote(line.substr(std::min(at, line.size()))))
    return {"a typographic quote", "write the plain quote \"", std::nullopt};
  if (is_about_a_value(description)) {
    if (const auto word = bare_word_at(line, at)) {
      const std::string_view rest = line.substr(word->begin + word->text.size());
      const bool is_number = std::all_of(word->text.begin(), word->text.end(), is_digit);
      if (!is_number) return explain_word(*word, rest);
    }
  }
  Explanation explanation = explain_phrase(description);
  if (contains(description, "key-value pair: cannot redefine"))
    explanation.begin = key_begin(line, at);
  return explanation;
}

}  // namespace

ProfileError explain(const SyntaxError& error, const Lines& lines, std::string_view file) {
  Where where = lines.clamp(error.where);
  const std::string_view line = lines.line(where.line);
  const std::size_t at = byte_of_column(line, where.column);
  Explanation explanation = explain_line(error.description, line, at);
  if (explanation.begin)
    where.column =
        static_cast<std::uint32_t>(count_characters(line.substr(0, *explanation.begin)) + 1);
  return {std::string{file}, where, std::move(explanation.message), std::move(explanation.hint),
          lines.shown(where.line)};
}

}  // namespace lvs::profiles::reading
