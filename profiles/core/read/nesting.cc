#include "profiles/core/read/nesting.h"

namespace lvs::profiles::reading {
namespace {

/// Walks over TOML text just well enough to know what is inside quotes or a comment. Up to the
/// first syntax error it agrees with a real parser; what comes after that is never parsed.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<Where> run() {
    while (at_ < text_.size()) {
      step();
      if (brackets_ > kMaxBrackets || parts_ > kMaxKeyParts) return position();
    }
    return std::nullopt;
  }

 private:
  bool sees(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  void step() {
    const char c = text_[at_];
    if (c == '#') return skip_comment();
    if (sees(R"(""")") || sees("'''")) return skip_long_string(c);
    if (c == '"' || c == '\'') return skip_string(c);
    ++at_;
    count(c);
  }

  void count(char c) {
    const bool is_name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (c == '[' || c == '{') ++brackets_;
    if ((c == ']' || c == '}') && brackets_ > 0) --brackets_;
    if (c == '.') ++parts_;
    if (c != '.' && c != ' ' && c != '\t' && !is_name) parts_ = 1;
  }

  void skip_comment() {
    const std::size_t end = text_.find('\n', at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
  }

  void skip_string(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') return;
      if (text_[at_] == '\\' && quote == '"') {
        ++at_;
      } else if (text_[at_] == quote) {
        ++at_;
        return;
      }
    }
  }

  /// A long string may end in up to five quotes: two of its own before the three that close it.
  void skip_long_string(char quote) {
    const std::string_view close = quote == '"' ? R"(""")" : "'''";
    for (at_ += 3; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\' && quote == '"') {
        ++at_;
      } else if (sees(close)) {
        at_ += 3;
        for (int own = 0; own < 2 && at_ < text_.size() && text_[at_] == quote; ++own) ++at_;
        return;
      }
    }
  }

  Where position() const {
    Where where{1, 0};
    for (const char c : text_.substr(0, at_)) {
      const bool continues = (static_cast<unsigned char>(c) & 0xc0u) == 0x80u;
      if (c == '\n') {
        ++where.line;
        where.column = 0;
      } else if (!continues) {
        ++where.column;
      }
    }
    return where;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t brackets_ = 0;
  std::size_t parts_ = 1;
};

}  // namespace

std::optional<Where> find_too_deep(std::string_view text) { return Scanner{text}.run(); }

}  // namespace lvs::profiles::reading
